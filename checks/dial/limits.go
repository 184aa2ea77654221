package dial

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

const (
	// reserve is how many descriptors are left to what is not ours to count:
	// files, resolvers, listeners, children.
	reserve = 48
	// mostFiles bounds what a system without a limit of its own would allow.
	mostFiles = 16384
)

// limits are what all exchanges of a run share.
type limits struct {
	files    *gate
	halfOpen *gate // nil: no limit
	rate     int

	mu    sync.Mutex
	rates map[netip.Addr]*rate.Limiter
}

func newLimits(o Options) *limits {
	files := o.Descriptors
	if files <= 0 {
		files = min(openFiles(), mostFiles)
		files -= min(reserve, files/2)
	}
	l := &limits{files: newGate(max(files, watchCost)), rate: o.Rate, rates: make(map[netip.Addr]*rate.Limiter)}
	if o.HalfOpen > 0 {
		l.halfOpen = newGate(o.HalfOpen)
	}
	return l
}

// pace is the limiter of new connections to the address; nil if it has none.
func (l *limits) pace(a netip.Addr) *rate.Limiter {
	if l.rate <= 0 || !public(a) {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.rates[a]
	if r == nil {
		// a thirtieth of a second's worth at once: small beside the half-open
		// limit, large enough that a timer's coarseness costs nothing
		r = rate.NewLimiter(rate.Limit(l.rate), max(1, l.rate/30))
		l.rates[a] = r
	}
	return r
}

// handshake is the gate that a connect under way to the address occupies.
func (l *limits) handshake(a netip.Addr) *gate {
	if public(a) {
		return l.halfOpen
	}
	return nil
}

// gate is a counted entrance that can tell whether somebody waits outside, so
// that who is inside with things of little use can make room. A nil gate is
// open to all.
type gate struct {
	places  *semaphore.Weighted
	size    int64
	waiting atomic.Int32
}

func newGate(n int) *gate {
	return &gate{places: semaphore.NewWeighted(int64(n)), size: int64(n)}
}

func (g *gate) enter(ctx context.Context, n int64) error {
	if g == nil {
		return nil
	}
	n = min(n, g.size)
	if g.places.TryAcquire(n) {
		return nil
	}
	g.waiting.Add(1)
	defer g.waiting.Add(-1)
	return g.places.Acquire(ctx, n)
}

func (g *gate) try(n int64) bool { return g == nil || g.places.TryAcquire(n) }

func (g *gate) leave(n int64) {
	if g != nil && n > 0 {
		g.places.Release(min(n, g.size))
	}
}

func (g *gate) wanted() bool { return g != nil && g.waiting.Load() > 0 }
