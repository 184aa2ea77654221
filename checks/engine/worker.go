package engine

import (
	"context"
	"runtime/debug"
	"sync/atomic"
	"time"

	"netcheck/report/result"
)

// worker brings one check after another to its verdict. A probe that does not
// heed its context is left behind, and its worker with it: the run has then
// concluded the check in its place.
type worker struct {
	run *run
	at  atomic.Pointer[attempt] // the latest, under way or over
}

// attempt is one attempt at a check. Whoever takes it, once, concludes it: the
// worker when the probe returns, or the run when its time is over.
type attempt struct {
	i      int
	begin  time.Time     // of the first attempt
	before []result.Step // of earlier attempts
	ways   []tried       // by which it is tried, beside each other
	taken  atomic.Bool
}

func (w *worker) serve(ctx context.Context, work <-chan int, finished chan<- int) {
	for i := range work {
		if !w.one(ctx, i) {
			return
		}
		finished <- i
	}
}

// one brings check i to its verdict; what it needs is done. It returns false
// if the run has done that meanwhile.
func (w *worker) one(ctx context.Context, i int) bool {
	r := w.run
	planned, c := &r.plan.Checks[i], &r.report.Checks[i]
	if planned.Fixed != "" {
		c.Verdict, c.Reason, c.Detail = planned.Fixed, planned.Reason, planned.Detail
		return true
	}
	if ctx.Err() != nil {
		cutShort(ctx, c)
		return true
	}
	for _, need := range planned.Needs {
		if n := &r.report.Checks[need]; !met(n) && !r.tolerated(n, planned.Needs) && !r.knownToProxy(n, planned) {
			c.Verdict, c.Reason, c.Detail = result.Skip, result.BecauseNeeds, n.ID
			return true
		}
	}
	ways, why := r.waysOf(planned)
	if why != "" {
		c.Verdict, c.Reason, c.Detail = result.Skip, result.BecauseNoProxy, why
		return true
	}
	begin := time.Now()
	var before []result.Step
	for n := 1; ; n++ {
		c.Attempts = n
		a := &attempt{i: i, begin: begin, before: before, ways: make([]tried, len(ways))}
		for j, way := range ways {
			t := &Trace{Env: r.o.Env, id: c.ID, start: r.start, attempt: n, base: len(before), proxied: way.proxy != nil, declared: planned.Proxy}
			t.progress = func(done, total int) {
				select {
				case r.events <- Event{Index: i, Done: done, Total: total}:
				case <-ctx.Done():
				}
			}
			a.ways[j] = tried{way: way, trace: t}
		}
		w.at.Store(a)
		a.probe(ctx, planned.Prober)
		if !a.taken.CompareAndSwap(false, true) {
			return false
		}
		err := r.conclude(ctx, a, nil)
		if n > r.o.Retries || ctx.Err() != nil || !worthRetrying(c, err) {
			return true
		}
		before = c.Steps
		select {
		case <-time.After(retryPause):
		case <-ctx.Done():
			return true // the last attempt's verdict stands
		}
	}
}

// abandon concludes the attempt that the worker is still at, with the steps
// recorded so far, and says of which check it was.
func (w *worker) abandon(ctx context.Context) (i int, ok bool) {
	a := w.at.Load()
	if a == nil || !a.taken.CompareAndSwap(false, true) {
		return 0, false
	}
	w.run.conclude(ctx, a, context.Cause(ctx))
	return a.i, true
}

// probe looks by every way at once. Once it passes by one, the others have a
// moment more for what they have to say.
func (a *attempt) probe(ctx context.Context, p Prober) {
	if len(a.ways) == 1 { // most often: a goroutine's stack is not worth growing anew
		a.ways[0].out, a.ways[0].err = probe(ctx, p, a.ways[0].trace)
		return
	}
	limits := make([]*limited, len(a.ways))
	for i := range limits {
		limits[i] = newLimited(ctx)
		defer limits[i].end()
	}
	begin := time.Now()
	Parallel(len(a.ways), func(i int) {
		w := &a.ways[i]
		w.out, w.err = probe(limits[i], p, w.trace)
		if w.err != nil || w.out.Verdict != "" && w.out.Verdict != result.Pass {
			return
		}
		for j := range limits {
			if j != i {
				limits[j].after(max(moment, 3*time.Since(begin)))
			}
		}
	})
}

// conclude gives the check its verdict: the attempt's, or, where it was left
// behind, why.
func (r *run) conclude(ctx context.Context, a *attempt, left error) error {
	c := &r.report.Checks[a.i]
	c.Steps = append(a.before, a.steps()...)
	out, err := Outcome{}, left
	if left == nil {
		if out, c.Ways, err = settle(ctx, a.ways); len(c.Ways) == 1 && c.Ways[0].Exempt == "" && c.Ways[0].Via == direct {
			c.Ways = nil // nobody spoke of a proxy
		}
	}
	judge(ctx, c, out, err)
	for i := range a.ways { // not a copy of each: a probe that was left behind may be handing in
		hide(c, a.ways[i].way.proxy)
	}
	for _, w := range c.Ways {
		if w.Used {
			c.Via = w.Via
		}
	}
	c.Duration = result.Duration(time.Since(a.begin))
	return err
}

// steps are those of all ways, one way's after the other's.
func (a *attempt) steps() []result.Step {
	all := a.ways[0].trace.Steps()
	for i := 1; i < len(a.ways); i++ {
		base := len(all)
		for _, s := range a.ways[i].trace.Steps() {
			if s.Parent != nil {
				p := *s.Parent + base
				s.Parent = &p
			}
			all = append(all, s)
		}
	}
	return all
}

// probe looks, and makes a panic that check's error.
func probe(ctx context.Context, p Prober, t *Trace) (out Outcome, err error) {
	defer func() {
		if v := recover(); v != nil {
			out, err = Outcome{}, &PanicError{v, debug.Stack()}
		}
	}()
	return p.Probe(ctx, t)
}
