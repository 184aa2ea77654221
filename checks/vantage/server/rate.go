package server

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"netcheck/checks/vantage"
)

// What a request costs of what its address may have: to be called back is
// work, the rest is little.
const (
	costReach = 10
	costOther = 1
)

func cost(path string) int {
	if path == vantage.Reach {
		return costReach
	}
	return costOther
}

// mostSources is how many addresses are remembered, at some 150 bytes each. A
// flood from more makes the helper forget who asked longest ago; the limit of
// all together holds then.
const mostSources = 1 << 16

// rates limit what one address asks, or one subnet that IPv6 gives to a
// single customer. They are kept in two generations: when the young has grown
// to half of all it becomes the old, and what was still old is forgotten, all
// but those that asked again since.
type rates struct {
	each  rate.Limit
	burst int

	mu         sync.Mutex
	young, old map[netip.Prefix]*rate.Limiter
}

// newRates allows so many requests a second to be called back.
func newRates(each float64, burst int) *rates {
	return &rates{each: rate.Limit(each * costReach), burst: burst * costReach, young: make(map[netip.Prefix]*rate.Limiter)}
}

// take allows a request, or says after what time it may be made again.
func (r *rates) take(a netip.Addr, cost int) time.Duration { return r.takeFor(source(a), cost) }

func (r *rates) takeFor(p netip.Prefix, cost int) time.Duration {
	now := time.Now()
	got := r.limiter(p).ReserveN(now, cost)
	if !got.OK() {
		return time.Hour // a burst of less than one request
	}
	d := got.DelayFrom(now)
	if d > 0 {
		got.CancelAt(now)
	}
	return d
}

// turn waits for a request's turn; false if that is too far away.
func (r *rates) turn(ctx context.Context, a netip.Addr, cost int, patience time.Duration) bool {
	now := time.Now()
	got := r.limiter(source(a)).ReserveN(now, cost)
	if d := got.DelayFrom(now); !got.OK() || d > patience {
		got.CancelAt(now)
		return false
	} else if d > 0 {
		hold(ctx, d)
	}
	return ctx.Err() == nil
}

func (r *rates) limiter(p netip.Prefix) *rate.Limiter {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.young[p]
	if l != nil {
		return l
	}
	if l = r.old[p]; l == nil {
		l = rate.NewLimiter(r.each, r.burst)
	}
	if len(r.young) >= mostSources/2 {
		r.old, r.young = r.young, make(map[netip.Prefix]*rate.Limiter)
	}
	r.young[p] = l
	return l
}

// source is what one customer has of addresses: one of IPv4, a /64 of IPv6.
func source(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, err := a.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
