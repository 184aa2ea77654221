package followup

import (
	"context"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"netcheck/checks/engine"
	"netcheck/report/result"
)

// loss measures how many packets get lost, on the whole way and on the own
// link, where ports answered only when they were asked again.
var loss = Followup{
	Name: "loss",
	Doc:  "Where ports answered only when asked again: a score of connects to one that is open, and to the gateway, to count the packets that get lost.",
	Wants: func(s *Seen, c *result.Check) []result.Subject {
		var subjects []result.Subject
		for _, addr := range losing(s, c) {
			for _, o := range s.Open {
				if to, err := address(o); o.Address == addr && err == nil && !s.own(to.Addr()) {
					subjects = append(subjects, o)
					if g := s.gateway(to.Addr()); g.IsValid() && !s.near(to.Addr()) {
						subjects = append(subjects, result.Subject{Address: g.String(), Port: gatewayPort, Proto: "tcp"})
					}
					break
				}
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
			lost, err := countLost(ctx, t, to, score, apart)
			if err != nil {
				return err
			}
			st.Set("asked", score)
			st.Set("lost", lost)
			if lost < byChance || lost == score {
				return nil
			}
			if lost, err = countLost(ctx, t, to, fewer, wideApart); err != nil {
				return err
			}
			st.Set("asked_slowly", fewer)
			st.Set("lost_slowly", lost)
			return nil
		})
	},
}

// countLost makes so many connects, so long after each other, and counts those
// that nobody answered.
func countLost(ctx context.Context, t *engine.Trace, to netip.AddrPort, count int, apart time.Duration) (int, error) {
	var lost atomic.Int32
	var g errgroup.Group
	for i := range count {
		g.Go(func() error {
			if err := pause(ctx, time.Duration(i)*apart); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(ctx, onlyOnce)
			defer cancel()
			c, err := t.Network().Connect(ctx, to)
			if err == nil {
				return c.Close()
			}
			if engine.Classify(err) != result.FailRefused { // a refusal is an answer
				lost.Add(1)
			}
			return nil
		})
	}
	err := g.Wait()
	return int(lost.Load()), err
}

// losing are the addresses of a check of which packets seem to get lost: ports
// answered only when they were asked again, or as late as if the system had
// sent its first packet once more, where others answer soon.
func losing(s *Seen, c *result.Check) []string {
	share := smallShare
	if c.Verdict == result.Pass {
		share = heavyShare // it takes seconds, and nothing has failed for it yet
	}
	var all []string
	for i := range c.Steps {
		st := &c.Steps[i]
		lost, _ := st.Facts["lost"].(int)
		answered, _ := st.Facts["answered"].(int)
		if addr, _ := st.Facts["network.peer.address"].(string); lost >= fewLost && lost*100 >= answered*share {
			all = append(all, addr)
		}
	}
	for i := range c.Results {
		if res := &c.Results[i]; late(res) && !calledFromOutside(c) && slices.ContainsFunc(s.Report.Checks, func(o result.Check) bool {
			return slices.ContainsFunc(o.Results, func(r result.Result) bool {
				return r.State == result.Open && r.Via == "" && r.RTT > 0 && time.Duration(r.RTT) < repeated/2
			})
		}) {
			all = append(all, res.Address)
		}
	}
	return all
}

func late(res *result.Result) bool {
	return res.State == result.Open && res.Via == "" && res.Proto != "udp" && time.Duration(res.RTT) >= repeated
}

const (
	// repeated is how long a connect takes at least whose first SYN was lost:
	// systems send the second after a second.
	repeated = 950 * time.Millisecond
	// fewLost and smallShare are below what a busy machine or router loses by
	// the way, in number and in per cent of the ports that answered.
	fewLost    = 5
	smallShare = 4
	// heavyShare is what a person notices at work: one packet in twelve each way.
	heavyShare = 15
	// score is how many connects are made: a loss of one in ten shows with nine
	// chances of ten.
	score = 24
	// apart spreads them over half a second, since losses come in bursts.
	apart = 20 * time.Millisecond
	// byChance is what may get lost of a score without a cause.
	byChance = 2
	// fewer connects, wideApart, are as many as a device lets through that
	// limits new connections a second: what gets lost of them is loss. They end
	// within a second and a quarter, since a follow-up has few seconds in all.
	fewer     = 6
	wideApart = 250 * time.Millisecond
	// onlyOnce ends a connect before its SYN is sent again.
	onlyOnce = 900 * time.Millisecond
	// gatewayPort is one that most gateways answer on, be it with a refusal.
	gatewayPort = 53
)
