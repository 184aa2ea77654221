package checks

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// ftpSession is a session on an FTP server, step by step. It reads, and has no
// command that would change anything on the server.
type ftpSession struct {
	t      *engine.Trace
	server *ftpServer
	hide   hidden
	way    opening
	at     reached
	leave  func() // lets the next session at this server begin
	talk   *talk.FTP

	dead      bool // the control connection has ended
	secure    bool // the control connection is under TLS
	spoke     bool // and something was heard by it
	offersTLS bool // the server says that it would be
	noTLS     bool // and when it was asked it was not
	sealed    bool // data connections are under TLS too
	features  []string
	noEPSV    bool // the server does not know the command
	noMLSD    bool
	ports     []uint16        // that were offered for data connections
	madeUpFor []result.Result // connects to some of them that failed, and were made up for
	elsewhere netip.Addr      // that the server named for them, and is not its own
	unknown   int             // lines of listings that were not understood
	cut       bool            // a listing was longer than was read

	results []result.Result
	remarks []string
}

func newFTPSession(t *engine.Trace, server *ftpServer) *ftpSession {
	s := &ftpSession{t: t, server: server}
	if p := server.Password.Reveal(); len(p) >= minSecret {
		s.hide = hidden{p, talk.Clean(p, len(p))}
	}
	s.way = opening{
		trust: &server.trust, host: server.Host, port: server.port(), plain: server.Security != ftpImplicit,
		keeps: true, // a server may demand that its data connections go on with this one's session
	}
	return s
}

// open connects, waits for the greeting and asks for TLS, as far as the profile
// wants it.
func (s *ftpSession) open(ctx context.Context) error {
	s.leave = takeTurn(ctx, s.t, s.way.host, s.way.port)
	s.at = s.way.all(ctx, s.t)
	s.results = s.at.results
	s.remarks = append(s.remarks, s.at.remarks...)
	if s.at.err != nil {
		return s.at.err
	}
	s.secure = s.at.hello != nil
	if s.secure {
		s.talk = talk.NewFTP(s.at.hello.Conn)
	} else {
		s.talk = talk.NewFTP(s.at.conn)
	}
	if err := s.greeting(ctx); err != nil {
		return err
	}
	if s.server.Security == ftpPlain || s.secure {
		return nil
	}
	return s.startTLS(ctx)
}

// close says goodbye, as a server's log likes it, and hangs up.
func (s *ftpSession) close() {
	if s.talk != nil {
		s.talk.Quit()
	}
	s.at.close()
	if s.leave != nil {
		s.leave()
	}
}

// result is that of the address that was spoken with.
func (s *ftpSession) result() *result.Result {
	i := slices.IndexFunc(s.results, func(r result.Result) bool { return r.Address == s.at.result.Address })
	return &s.results[max(i, 0)]
}

// step is a step of the conversation.
func (s *ftpSession) step(ctx context.Context, op result.Op, f func(ctx context.Context, st *engine.Step) error) error {
	return s.t.Step(s.via(ctx), op, func(ctx context.Context, st *engine.Step) error {
		s.way.note(st, s.at.arrival)
		return f(ctx, st)
	})
}

// considerate is how long a server may take where it thinks on purpose: of a
// wrong login most say so after some seconds only, and before the greeting many
// look up who is calling. Where a run sets a shorter time than the usual one, it
// is three times that.
const considerate = 10 * time.Second

// slowly is a step in which a server takes its time.
func (s *ftpSession) slowly(ctx context.Context, op result.Op, f func(ctx context.Context, st *engine.Step) error) error {
	return s.t.Span(s.via(ctx), op, func(ctx context.Context, st *engine.Step) error {
		ctx, cancel := withTimeout(ctx, max(s.t.Env.Timeout, min(3*s.t.Env.Timeout, considerate)))
		defer cancel()
		s.way.note(st, s.at.arrival)
		return f(ctx, st)
	})
}

// via marks steps by the way of the connection.
func (s *ftpSession) via(ctx context.Context) context.Context { return engine.Via(ctx, s.at.proxy) }

// say sends a command within a step and records what comes back.
func (s *ftpSession) say(ctx context.Context, st *engine.Step, verb, arg string) (*talk.FTPReply, error) {
	st.Set("ftp.command", verb)
	return s.heard(st, verb)(s.talk.Command(ctx, verb, arg))
}

// heard records a reply within a step. A server that is about to hang up says
// so in answer to anything.
func (s *ftpSession) heard(st *engine.Step, after string) func(*talk.FTPReply, error) (*talk.FTPReply, error) {
	return func(r *talk.FTPReply, err error) (*talk.FTPReply, error) {
		if err != nil {
			return nil, s.broken(st, after, err)
		}
		st.Set("ftp.reply_code", r.Code)
		st.Set("ftp.reply", s.hide.clean(r.String(), 200))
		s.spoke = s.spoke || s.secure
		if r.Code == talk.FTPGoingDown {
			s.dead = true
			return r, s.refusal(result.FailFTPUnavailable, after, r)
		}
		return r, nil
	}
}

// refusal is a reply as an error.
func (s *ftpSession) refusal(f result.Failure, after string, r *talk.FTPReply) error {
	return engine.Failed(f, fmt.Errorf("after %s the server said %q", after, s.hide.clean(r.String(), 200)))
}

// broken names the error of a conversation that ended, with what the system
// knows of it.
func (s *ftpSession) broken(st *engine.Step, after string, err error) error {
	s.dead = true
	f := engine.Classify(err)
	if s.at.hello != nil && f == result.FailOther {
		if ended := s.at.hello.Ended(); ended != nil {
			f = engine.Classify(ended)
		}
	}
	if ev := brokenOff(s.at.conn, f, err); ev != nil {
		st.Evidence(*ev)
	}
	if objected := s.overCertificate(st, f, err); objected != nil {
		return objected
	}
	fe, ok := errors.AsType[*talk.FTPError](err)
	if !ok || fe.Code != result.FailReply {
		return engine.Failed(f, fmt.Errorf("after %s: %s", after, s.hide.clean(err.Error(), 200)))
	}
	if p := talk.Recognise(fe.Raw); len(fe.Raw) > 0 && p.Proto != "other" && p.Proto != "ftp" {
		st.Set("network.protocol.name", p.Proto)
		return engine.Failed(f, errors.New(s.hide.clean("the answer is not FTP but "+p.String(), 200)))
	}
	if len(fe.Raw) > 0 {
		st.Set("ftp.first_bytes", s.hide.clean(string(fe.Raw), 64))
	}
	return engine.Failed(f, errors.New(s.hide.clean(err.Error(), 200)))
}

// overCertificate is a server's objection to our certificate, or to having got
// none: in TLS 1.3 it comes after the handshake, with the first reply. It may be
// lost where the server hangs up before our command is read.
func (s *ftpSession) overCertificate(st *engine.Step, f result.Failure, err error) error {
	h := s.at.hello
	if h == nil || s.spoke {
		return nil
	}
	n, isAlert := talk.Alert(err)
	if !isAlert {
		n, isAlert = talk.Alert(h.Ended())
	}
	text := errors.New(s.hide.clean(err.Error(), 200))
	switch {
	case isAlert:
		st.Set("tls.alert", n)
		st.Set("tls.alert_name", tls.AlertError(n).Error())
		return engine.Failed(h.AlertFailure(n), text)
	case h.Wanted && !h.Given && (f == result.FailReset || f == result.FailEOF):
		return engine.Failed(result.FailTLSClientCert, fmt.Errorf("the server asked for a client certificate and then hung up: %w", text))
	}
	return nil
}

// greeting waits for the server to say that it is there.
func (s *ftpSession) greeting(ctx context.Context) error {
	return s.slowly(ctx, result.OpGreeting, func(ctx context.Context, st *engine.Step) error {
		const at = "the connect"
		r, err := s.heard(st, at)(s.talk.Reply(ctx))
		if err == nil && r.Is(1) { // 120: ready in a while
			st.Set("ftp.not_yet", s.hide.clean(r.String(), 200))
			later := r
			if r, err = s.heard(st, at)(s.talk.Reply(ctx)); err != nil {
				return s.refusal(result.FailFTPUnavailable, at, later) // and it did not get ready
			}
		}
		if err != nil {
			return err
		}
		if p := talk.Recognise([]byte(r.String())); p.Proto == "smtp" {
			st.Set("network.protocol.name", p.Proto)
			return engine.Failed(result.FailReply, errors.New(s.hide.clean("the answer is not FTP but "+p.String(), 200)))
		}
		s.result().Note = s.hide.clean("FTP "+r.String(), 100)
		if !r.Is(2) {
			return s.refusal(result.FailFTPUnavailable, at, r)
		}
		return nil
	})
}

// startTLS asks for TLS (RFC 4217). With security auto a server may refuse, and
// a certificate that it shows is better than none: what is wrong with it is a
// remark.
func (s *ftpSession) startTLS(ctx context.Context) error {
	must := s.server.Security == ftpExplicit
	agreed := false
	err := s.step(ctx, result.OpStartTLS, func(ctx context.Context, st *engine.Step) error {
		r, err := s.say(ctx, st, "AUTH", "TLS")
		if err != nil {
			return err
		}
		if agreed = r.Code == 234 || r.Code == 334; agreed {
			return s.talk.Silent()
		}
		s.noTLS = true
		if !must {
			return nil
		}
		return s.refusal(result.FailFTPNoTLS, "AUTH TLS", r)
	})
	if err != nil || !agreed {
		return err
	}
	if err := s.way.handshake(s.via(ctx), s.t, s.at.arrival); err != nil {
		s.result().Failure = engine.Classify(err)
		return err
	}
	s.secure = true
	s.talk.Secure(s.at.hello)
	err = s.way.verify(s.via(ctx), s.t, s.at.to.Addr(), s.at.arrival)
	s.remarks = append(s.remarks, s.at.arrival.remarks...)
	if err == nil {
		return nil
	}
	s.result().Failure = engine.Classify(err)
	if must {
		return err
	}
	s.remarks = append(s.remarks, err.Error())
	return nil
}

// learn asks what the server can do (RFC 2389). It need not say.
func (s *ftpSession) learn(ctx context.Context) error {
	return s.step(ctx, result.OpFeatures, func(ctx context.Context, st *engine.Step) error {
		r, err := s.say(ctx, st, "FEAT", "")
		if err != nil {
			return err
		}
		st.Set("ftp.reply", fmt.Sprint(r.Code)) // the rest is the list
		if r.Code != 211 || len(r.Lines) < 2 {
			return nil
		}
		s.features = nil
		lines := r.Lines[1:]
		if last := lines[len(lines)-1]; strings.HasPrefix(strings.ToUpper(last), "END") { // some end the list without a word
			lines = lines[:len(lines)-1]
		}
		for _, line := range lines {
			s.features = append(s.features, strings.ToUpper(strings.TrimSpace(line)))
		}
		s.offersTLS = !s.noTLS && slices.ContainsFunc(s.features, func(f string) bool { return strings.HasPrefix(f, "AUTH ") && strings.Contains(f, "TLS") })
		var shown []string
		for _, f := range s.features[:min(len(s.features), maxFeatures)] {
			shown = append(shown, s.hide.clean(f, 40))
		}
		st.Set("ftp.features", shown)
		return nil
	})
}

// maxFeatures bounds how much of a server's list is recorded.
const maxFeatures = 30

// has reports whether the server says that it knows a command.
func (s *ftpSession) has(feature string) bool {
	return slices.ContainsFunc(s.features, func(f string) bool { return f == feature || strings.HasPrefix(f, feature+" ") })
}
