package checks

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"

	"netcheck/checks/engine"
	"netcheck/report/result"
)

// loginOnce is what became of a login at a server, the same for all checks of a
// run. One that was refused is not offered again: many accounts are locked
// after a few.
type loginOnce[T any] struct {
	mu      sync.Mutex
	begun   bool
	tried   chan struct{} // closed when it is known what becomes of it
	refused error
	said    T // by the server, as it refused
}

// loginAt is the login of somebody at a server with this proof, of which only a
// digest is kept.
func loginAt[T any](ctx context.Context, t *engine.Trace, server, user, proof string) *loginOnce[T] {
	key := fmt.Sprintf("login of %q at %s by %x", user, server, sha256.Sum256([]byte(proof)))
	v, _, _ := t.Env.Memo.Do(ctx, key, func(context.Context) (any, error) { return &loginOnce[T]{tried: make(chan struct{})}, nil })
	if l, ok := v.(*loginOnce[T]); ok {
		return l
	}
	return &loginOnce[T]{tried: make(chan struct{})} // ctx is over
}

// try logs in, unless the same login has been refused: the error and what the
// server said are then the first one's.
func (l *loginOnce[T]) try(ctx context.Context, refusal result.Failure, login func() (T, error)) (T, error) {
	l.mu.Lock()
	first := !l.begun
	l.begun = true
	l.mu.Unlock()
	if !first {
		select {
		case <-l.tried:
		case <-ctx.Done():
			var none T
			return none, ctx.Err()
		}
		l.mu.Lock()
		said, refused := l.said, l.refused
		l.mu.Unlock()
		if refused != nil {
			return said, refused
		}
		return login()
	}
	defer close(l.tried)
	said, err := login()
	if engine.Classify(err) == refusal {
		l.mu.Lock()
		l.said, l.refused = said, err
		l.mu.Unlock()
	}
	return said, err
}
