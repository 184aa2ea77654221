package server

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// shares are what each address may have of the calls that are made at once: a
// few addresses that ask for long ones must not take them all.
type shares struct {
	most int64

	mu   sync.Mutex
	each map[netip.Prefix]*share
}

// share is what one address has; it is forgotten when nobody of it asks.
type share struct {
	slots *semaphore.Weighted
	users int
}

// shareTime is how long a request waits for its address's turn: a run may ask
// for more at once than its share, and each call takes seconds at most.
const shareTime = 4 * time.Second

// shareOf is an address's part of all calls: ten such addresses keep nobody
// else out, and a run of a few checks does not wait.
const shareOf = 10

func newShares(concurrency int) *shares {
	return &shares{most: int64(max(1, concurrency/shareOf)), each: make(map[netip.Prefix]*share)}
}

// take waits for the address's turn; false if it does not come in time.
func (s *shares) take(ctx context.Context, a netip.Addr) (release func(), ok bool) {
	p := source(a)
	s.mu.Lock()
	own := s.each[p]
	if own == nil {
		own = &share{slots: semaphore.NewWeighted(s.most)}
		s.each[p] = own
	}
	own.users++
	s.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, shareTime)
	defer cancel()
	ok = own.slots.Acquire(ctx, 1) == nil
	return func() {
		if ok {
			own.slots.Release(1)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if own.users--; own.users == 0 {
			delete(s.each, p)
		}
	}, ok
}
