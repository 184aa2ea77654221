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

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// Probe shakes hands with every address of every host on every port.
func (c *tlsCheck) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	type target struct {
		host value.Host
		port uint16
	}
	own, unfit, err := c.trust.own(ctx, t)
	if err != nil || unfit.Verdict != "" {
		return unfit, err
	}
	var targets []target
	for _, h := range c.hosts.list() {
		for _, p := range c.portList().All() {
			targets = append(targets, target{h, p})
		}
	}
	found := make([]reached, len(targets))
	inTurn(len(targets), func(i int, begun func()) {
		begun()
		o := opening{trust: &c.trust, host: targets[i].host, port: targets[i].port, name: string(c.ServerName), alpn: c.ALPN, alone: true, first: c.StartTLS, own: own}
		found[i] = o.all(ctx, t)
		found[i].close()
	})
	var out engine.Outcome
	var first error
	var remarks []string
	var names []*here
	for i, f := range found {
		out.Results = append(out.Results, f.results...)
		names = append(names, f.here)
		if f.err != nil && first == nil {
			first = f.err
		}
		for _, r := range f.remarks {
			if len(targets) > 1 {
				r = fmt.Sprintf("%s:%d: %s", targets[i].host, targets[i].port, r)
			}
			remarks = append(remarks, r)
		}
	}
	if first == nil {
		warn(&out, remarks, names)
	}
	return out, first
}

// serverName is the name that the certificate must bear.
func (o *opening) serverName() string {
	if o.name != "" {
		return o.name
	}
	return string(o.host)
}

// alertPatience is how long a server that asked for a client certificate may
// take to say that it insists: its answer needs one more round trip.
const alertPatience = 300 * time.Millisecond

func (o *opening) handshake(ctx context.Context, t *engine.Trace, a *arrival) error {
	return t.Step(ctx, result.OpHandshake, func(ctx context.Context, s *engine.Step) error {
		o.note(s, a)
		s.Set("tls.client.server_name", o.serverName())
		hello := talk.HelloOptions{ServerName: o.serverName(), ALPN: o.alpn, Certificate: o.own}
		if o.keeps {
			a.session = new(talk.Sessions)
			hello.Sessions = a.session
		}
		h, err := talk.Handshake(ctx, a.conn, hello)
		if err != nil {
			return noteHandshake(s, a, err)
		}
		a.hello = h
		s.Set("tls.protocol.version", versionName(h.Version))
		s.Set("tls.cipher", cipherName(h.Cipher))
		if h.Group != 0 {
			s.Set("tls.curve", h.Group.String())
		}
		if h.ALPN != "" {
			s.Set("tls.next_protocol", talk.Clean(h.ALPN, 64))
		}
		a.result.Note = "TLS " + versionName(h.Version)
		a.remarks = append(a.remarks, ownRemarks(o.own, h, time.Now())...)
		if h.Wanted {
			s.Set("tls.client_certificate_wanted", true)
			if h.Unfit {
				s.Set("tls.client_certificate_unfit", true)
			}
			if o.alone && h.Version == tls.VersionTLS13 {
				if err := h.AwaitAlert(ctx, alertPatience+3*a.conn.RTT); err != nil {
					return noteHandshake(s, a, err)
				}
			}
		}
		if low := o.trust.minVersion(); h.Version < low {
			return engine.Failed(result.FailTLSVersion, fmt.Errorf("the server speaks TLS %s at most, required is %s", versionName(h.Version), versionName(low)))
		}
		if len(o.alpn) > 0 && h.ALPN == "" && o.alone {
			return engine.Failed(result.FailALPN, fmt.Errorf("the server chose none of the protocols %s", strings.Join(o.alpn, ", ")))
		}
		return nil
	})
}

// note records with whom a step spoke.
func (o *opening) note(s *engine.Step, a *arrival) {
	s.Set("server.address", string(o.host))
	if a.proxy != nil {
		s.Set("server.port", int(o.port))
	}
	notePeer(s, a)
}

// notePeer records the address that was reached. Through a proxy that is the
// proxy's business.
func notePeer(s *engine.Step, a *arrival) {
	if a.proxy == nil {
		s.Set("network.peer.address", a.to.Addr().String())
		s.Set("network.peer.port", int(a.to.Port()))
	}
}

// cipherNames is a table: crypto/tls makes the whole list anew for each name.
var cipherNames = func() map[uint16]string {
	names := make(map[uint16]string)
	for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		names[s.ID] = s.Name
	}
	return names
}()

func cipherName(id uint16) string {
	if name, ok := cipherNames[id]; ok {
		return name
	}
	return tls.CipherSuiteName(id)
}

// noteHandshake records what a failed handshake told.
func noteHandshake(s *engine.Step, a *arrival, err error) error {
	te, ok := errors.AsType[*talk.TLSError](err)
	if !ok {
		return err
	}
	if te.Alert >= 0 {
		s.Set("tls.alert", te.Alert)
		s.Set("tls.alert_name", tls.AlertError(te.Alert).Error())
	}
	if te.Code == result.FailNotTLS {
		s.Set("tls.first_bytes", te.First)
		if p := talk.Recognise(te.Raw); p.Proto != "other" {
			s.Set("network.protocol.name", p.Proto)
		}
	}
	if te.Got > 0 {
		s.Set("tls.received_bytes", te.Got)
	}
	if ev := brokenOff(a.conn, te.Code, te.Err); ev != nil {
		s.Evidence(*ev)
		a.result.Evidence = ev
	}
	return err
}

// brokenOff is what the system knows of a connection that stalled or broke
// with this failure; nil if nothing, or if the other side has spoken.
func brokenOff(conn *dial.Conn, f result.Failure, err error) *result.Evidence {
	ev := &result.Evidence{}
	switch f {
	case result.FailTimeout, result.FailReset, result.FailEOF:
		ev.TCP = conn.TCPInfo()
	}
	_, ev.Errno = dial.Classify(err)
	if ev.Empty() {
		return nil
	}
	return ev
}

// verify judges the certificate, twice: by this system's roots and by the
// public ones. What the product would put up with becomes a remark.
func (o *opening) verify(ctx context.Context, t *engine.Trace, to netip.Addr, a *arrival) error {
	fatal := false
	err := t.Step(ctx, result.OpVerify, func(_ context.Context, s *engine.Step) error {
		o.note(s, a)
		now := time.Now()
		v := talk.Verify(a.hello.Chain, o.serverName(), now, talk.VerifyOptions{Extra: t.Env.Roots, Public: o.trust.asksPublic(), PublicRoots: t.Env.Public})
		noteChain(s, a.hello, v)
		a.public = v.Public == nil && v.Name == nil && v.Dates == nil
		defects := o.trust.judge(a.hello.Chain, v, to, t.Env.Roots != nil, now)
		if len(defects) == 0 {
			return nil
		}
		worst := defects[0]
		var all []string
		for _, d := range defects {
			all = append(all, string(d.code))
			if d.fatal && !worst.fatal {
				worst = d
			}
		}
		s.Set("tls.defects", all)
		fatal = worst.fatal
		return engine.Failed(worst.code, errors.New(worst.text))
	})
	if err != nil && !fatal {
		a.remarks = append(a.remarks, err.Error())
		a.result.Failure = engine.Classify(err)
		return nil
	}
	return err
}
