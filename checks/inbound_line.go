package checks

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// askGateway asks the gateway for its address towards the internet.
func (v *inboundView) askGateway(ctx context.Context) []talk.WANAnswer {
	if host, ok := v.check.PublicHost.Addr(); v.check.ipv6() || isPublic(v.here.address) || ok && (host.IsLoopback() || slices.Contains(v.here.own, host)) {
		return nil // nobody translates
	}
	q := talk.WANQuestion{Gateway: v.here.gateway, Proto: v.check.proto(), Port: v.check.PublicPort}
	if v.helper != nil {
		q.STUN = v.helper.stun(ctx)
	}
	return lineOf(ctx, v.trace, q)
}

// lineOf asks once for all checks of a run that want to know the same.
func lineOf(ctx context.Context, t *engine.Trace, q talk.WANQuestion) []talk.WANAnswer {
	key := fmt.Sprintf("line: %v, attempt %d", q, t.Attempt())
	v, _, _ := t.Env.Memo.Do(ctx, key, func(ctx context.Context) (any, error) { return talk.WAN(ctx, t.Network(), q), nil })
	all, _ := v.([]talk.WANAnswer)
	return all
}

// noteGateway records what was told. That a gateway does not speak a protocol
// is no defect, nor that a helper outside does not answer STUN, which nobody
// said that it does.
func noteGateway(ctx context.Context, t *engine.Trace, all []talk.WANAnswer) {
	for _, a := range all {
		if a.Protocol == talk.STUN && a.Err != nil {
			continue
		}
		_ = t.Span(ctx, result.OpWAN, func(_ context.Context, s *engine.Step) error {
			s.Set("wan.protocol", a.Protocol)
			if a.Gateway.IsValid() {
				s.Set("wan.gateway", a.Gateway.String())
			}
			if a.Address.IsValid() {
				s.Set("wan.address", a.Address.String())
			}
			if a.Device != "" {
				s.Set("wan.device", talk.Clean(a.Device, 120))
			}
			if a.None {
				s.Set("wan.none", true)
			}
			if a.Mapping.IsValid() {
				s.Set("wan.mapping", a.Mapping.String())
			}
			return a.Err
		})
	}
}

// hairpinTakes is how long a connect from inside to the public address may
// take: the router is the farthest that it goes.
const hairpinTakes = time.Second

// hairpin looks, where the call came through, whether this machine reaches the
// public address too, as clients in the shop would that know no other. It is
// for the reader, and decides nothing.
func (v *inboundView) hairpin(ctx context.Context) {
	if v.port == nil || v.port.State != result.Open || v.check.proto() != "tcp" || v.check.ipv6() {
		return
	}
	to := netip.AddrPortFrom(v.caller, v.check.PublicPort)
	ctx, cancel := context.WithTimeout(ctx, hairpinTakes)
	defer cancel()
	_ = v.trace.Span(ctx, result.OpConnect, func(ctx context.Context, s *engine.Step) error {
		s.Set("hairpin", true)
		c, _, err := connectIn(ctx, v.trace, s, to, nil)
		if err == nil {
			c.Close()
		}
		return err
	})
}
