package checks

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
)

// turnTakes is how long a session waits for another one at the same server to
// end: longer than a healthy one takes. One that hangs keeps nobody.
const turnTakes = 3 * time.Second

// takeTurn waits until no other session of this run is open at a server, by the
// same way: servers grant a client no more than a few at once, and what the
// product does one after the other must not be refused for being done together.
// leave lets the next one begin.
func takeTurn(ctx context.Context, t *engine.Trace, host value.Host, port uint16) (leave func()) {
	key := fmt.Sprintf("session at %s:%d, %v", host, port, t.Proxy(string(host), port))
	v, _, _ := t.Env.Memo.Do(ctx, key, func(context.Context) (any, error) { return semaphore.NewWeighted(1), nil })
	room, ok := v.(*semaphore.Weighted)
	if !ok {
		return func() {} // ctx is over
	}
	wait, cancel := context.WithTimeout(ctx, turnTakes)
	defer cancel()
	if room.Acquire(wait, 1) != nil {
		return func() {}
	}
	return sync.OnceFunc(func() { room.Release(1) })
}
