package followup

import (
	"context"

	"netcheck/checks/engine"
	"netcheck/report/result"
)

// departure finds out whether the packets to a silent or refusing port leave
// this machine at all.
var departure = Followup{
	Name: "departure",
	Doc:  "Where a port was silent or refused: one more connect, to see whether the packet leaves this machine or ends in its own firewall.",
	Wants: func(s *Seen, c *result.Check) []result.Subject {
		var subjects []result.Subject
		for i := range c.Results {
			res := &c.Results[i]
			if res.Proto == "udp" || !doubtful(c, res) || res.Evidence != nil && res.Evidence.ICMP != nil {
				continue
			}
			if at, err := address(Target(c, res)); err == nil && !s.own(at.Addr()) {
				subjects = append(subjects, Target(c, res))
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
			left, err := t.Network().Departs(ctx, to)
			if err != nil {
				return err
			}
			st.Set("departs", left)
			return nil
		})
	},
}
