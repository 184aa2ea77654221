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
	trace  *Trace
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
		if n := &r.report.Checks[need]; !met(n) && !r.tolerated(n, planned.Needs) {
			c.Verdict, c.Reason, c.Detail = result.Skip, result.BecauseNeeds, n.ID
			return true
		}
	}
	begin := time.Now()
	var before []result.Step
	for n := 1; ; n++ {
		t := &Trace{Env: r.o.Env, id: c.ID, start: r.start, attempt: n, base: len(before)}
		t.progress = func(done, total int) {
			select {
			case r.events <- Event{Index: i, Done: done, Total: total}:
			case <-ctx.Done():
			}
		}
		c.Attempts = n
		a := &attempt{i: i, begin: begin, before: before, trace: t}
		w.at.Store(a)
		out, err := probe(ctx, planned.Prober, t)
		if !a.taken.CompareAndSwap(false, true) {
			return false
		}
		r.conclude(ctx, a, out, err)
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
	w.run.conclude(ctx, a, Outcome{}, context.Cause(ctx))
	return a.i, true
}

func (r *run) conclude(ctx context.Context, a *attempt, out Outcome, err error) {
	c := &r.report.Checks[a.i]
	c.Steps = append(a.before, a.trace.Steps()...)
	judge(ctx, c, out, err)
	c.Duration = result.Duration(time.Since(a.begin))
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
