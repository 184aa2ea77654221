package followup

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// The follow-ups of a TLS handshake that stalled or broke. They ask the same
// server again with one thing changed at a time, so that what makes the
// difference is known; the name's part is told by another name at the same
// address and by the same name at another address.
var (
	hello = Followup{
		Name:  "hello",
		Doc:   "Where a TLS handshake stalled or broke: the same server again, unchanged, with a small ClientHello, in small segments, without a name, in plain HTTP, with the end of a plain request after the ClientHello, and a ClientHello at rising TTL.",
		Wants: func(_ *Seen, c *result.Check) []result.Subject { return stalled(c) },
		Look:  lookHello,
	}
	otherName = Followup{
		Name:  "other-name",
		Doc:   "Where a TLS handshake stalled or broke: the same address asked for another host of the profile.",
		Wants: wantsOtherName,
		Look:  lookNamed,
	}
	otherAddress = Followup{
		Name:  "other-address",
		Doc:   "Where a TLS handshake stalled or broke: the same name asked for at another host of the profile, which speaks TLS.",
		Wants: wantsOtherAddress,
		Look:  lookNamed,
	}
)

const (
	// handshakePatience is how long a handshake is waited for here: a
	// ClientHello that gets lost is sent again after 0.2, 0.6, 1.4 and 3 s, by
	// which loss differs from silence; and it is what follow-ups have in all.
	handshakePatience = 3500 * time.Millisecond
	// others is how many other names or addresses are asked: two that agree
	// leave little to chance.
	others = 2
	// candidates is among how many of a run's hosts those are sought.
	candidates = 64
	// smallSegment is what every way carries (RFC 9293, 3.7.1), and still has a
	// server's name in the first of a ClientHello.
	smallSegment = 536
)

// smallHello fits one segment: Go's own, with a post-quantum key, needs two.
var smallHello = []tls.CurveID{tls.X25519, tls.CurveP256}

// stalled are the servers whose handshake with a check stalled or broke before
// either side had an opinion of the other; alerts may be a filter's as well.
func stalled(c *result.Check) []result.Subject {
	if !failing(c) {
		return nil
	}
	var subjects []result.Subject
	for i := range c.Steps {
		st := &c.Steps[i]
		if st.Op != result.OpHandshake || !slices.Contains([]result.Failure{result.FailTimeout, result.FailReset, result.FailEOF, result.FailTLSAlert}, st.Failure) {
			continue
		}
		if s := peer(st); s.Port > 0 && !inWords(c, st) && !slices.Contains(subjects, s) {
			subjects = append(subjects, s)
		}
	}
	return subjects
}

// inWords tells whether TLS was asked for in words before the handshake of a
// step, as on a port of mail or FTP: a ClientHello there by itself is answered
// by a complaint, whatever became of the other.
func inWords(c *result.Check, handshake *result.Step) bool {
	at := peer(handshake)
	return slices.ContainsFunc(c.Steps, func(st result.Step) bool {
		s := peer(&st)
		return st.Op == result.OpStartTLS && s.Address == at.Address && s.Port == at.Port
	})
}

// failing tells whether a check has something to explain.
func failing(c *result.Check) bool {
	return slices.Contains([]result.Verdict{result.Fail, result.Warn, result.Inconclusive}, c.Verdict)
}

// peer is whom a step spoke with, by the name that it used.
func peer(st *result.Step) result.Subject {
	text := func(key string) string { s, _ := st.Facts[key].(string); return s }
	port, _ := st.Facts["network.peer.port"].(int)
	return result.Subject{
		Host:    cmp.Or(text("tls.client.server_name"), text("server.address")),
		Address: text("network.peer.address"), Port: port, Proto: "tcp",
	}
}

// endpoint is where to find a subject.
func endpoint(s result.Subject) (netip.AddrPort, bool) {
	a, err := netip.ParseAddr(s.Address)
	return netip.AddrPortFrom(a, uint16(s.Port)), err == nil && s.Port > 0 && s.Port < 1<<16
}

// greeted are servers that a run had a handshake with.
func greeted(r *result.Report) []result.Subject {
	var subjects []result.Subject
	for i := range r.Checks {
		for j := range r.Checks[i].Steps {
			st := &r.Checks[i].Steps[j]
			if st.Op != result.OpHandshake || st.Failure != "" || st.Via != "" {
				continue
			}
			if s := peer(st); !slices.Contains(subjects, s) {
				subjects = append(subjects, s)
			}
			if len(subjects) == candidates {
				return subjects
			}
		}
	}
	return subjects
}

// wantsOtherName picks names that their own servers answered to; a filter of a
// whole domain would swallow a sister's name too, so those of other domains go
// first.
func wantsOtherName(s *Seen, c *result.Check) []result.Subject {
	var subjects []result.Subject
	for _, at := range stalled(c) {
		for _, o := range strangersFirst(at.Host, greeted(s.Report)) {
			ask := at
			if ask.Host = o.Host; isName(o.Host) && o.Host != at.Host && !slices.Contains(subjects, ask) {
				if subjects = append(subjects, ask); countAt(subjects, at.Address) == others {
					break
				}
			}
		}
	}
	return subjects
}

func wantsOtherAddress(s *Seen, c *result.Check) []result.Subject {
	var subjects []result.Subject
	for _, at := range stalled(c) {
		n := 0
		for _, o := range strangersFirst(at.Host, greeted(s.Report)) {
			if isName(at.Host) && o.Host != at.Host && o.Address != at.Address && n < others {
				n++
				o.Host = at.Host
				subjects = append(subjects, o)
			}
		}
	}
	return subjects
}

func countAt(subjects []result.Subject, address string) int {
	n := 0
	for _, s := range subjects {
		if s.Address == address {
			n++
		}
	}
	return n
}

func isName(host string) bool {
	_, err := netip.ParseAddr(host)
	return host != "" && err != nil
}

// lookNamed shakes hands with an address, in a name that may not be its own.
func lookNamed(ctx context.Context, t *engine.Trace, s result.Subject) error {
	if to, ok := endpoint(s); ok {
		greet(ctx, t, to, "", dial.ConnectOptions{}, talk.HelloOptions{ServerName: s.Host})
	}
	return nil
}

func lookHello(ctx context.Context, t *engine.Trace, s result.Subject) error {
	to, ok := endpoint(s)
	if !ok {
		return nil
	}
	named := talk.HelloOptions{ServerName: s.Host}
	small := talk.HelloOptions{ServerName: s.Host, Curves: smallHello}
	var all sync.WaitGroup
	all.Go(func() { greet(ctx, t, to, "repeat", dial.ConnectOptions{}, named) })
	smallWorks, segmentsWork := make(chan bool, 1), make(chan bool, 1)
	all.Go(func() { smallWorks <- greet(ctx, t, to, "small", dial.ConnectOptions{}, small) })
	all.Go(func() {
		segmentsWork <- greet(ctx, t, to, "segments", dial.ConnectOptions{MaxSegment: smallSegment}, named)
	})
	if isName(s.Host) {
		all.Go(func() { greet(ctx, t, to, "no-name", dial.ConnectOptions{}, talk.HelloOptions{}) })
	}
	all.Go(func() { plainly.ask(ctx, t, to, s.Host, "plain", dial.ConnectOptions{}) })
	all.Go(func() { asText(ctx, t, to, s.Host) })
	all.Go(func() { farAs(ctx, t, to, s.Host, smallWorks, segmentsWork) })
	all.Wait()
	return nil
}

// greet shakes hands once, as a step that says what was different about it, and
// tells whether that worked. What the system can't do is left out.
func greet(ctx context.Context, t *engine.Trace, to netip.AddrPort, variant string, c dial.ConnectOptions, h talk.HelloOptions) bool {
	ctx, cancel := context.WithTimeout(ctx, handshakePatience)
	defer cancel()
	conn, err := connectWith(ctx, t, to, c)
	if errors.Is(err, errors.ErrUnsupported) {
		return false
	}
	return nil == t.Span(ctx, result.OpHandshake, func(ctx context.Context, s *engine.Step) error {
		about(s, to, variant)
		s.Set("tls.client.server_name", h.ServerName)
		if err != nil {
			return err
		}
		defer conn.Close()
		done, err := talk.Handshake(ctx, conn, h)
		if err != nil {
			return broken(s, conn, err)
		}
		defer done.Conn.Close()
		s.Set("tls.protocol.version", tls.VersionName(done.Version))
		if len(done.Chain) > 0 {
			s.Set("tls.server.subject", talk.Clean(done.Chain[0].Subject.String(), 200))
			s.Set("tls.server.issuer", talk.Clean(done.Chain[0].Issuer.String(), 200))
		}
		return nil
	})
}

// connectWith is a connect by the usual way unless something else is asked for.
func connectWith(ctx context.Context, t *engine.Trace, to netip.AddrPort, o dial.ConnectOptions) (*dial.Conn, error) {
	if o == (dial.ConnectOptions{}) {
		return t.Network().Connect(ctx, to)
	}
	return t.Network().ConnectWith(ctx, to, o)
}

// broken records what is known of a connection that stalled or broke.
func broken(s *engine.Step, conn *dial.Conn, err error) error {
	ev := result.Evidence{TCP: conn.TCPInfo()}
	_, ev.Errno = dial.Classify(err)
	if !ev.Empty() {
		s.Evidence(ev)
	}
	if te, ok := errors.AsType[*talk.TLSError](err); ok {
		if te.Alert >= 0 {
			s.Set("tls.alert", te.Alert)
		}
		if te.First != "" {
			s.Set("tls.first_bytes", te.First)
		}
		if te.Got > 0 {
			s.Set("tls.received_bytes", te.Got)
		}
	}
	return err
}

func about(s *engine.Step, to netip.AddrPort, variant string) {
	if variant != "" {
		s.Set("variant", variant)
	}
	s.Set("network.peer.address", to.Addr().String())
	s.Set("network.peer.port", int(to.Port()))
}
