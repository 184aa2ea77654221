package followup

import (
	"context"
	"net/netip"
	"time"

	"golang.org/x/time/rate"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/report/result"
)

const (
	// sweepsAtOnce is how many sweeps go out together. Each makes every router
	// on the way answer once, and a Linux router answers a host six times, and
	// then once a second: the probes and other follow-ups have some of that.
	sweepsAtOnce = 3
	sweepEvery   = 900 * time.Millisecond
)

// turn waits until one more sweep will be answered.
func turn(ctx context.Context, t *engine.Trace) error {
	v, _, err := t.Env.Memo.Do(ctx, "turns of sweeps", func(context.Context) (any, error) {
		return rate.NewLimiter(rate.Every(sweepEvery), sweepsAtOnce), nil
	})
	if err != nil {
		return err
	}
	return v.(*rate.Limiter).Wait(ctx)
}

// way is how far connects to a port come, at rising TTL: asked once, however
// many follow-ups need to know. It waits for its turn.
func way(ctx context.Context, t *engine.Trace, to netip.AddrPort) ([]result.Hop, error) {
	v, _, err := t.Env.Memo.Do(ctx, "way to "+to.String(), func(ctx context.Context) (any, error) {
		if err := turn(ctx, t); err != nil {
			return nil, err
		}
		return t.Network().Sweep(ctx, to, dial.SweepOptions{})
	})
	hops, _ := v.([]result.Hop)
	return hops, err
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// address is where a subject is.
func address(s result.Subject) (netip.AddrPort, error) {
	a, err := netip.ParseAddr(s.Address)
	return netip.AddrPortFrom(a, uint16(s.Port)), err
}

// own tells whether an address is this machine's.
func (s *Seen) own(a netip.Addr) bool {
	return a.IsLoopback() || s.inNetwork(a, func(p netip.Prefix) bool { return p.Addr() == a })
}

// near tells whether no router lies between this machine and an address.
func (s *Seen) near(a netip.Addr) bool {
	return a.IsLoopback() || s.inNetwork(a, func(p netip.Prefix) bool { return p.Contains(a.WithZone("")) })
}

func (s *Seen) inNetwork(a netip.Addr, holds func(netip.Prefix) bool) bool {
	for i := range s.Report.Machines {
		for _, text := range s.Report.Machines[i].Addresses {
			if p, err := netip.ParsePrefix(text); err == nil && p.Addr().Is4() == a.Is4() && holds(p) {
				return true
			}
		}
	}
	return false
}

// gateway is the next hop of a family; invalid where none is known, or several
// are.
func (s *Seen) gateway(to netip.Addr) netip.Addr {
	var only netip.Addr
	for i := range s.Report.Machines {
		m := &s.Report.Machines[i]
		for _, text := range append([]string{m.Gateway}, m.Gateways...) {
			g, err := netip.ParseAddr(text)
			if err != nil || g.Is4() != to.Is4() || g == only {
				continue
			}
			if only.IsValid() {
				return netip.Addr{}
			}
			only = g
		}
	}
	return only
}
