package checks

import (
	"context"
	"fmt"
	"net/netip"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// seenOutside is the address under which the helper outside sees this line, for
// kinds that are not about the way in: invalid, where there is no helper, or it
// does not answer, of which others have to tell.
func seenOutside(ctx context.Context, t *engine.Trace, ipv6 bool) netip.Addr {
	key := fmt.Sprintf("line: seen from outside, IPv6 %v", ipv6)
	v, _, err := t.Env.Memo.Do(ctx, key, func(ctx context.Context) (any, error) {
		// What it took to ask is none of the check's steps.
		o, err := outsideOf(t.Aside(), ipv6)
		if o == nil || err != nil {
			return netip.Addr{}, err
		}
		r, err := o.request(ctx, "", 2*t.Env.Timeout, o.helper.Where)
		return r.Caller.Address, err
	})
	if err != nil {
		return netip.Addr{}
	}
	return v.(netip.Addr)
}

// ownOutside is what own-public-ip stands for beyond the addresses of this
// machine itself: as which the line is seen.
func (v *dnsView) ownOutside(ctx context.Context, e *expected, values []string) {
	if !e.isOwn {
		return
	}
	for _, ipv6 := range []bool{false, true} {
		if a := e.stranger(values, ipv6); a.IsValid() {
			if seen := seenOutside(ctx, v.trace, ipv6); seen.IsValid() {
				e.seen = append(e.seen, seen)
			}
		}
	}
	if len(e.seen) == 0 {
		return
	}
	_ = v.trace.Span(ctx, result.OpCompare, func(_ context.Context, s *engine.Step) error {
		s.Set("dns.answers", values)
		s.Set("client.address", list(e.seen))
		return nil
	})
}

// judgeLine looks at the line where no interface of this machine has a public
// address: what the gateway says of itself, and as which the line is seen from
// outside.
func (a *addressCheck) judgeLine(ctx context.Context, t *engine.Trace, undecided addressJudged) addressJudged {
	var own netip.Addr
	for _, w := range lineOf(ctx, t, talk.WANQuestion{Gateway: gatewayOf(t.Env.Gateways, false)}) {
		if w.Protocol != talk.STUN && w.Address.Is4() {
			own = w.Address
		}
	}
	seen := seenOutside(ctx, t, false)
	if seen.IsValid() || own.IsValid() {
		_ = t.Span(ctx, result.OpCompare, func(_ context.Context, s *engine.Step) error {
			for key, ip := range map[string]netip.Addr{"wan.address": own, "client.address": seen} {
				if ip.IsValid() {
					s.Set(key, ip.String())
				}
			}
			return nil
		})
	}
	switch {
	case providerNAT.Contains(own):
		return addressJudged{result.Fail, result.AddressNotPublic, fmt.Sprintf("the router's own address on the line is %s, which the provider shares out behind its own translation", own)}
	case own.IsValid() && own == seen && isPublic(own):
		return addressJudged{}
	case own.IsValid() && seen.IsValid():
		return addressJudged{result.Inconclusive, "", fmt.Sprintf("the router says that its address on the line is %s, and from outside the line is seen as %s: somebody else translates, or there are two lines", own, seen)}
	case seen.IsValid():
		return addressJudged{result.Inconclusive, "", fmt.Sprintf("from outside the line is seen as %s; whether it has that address alone can't be told, since the router does not say its own", seen)}
	}
	return undecided
}
