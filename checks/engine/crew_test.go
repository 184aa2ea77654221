package engine

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"netcheck/profiles"
)

// Quick checks are made by few goroutines. Slow ones, wherever they stand, have
// as many as there may be.
func TestCrew(t *testing.T) {
	const quick, slow = time.Millisecond, time.Second
	for _, c := range []struct {
		name   string
		takes  func(i int) time.Duration
		most   int32
		within time.Duration
	}{
		{"quick", func(int) time.Duration { return quick }, crew, 20 * time.Millisecond},
		{"slow", func(int) time.Duration { return slow }, DefaultConcurrency, 4*slow + 100*time.Millisecond},
		{"slow after quick", func(i int) time.Duration {
			if i < 500 {
				return quick
			}
			return slow
		}, DefaultConcurrency, 2*slow + 100*time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var now, most atomic.Int32
				var checks []profiles.Check
				for i := range 1000 {
					checks = append(checks, check(fmt.Sprint("c", i), func(context.Context, *Trace) (Outcome, error) {
						n := now.Add(1)
						defer now.Add(-1)
						for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
						}
						time.Sleep(c.takes(i))
						return Outcome{}, nil
					}))
				}
				start := time.Now()
				Run(t.Context(), planOf(t, checks...), options())
				if took := time.Since(start); most.Load() != c.most || took > c.within {
					t.Errorf("%d at once, in %s", most.Load(), took)
				}
			})
		})
	}
}
