package checks

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// notes are what is known of open ports beyond that they are open.
type notes struct {
	who     map[uint16]string
	warning string
}

// on writes the notes on the results, taking a noted port out of its run.
func (n notes) on(rs []result.Result) []result.Result {
	var out []result.Result
	for _, r := range rs {
		ports, err := value.ParsePorts(r.Ports)
		if err != nil || r.State != result.Open || len(n.who) == 0 {
			out = append(out, r)
			continue
		}
		var rest []uint16
		for _, port := range ports.All() {
			who, ok := n.who[port]
			if !ok {
				rest = append(rest, port)
				continue
			}
			one := r
			one.Ports, one.Note = fmt.Sprint(port), who
			out = append(out, one)
		}
		if len(rest) > 0 {
			r.Ports = portList(rest)
			out = append(out, r)
		}
	}
	return out
}

// maxIdentified bounds how many ports of a range are talked to.
const maxIdentified = 16

// identifyOpen finds out who answers on the first open ports of a range.
func (p *tcpProbe) identifyOpen(ctx context.Context) {
	n := 0
	for _, port := range p.seen.ports {
		if !isOpen(port) || n == maxIdentified || ctx.Err() != nil {
			continue
		}
		n++
		to := netip.AddrPortFrom(p.seen.address, port.Port)
		if conn, err := p.t.Network().Connect(ctx, to); err == nil {
			p.identify(ctx, conn, to)
		}
	}
}

// greetingPatience is how long a greeting is waited for: a mail or file server that
// looks up its client's name first takes seconds.
const greetingPatience = 3 * time.Second

// identify finds out who answers and closes the connection. That nobody can be
// told is no failure of the port: it is open. That it breaks unasked is worth a
// warning, as firewalls do that which answer in a server's place.
func (p *tcpProbe) identify(ctx context.Context, conn *dial.Conn, to netip.AddrPort) {
	name := ""
	if _, literal := p.host.Addr(); !literal {
		name = string(p.host)
	}
	wait := greetingPatience
	if p.t.Env.Timeout > 0 {
		wait = min(wait, p.t.Env.Timeout)
	}
	ctx, cancel := withTimeout(ctx, wait+p.t.Env.Timeout)
	defer cancel()
	err := p.t.Span(ctx, result.OpGreeting, func(ctx context.Context, s *engine.Step) error {
		s.Set("network.peer.address", to.Addr().String())
		s.Set("network.peer.port", int(to.Port()))
		peer, err := talk.Identify(ctx, conn, talk.IdentifyOptions{
			ServerName: name, Patience: wait,
			Redial: func(ctx context.Context) (net.Conn, error) { return p.t.Network().DialContext(ctx, "tcp", to.String()) },
		})
		if err != nil {
			return err
		}
		s.Set("protocol", peer.Proto)
		s.Set("banner", peer.Banner)
		if p.notes.who == nil {
			p.notes.who = map[uint16]string{}
		}
		p.notes.who[to.Port()] = peer.String()
		return nil
	})
	switch f := engine.Classify(err); {
	case err == nil:
	case f == result.FailReset || f == result.FailEOF:
		p.notes.warning = fmt.Sprintf("%s opens, and is closed before anything was asked", to)
	default:
		p.notes.warning = fmt.Sprintf("%s is open; who answers could not be found out", to)
	}
}
