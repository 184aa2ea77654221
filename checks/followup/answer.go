package followup

import (
	"context"
	"slices"

	"netcheck/checks/engine"
	"netcheck/report/result"
)

// answer reads with how many hops left a refusal comes, and the answer of a
// port of the same address that is open: a device on the way that refuses in
// the host's name is nearer than the host.
var answer = Followup{
	Name: "answer",
	Doc:  "Where a port refused: connects to it and to an open one of the same address, to read the TTL of their answers.",
	Wants: func(s *Seen, c *result.Check) []result.Subject {
		var subjects []result.Subject
		for i := range c.Results {
			res := &c.Results[i]
			if res.Proto == "udp" || !doubtful(c, res) || res.State != result.Closed && res.State != result.Reset {
				continue
			}
			refused := Target(c, res)
			if at, err := address(refused); err != nil || s.near(at.Addr()) {
				continue
			}
			subjects = append(subjects, refused)
			if k := slices.IndexFunc(s.Open, func(o result.Subject) bool { return o.Address == refused.Address }); k >= 0 {
				subjects = append(subjects, s.Open[k])
			}
		}
		return subjects
	},
	Look: func(ctx context.Context, t *engine.Trace, s result.Subject) error {
		to, err := address(s)
		if err != nil {
			return err
		}
		return t.Span(ctx, result.OpConnect, func(ctx context.Context, st *engine.Step) error {
			st.Set("network.peer.address", s.Address)
			st.Set("network.peer.port", s.Port)
			ttl, state, err := t.Network().AnswerTTL(ctx, to)
			if err != nil {
				return err
			}
			st.Set("seen", string(state))
			st.Evidence(result.Evidence{AnswerTTL: ttl})
			return nil
		})
	},
}
