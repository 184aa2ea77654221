package checks

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"netcheck/checks/engine"
	"netcheck/report/result"
)

// noteCall records what became of the call, and whether it arrived here.
func (v *inboundView) noteCall(ctx context.Context) {
	p := v.port
	if v.here.post != nil && v.here.step != nil {
		v.here.step.Set("standin.accepted", texts(v.here.post.callers()))
		if v.seen != nil {
			v.here.step.Set("standin.heard", texts(v.seen.remotes(true)))
		}
	}
	if p == nil {
		return
	}
	v.noteSeen(ctx)
	if v.seen != nil {
		v.beside = v.seen.elsewhere(p.From, p.Port)
	}
	if p.State == result.Open {
		v.proof = v.prove(ctx)
	} else if p.Challenge != "" {
		v.proof = provenNone
	}
	v.reach = v.trace.Span(ctx, result.OpReach, func(_ context.Context, s *engine.Step) error {
		v.noteReach(s, int(p.Port), p.State)
		s.Set("reach.local", v.check.hostPort(v.here))
		s.Set("reach.held", v.here.post != nil)
		s.Set("reach.proof", string(v.proof))
		if p.From.IsValid() {
			s.Set("reach.from", p.From.String())
		}
		if v.beside.IsValid() {
			s.Set("reach.arrived_at", v.beside.String())
		}
		if p.Ended != "" {
			s.Set("reach.ended", string(p.Ended))
			s.Set("reach.kept_ms", millis(time.Duration(p.Kept)))
		}
		if p.RTT > 0 {
			s.Set("reach.rtt_ms", millis(time.Duration(p.RTT)))
		}
		fromOutside(s, p.ICMP, p.AnswerTTL, p.Hops)
		return v.failure()
	})
	if p.Control == nil {
		return
	}
	_ = v.trace.Span(ctx, result.OpReach, func(_ context.Context, s *engine.Step) error {
		v.noteReach(s, int(p.Control.Port), p.Control.State)
		s.Set("reach.control", true)
		fromOutside(s, p.Control.ICMP, p.Control.AnswerTTL, p.Control.Hops)
		return nil // nobody listens there: whatever it shows is no failure
	})
}

func (v *inboundView) noteReach(s *engine.Step, port int, state result.State) {
	s.Set("reach.proto", v.check.proto())
	s.Set("reach.address", v.caller.String())
	s.Set("reach.port", port)
	s.Set("reach.state", string(state))
}

// fromOutside records what was seen out there, the path as it looks from there.
func fromOutside(s *engine.Step, icmp *result.ICMP, ttl int, hops []result.Hop) {
	if e := (result.Evidence{ICMP: icmp, AnswerTTL: ttl, Hops: hops}); !e.Empty() {
		s.Evidence(e)
	}
}

// noteSeen records who came to the port during the call. What does not bear on
// the call is left out: a service's customers are nobody's business.
func (v *inboundView) noteSeen(ctx context.Context) {
	if v.seen == nil || v.here.post != nil && v.seen.unread != nil {
		return
	}
	from := v.port.From
	bears := func(a netip.AddrPort) bool {
		ip := a.Addr().Unmap()
		return a == from || ip == v.helper.peer || isPrivate(ip) && !ip.IsLoopback() || v.here.gateway.IsValid() && ip == v.here.gateway || ip == v.caller
	}
	_ = v.trace.Span(ctx, result.OpInspect, func(_ context.Context, s *engine.Step) error {
		if v.seen.unread != nil {
			s.Set("connections.unreadable", true)
			return nil
		}
		pick := func(half bool) []string {
			return texts(slices.DeleteFunc(v.seen.remotes(half), func(a netip.AddrPort) bool { return !bears(a) }))
		}
		s.Set("connections", pick(false))
		s.Set("connections.all", len(v.seen.beside) < maxBeside) // it was looked for at every port
		if half := pick(true); len(half) > 0 {
			s.Set("connections.half_open", half)
		}
		return nil
	})
}

// failure is why the call failed, or did not arrive here; nil if it did, and
// if that can't be told.
func (v *inboundView) failure() error {
	p := v.port
	at := netip.AddrPortFrom(v.caller, p.Port)
	switch p.State {
	case result.Closed:
		return engine.Failed(result.FailRefused, fmt.Errorf("a call from outside to %s is refused", at))
	case result.Rejected:
		by := ""
		if p.ICMP != nil {
			by = fmt.Sprintf(" by %s (%s)", p.ICMP.From, p.ICMP.Name)
		}
		return engine.Failed(failureOfICMP(p.ICMP), fmt.Errorf("a call from outside to %s is rejected%s", at, by))
	case result.Filtered:
		switch {
		case v.check.proto() == "tcp":
			return engine.Failed(result.FailConnectTimeout, fmt.Errorf("a call from outside to %s has no answer", at))
		case v.here.post != nil || v.standsElsewhere():
			return engine.Failed(result.FailNoReply, fmt.Errorf("a datagram from outside to %s has no answer", at))
		}
		return nil // a service says nothing to a question that is not for it
	case result.Unknown:
		if p.Unreached {
			return engine.Failed(result.FailExpectation, fmt.Errorf("a call from outside to %s does not get through; the service that made it does not tell how it ended", at))
		}
	case result.Open:
		switch {
		case v.proof == provenForeign:
			return engine.Failed(result.FailExpectation, fmt.Errorf("a stand-in of netcheck answers at %s, but not the one at %s", at, v.check.hostPort(v.here)))
		case v.beside.IsValid() && !v.proof.arrived():
			return engine.Failed(result.FailExpectation, fmt.Errorf("a call from outside to %s comes in here at %s, and not at port %d", at, v.beside, v.check.localPort()))
		case v.proof != provenNone:
		case v.here.elsewhere && p.Challenge != "" && v.routerAnswers():
			return engine.Failed(result.FailExpectation, fmt.Errorf("something answers at %s as near as the router itself: it is not what listens at %s", at, v.check.hostPort(v.here)))
		case v.here.post != nil:
			return engine.Failed(result.FailExpectation, fmt.Errorf("something answers at %s, and it is not this machine: netcheck listens here, and nobody came", at))
		case v.seen != nil && v.seen.unread == nil && v.here.serves() && !v.steward():
			return engine.Failed(result.FailExpectation, fmt.Errorf("something answers at %s, and it is not what listens on this machine: nobody came here", at))
		}
	}
	return nil
}

// routerAnswers tells whether who answered the call is the router that has the
// public address, and nobody behind it: a port that nobody uses is answered
// at the same distance, nothing on the way ended there by its TTL, and that
// router does count hops, as this machine's own packets show outside.
func (v *inboundView) routerAnswers() bool {
	p := v.port
	if p.Control == nil {
		return false
	}
	at := v.answeredAt(p.Hops)
	return at > 0 && v.answeredAt(p.Control.Hops) == at && routersBy(v.ttl) >= at
}

// answeredAt is the hop at which a connect was answered; 0 if none was, or if
// it had passed the public address before.
func (v *inboundView) answeredAt(hops []result.Hop) int {
	for _, h := range hops {
		switch {
		case h.State == result.Expired && h.From == v.caller.String():
			return 0
		case h.State == result.Open, h.State == result.Closed, h.State == result.Rejected:
			return h.TTL
		}
	}
	return 0
}

// routersBy counts the routers that a packet came by from the TTL that it has
// left: systems begin with one of three.
func routersBy(ttl int) int {
	for _, first := range []int{64, 128, 255} {
		if ttl > 0 && ttl <= first {
			return first - ttl
		}
	}
	return 0
}

// standsElsewhere tells whether a stand-in is said to answer that is not this
// run's own.
func (v *inboundView) standsElsewhere() bool { return v.here.owned || !v.check.service() }

// steward tells whether a program that holds ports for others has this one:
// whom it leads to need not be seen among this machine's connections.
func (v *inboundView) steward() bool {
	return slices.ContainsFunc(stewards, func(n string) bool { return sameProgram(v.here.process, n) })
}

func failureOfICMP(i *result.ICMP) result.Failure {
	switch {
	case i == nil:
		return result.FailICMP
	case strings.Contains(i.Name, "prohibited"):
		return result.FailProhibited
	case strings.Contains(i.Name, "host"):
		return result.FailHostUnreachable
	case strings.Contains(i.Name, "net"), strings.Contains(i.Name, "route"):
		return result.FailNetUnreachable
	}
	return result.FailICMP
}

// tryInside connects, where the calls are meant for another machine, to it from
// here: that it answers inside tells the way from outside from the machine.
func (v *inboundView) tryInside(ctx context.Context) {
	if !v.here.elsewhere || !v.here.address.IsValid() || v.check.proto() != "tcp" {
		return
	}
	_ = v.trace.Step(ctx, result.OpConnect, func(ctx context.Context, s *engine.Step) error {
		s.Set("inside", true)
		c, _, err := connectIn(ctx, v.trace, s, netip.AddrPortFrom(v.here.address, v.check.localPort()), nil)
		if err == nil {
			c.Close()
		}
		return err
	})
}

// errNoHelper is why nothing can be said of the way in.
var errNoHelper = errors.New("no helper outside is configured, which would call: give one by --vantage, or look from a second machine outside")
