package followup

import (
	"context"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/report/result"
)

// refusal goes the way to a port of which a device says that there is none: a
// router looks for a route before it looks at a packet's TTL, and at most of
// its rules after that, so that it shows whether it has one.
var refusal = Followup{
	Name: "sweep",
	Doc:  "Where a device said that a host or network can't be reached: step by step to it, to see whether it says so of packets that end there as well.",
	Wants: func(s *Seen, c *result.Check) []result.Subject {
		var subjects []result.Subject
		for i := range c.Results {
			res := &c.Results[i]
			if c.Kind == "dns" || calledFromOutside(c) || res.Inferred || res.Failure != result.FailHostUnreachable && res.Failure != result.FailNetUnreachable {
				continue
			}
			if ev := res.Evidence; ev == nil || ev.ICMP == nil || ev.ICMP.From == ev.Local || ev.ICMP.From == res.Address {
				continue
			}
			if to := Target(c, res); to.Port > 0 {
				subjects = append(subjects, to)
			}
		}
		return subjects
	},
	Look: func(ctx context.Context, t *engine.Trace, s result.Subject) error {
		to, err := address(s)
		if err != nil {
			return err
		}
		if err := turn(ctx, t); err != nil {
			return err
		}
		if err := pause(ctx, again); err != nil { // it has just spent its answers on the probe
			return err
		}
		return t.Span(ctx, result.OpSweep, func(ctx context.Context, st *engine.Step) error {
			st.Set("network.peer.address", s.Address)
			st.Set("network.peer.port", s.Port)
			var way []result.Hop
			for ttl, silent := 1, 0; ttl <= mostSteps && silent < 2; ttl++ {
				o := dial.SweepOptions{First: ttl, Last: ttl, Wait: stepTakes}
				if s.Proto == "udp" {
					o.Datagram = []byte{0}
				}
				hops, err := t.Network().Sweep(ctx, to, o)
				way = append(way, hops...)
				st.Evidence(result.Evidence{Hops: way})
				if err != nil {
					return err
				}
				switch {
				case len(hops) == 0 || hops[0].State == result.Filtered:
					silent++
				case hops[0].State != result.Expired:
					return nil
				default:
					silent = 0
				}
			}
			return nil
		})
	},
}

const (
	// mostSteps is how far such a device is followed: one that says so is most
	// often the shop's or the provider's.
	mostSteps = 8
	// stepTakes is how long one step is waited for: a round trip within a
	// country, and the system's second SYN, which is sent after a second, since
	// the device may just have sent its one answer of this second.
	stepTakes = 1200 * time.Millisecond
)
