package checks

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

const (
	// atProxyAtOnce is how many connections a run has to one proxy: many grant a
	// client no more than some dozens.
	atProxyAtOnce = 24
	// loginTakes is how long the first login at a proxy is waited for by the
	// others. One that is refused is refused at once; one that is taken is
	// answered when the host is reached.
	loginTakes = time.Second
	// recovers is how long a proxy that hung up is left alone, where it may have
	// had too many connections of ours.
	recovers = 500 * time.Millisecond
)

// manners are how a run treats a proxy.
type manners struct {
	room *semaphore.Weighted

	mu      sync.Mutex
	begun   bool          // somebody tries the login
	tried   chan struct{} // closed when it is known what becomes of it
	refused error         // it is refused
	said    *talk.Tunnel
}

// mannersAt are those towards a proxy, the same for all checks of a run.
func mannersAt(ctx context.Context, t *engine.Trace, p *dial.Proxy) *manners {
	v, _, _ := t.Env.Memo.Do(ctx, "manners at "+p.String(), func(context.Context) (any, error) {
		return &manners{room: semaphore.NewWeighted(atProxyAtOnce), tried: make(chan struct{})}, nil
	})
	if m, ok := v.(*manners); ok {
		return m
	}
	return &manners{room: semaphore.NewWeighted(1), tried: make(chan struct{})} // ctx is over
}

// login tries a login at the proxy. A wrong password is offered once in a run:
// many accounts are locked after a few. The error is then the first one's.
func (m *manners) login(ctx context.Context, try func() (*talk.Tunnel, error)) (*talk.Tunnel, error) {
	m.mu.Lock()
	first := !m.begun
	m.begun = true
	m.mu.Unlock()
	if first {
		said, err := try()
		m.mu.Lock()
		if said != nil && said.Login != "" && said.Login != "unanswered" && engine.Classify(err) == result.FailProxyAuth {
			m.said, m.refused = said, err
		}
		m.mu.Unlock()
		close(m.tried)
		return said, err
	}
	timer := time.NewTimer(loginTakes)
	defer timer.Stop()
	select {
	case <-m.tried:
	case <-timer.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	m.mu.Lock()
	said, err := m.said, m.refused
	m.mu.Unlock()
	if err != nil {
		return said, err
	}
	return try()
}

// enter waits for room at the proxy; leave gives it back.
func (m *manners) enter(ctx context.Context) (leave func(), err error) {
	if err := m.room.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() { m.room.Release(1) }), nil
}

// crowded tells whether a proxy may have hung up for having too many
// connections of ours: it said nothing, and others are open.
func (m *manners) crowded(said *talk.Tunnel, err error) bool {
	f := engine.Classify(err)
	if said != nil || f != result.FailEOF && f != result.FailReset || errors.Is(err, context.Canceled) {
		return false
	}
	if !m.room.TryAcquire(atProxyAtOnce - 1) { // all but our own
		return true
	}
	m.room.Release(atProxyAtOnce - 1)
	return false
}
