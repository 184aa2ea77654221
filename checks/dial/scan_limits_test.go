package dial

import (
	"context"
	"errors"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"netcheck/report/result"
)

func TestPublicLimits(t *testing.T) {
	for _, c := range []struct {
		name   string
		is     truth
		known  bool
		within time.Duration
	}{
		{"half dropped", halves(result.Filtered), true, 2500 * time.Millisecond},
		{"all dropped, round trip known", all(result.Filtered), true, 4 * time.Second},
		{"all dropped, nothing known", all(result.Filtered), false, 15 * time.Second},
		{"open", all(result.Open), false, 700 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := New(Options{Rate: 2000, HalfOpen: 256, Descriptors: 10000})
				if c.known {
					n.paths.learn(faraway.Next(), 20*time.Millisecond)
				}
				w := newWorld(direct(c.is, 20*time.Millisecond))
				out, took, err := simulate(t.Context(), n, faraway, w)
				if err != nil {
					t.Fatal(err)
				}
				expect(t, out, c.is)
				if took > c.within {
					t.Errorf("took %v, want at most %v", took, c.within)
				}
				if w.highest > 256 {
					t.Errorf("%d half-open, want at most 256", w.highest)
				}
				for i, at := range w.syns { // those that the system repeats are few
					if k := i + 2200; k < len(w.syns) && w.syns[k]-at < 900*time.Millisecond {
						t.Fatalf("2200 SYNs in %v", w.syns[k]-at)
					}
				}
			})
		})
	}
}

func TestScanWaitsForDescriptors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(direct(halves(result.Filtered), time.Millisecond))
		w.most = 40
		out, _, err := simulate(t.Context(), New(Options{Descriptors: 1000}), nearby, w)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, out, halves(result.Filtered))
	})
}

func TestScanMakesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(Options{HalfOpen: 256, Descriptors: 10000})
		entered := time.Duration(0)
		begun := time.Now()
		go func() {
			time.Sleep(600 * time.Millisecond) // the scan has taken all places by now
			if n.limits.halfOpen.enter(t.Context(), 1) == nil {
				entered = time.Since(begun)
				n.limits.halfOpen.leave(1)
			}
		}()
		if _, _, err := simulate(t.Context(), n, faraway, newWorld(direct(all(result.Filtered), time.Millisecond))); err != nil {
			t.Fatal(err)
		}
		if entered == 0 || entered > 1300*time.Millisecond {
			t.Errorf("a connect beside the scan waited until %v", entered)
		}
	})
}

func TestScanStopsOnCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(300*time.Millisecond, cancel)
		out, took, err := simulate(ctx, New(Options{Descriptors: 10000}), nearby, newWorld(direct(halves(result.Filtered), time.Millisecond)))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
		if took > 325*time.Millisecond {
			t.Errorf("stopped %v after the cancel", took-300*time.Millisecond)
		}
		count := map[result.State]int{}
		for _, p := range out {
			count[p.State]++
		}
		if want := (map[result.State]int{result.Open: 1, result.Closed: 499, result.Unknown: 500}); !maps.Equal(count, want) {
			t.Errorf("found %v, want %v", count, want)
		}
	})
}

// slowToClose is a system that takes its time to close a socket. The first
// close cancels the scan.
type slowToClose struct {
	*world
	cancel   context.CancelFunc
	canceled time.Time
}

func (w *slowToClose) drop(id int) {
	if w.canceled.IsZero() {
		w.canceled = time.Now()
		w.cancel()
	}
	time.Sleep(time.Millisecond)
	w.world.drop(id)
}

// A cancel is heeded while the scan gives up a thousand sockets.
func TestScanStopsWhileItCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w := &slowToClose{world: newWorld(policed(direct(halves(result.Rejected), time.Millisecond), 1, 5)), cancel: cancel}
		start := time.Now()
		_, took, err := simulate(ctx, New(Options{Descriptors: 10000}), nearby, w)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
		if after := took - w.canceled.Sub(start); after > 25*time.Millisecond {
			t.Errorf("stopped %v after the cancel", after)
		}
	})
}

func TestScanEndsAtOnceWithoutRoute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &routeless{newWorld(nil)}
		out, took, err := simulate(t.Context(), New(Options{Rate: 2000, Descriptors: 10000}), faraway, w)
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Code != result.FailNoRoute || e.Evidence.Errno != "ENETUNREACH" {
			t.Fatalf("error %#v, want no-route", err)
		}
		if took > 10*time.Millisecond {
			t.Errorf("took %v", took)
		}
		for _, p := range out {
			if p.State != result.Unknown || p.Code != result.FailNoRoute {
				t.Fatalf("port %d: %s, %s", p.Port, p.State, p.Code)
			}
		}
	})
}

// routeless is a system without a route.
type routeless struct{ *world }

func (routeless) connect(batch []start, _ bool) {
	for i := range batch {
		batch[i].at = time.Now()
		batch[i].outcome = outcome{errno: "ENETUNREACH", here: true, err: errors.New("network is unreachable")}
	}
}

func TestProgressAdvances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(Options{Descriptors: 10000})
		out := make([]Port, 1000)
		for i, p := range ports(9000, 9999) {
			out[i].Port = p
		}
		var seen []int
		s := newScan(n, nearby, out, newWorld(direct(all(result.Filtered), time.Millisecond)), ScanOptions{
			Progress: func(done, total int) { seen = append(seen, done*1000/total) },
		})
		if err := s.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.close()
		if len(seen) < 10 || seen[0] > 300 || seen[len(seen)-1] != 1000 {
			t.Errorf("progress in thousandths: %v", seen)
		}
		for i := range seen[1:] {
			if seen[i+1] < seen[i] {
				t.Errorf("progress goes back: %v", seen)
			}
		}
	})
}
