package followup

import (
	"context"
	"net/netip"
	"slices"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// resolver looks at the servers themselves that were asked for a doubtful
// name: whether they answer to names that nobody has, and from how far away
// their answers come.
var resolver = Followup{
	Name:  "resolver",
	Doc:   "the resolvers that a doubtful name was asked of: a random name that nobody has, and a question at rising TTL, which shows who answers in a resolver's place",
	Wants: func(s *Seen, c *result.Check) []result.Subject { return behind(s.Env, c) },
	Look:  lookAtResolver,
}

// behind are the servers that a check's doubtful names are asked of.
func behind(env *engine.Env, c *result.Check) []result.Subject {
	var subjects []result.Subject
	for _, name := range doubtfulNames(c) {
		for _, s := range servers(env, resolverOf(name)) {
			subject := result.Subject{Address: s.addr.Addr().String(), Port: int(s.addr.Port()), Proto: "udp"}
			if !slices.Contains(subjects, subject) {
				subjects = append(subjects, subject)
			}
		}
	}
	return subjects
}

// tops are where random names are asked for: below .com, as those that rewrite
// answers do it where somebody mistypes; and below .invalid, where no name can
// be (RFC 6761), so that any answer is false.
func tops() []string { return []string{"com", "invalid"} }

func lookAtResolver(ctx context.Context, t *engine.Trace, subject result.Subject) error {
	to := resolverOf(subject)
	isReference := slices.ContainsFunc(t.Env.Reference, func(a netip.AddrPort) bool { return a.Addr().Unmap() == to.Addr() && a.Port() == to.Port() })
	ways := []func(){}
	for _, top := range tops() {
		ways = append(ways, func() {
			question{to: server{to, isReference}, name: talk.NobodysName(top), qtype: "A", nobodys: true}.ask(ctx, t)
		})
	}
	if beyondLink(to.Addr()) {
		ways = append(ways,
			func() { sweepResolver(ctx, t, to, "udp") },
			func() { sweepResolver(ctx, t, to, "tcp") })
	}
	engine.Parallel(len(ways), func(i int) { ways[i]() })
	return nil
}

// beyondLink tells whether a router lies between this machine and an address.
func beyondLink(a netip.Addr) bool {
	if a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	own, err := machine.Addresses()
	return err == nil && !slices.ContainsFunc(own, func(o machine.Address) bool { return o.Prefix.Contains(a) })
}

// sweepResolver finds out how far a question gets, and a connect: who answers
// the one nearer than the other, or before any router, is not the resolver.
func sweepResolver(ctx context.Context, t *engine.Trace, to netip.AddrPort, proto string) {
	_ = t.Span(ctx, result.OpSweep, func(ctx context.Context, s *engine.Step) error {
		s.Set("network.peer.address", to.Addr().String())
		s.Set("network.peer.port", int(to.Port()))
		s.Set("network.transport", proto)
		var question []byte
		if proto == "udp" {
			qtype, _ := talk.QueryType("A")
			var err error
			if question, err = talk.Datagram(talk.NobodysName("invalid"), qtype); err != nil {
				return err
			}
		}
		hops, err := t.Network().Sweep(ctx, to, dial.SweepOptions{Datagram: question})
		if len(hops) > 0 {
			s.Evidence(result.Evidence{Hops: hops})
		}
		return err
	})
}
