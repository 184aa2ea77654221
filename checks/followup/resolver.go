package followup

import (
	"context"
	"net/netip"
	"slices"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// resolver asks the servers that were asked for a doubtful name for names that
// nobody has: whether they answer to anything.
var resolver = Followup{
	Name:  "resolver",
	Doc:   "Where an answer is in doubt: a random name, which nobody has, to the resolver that gave it.",
	Wants: func(s *Seen, c *result.Check) []result.Subject { return behind(s.Env, doubtfulNames(c)) },
	Look:  lookAtResolver,
}

// resolverWay finds out how far questions to those servers get, and from how
// far away their answers come, where it was the name that failed, or somebody
// else than the host answered.
var resolverWay = Followup{
	Name: "resolver-way",
	Doc:  "Where a name failed and its resolver lies behind routers: a question and a connect to it at rising TTL, to see how far they get and who answers.",
	Wants: func(s *Seen, c *result.Check) []result.Subject {
		if !nameFailed(c) && !somebodyElse(c) {
			return nil
		}
		return slices.DeleteFunc(behind(s.Env, doubtfulNames(c)), func(r result.Subject) bool { return s.near(resolverOf(r).Addr()) })
	},
	Look: lookAtWay,
}

// nameFailed tells whether a look-up or a question of a check failed.
func nameFailed(c *result.Check) bool {
	return slices.ContainsFunc(c.Steps, func(s result.Step) bool {
		return s.Failure != "" && (s.Op == result.OpResolve || s.Op == result.OpQuery)
	})
}

// somebodyElse tells whether what answered a check may not be its host, where a
// false address may have led.
func somebodyElse(c *result.Check) bool {
	return c.Verdict != result.Pass && slices.ContainsFunc(c.Steps, func(s result.Step) bool {
		return s.Failure != "" && (s.Op == result.OpVerify || slices.Contains([]result.Failure{result.FailNotTLS, result.FailBlockPage, result.FailPortal}, s.Failure))
	})
}

// behind are the servers that names of a check are asked of.
func behind(env *engine.Env, names []result.Subject) []result.Subject {
	var subjects []result.Subject
	for _, name := range names {
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
	engine.Parallel(len(ways), func(i int) { ways[i]() })
	return nil
}

// lookAtWay sends both at once: one is what the other is held against.
func lookAtWay(ctx context.Context, t *engine.Trace, subject result.Subject) error {
	to := resolverOf(subject)
	engine.Parallel(2, func(i int) {
		if turn(ctx, t) == nil {
			sweepResolver(ctx, t, to, []string{"udp", "tcp"}[i])
		}
	})
	return nil
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
