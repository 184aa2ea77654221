package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"netcheck/report/result"
)

const (
	// DefaultConcurrency is how many checks run at once. Sockets have bounds
	// of their own in dial; this one bounds goroutines and buffers.
	DefaultConcurrency = 256
	// crew is how many checks run at once as long as they are quick: more of
	// them would only wait for the processor, each with a stack of its own.
	// Where a check takes more than twice the pace, another crew comes.
	crew     = 64
	crewPace = 5 * time.Millisecond
	// grace is how long a cancelled probe may take to hand in what it has.
	// Together with the rest of a stop it must stay under 100 ms.
	grace = 80 * time.Millisecond
	// retryPause lets a burst of loss or a flapping link pass.
	retryPause = 250 * time.Millisecond
)

// Options are how a plan is run.
type Options struct {
	Env         *Env
	Concurrency int           // checks at once; 0: DefaultConcurrency
	Retries     int           // more attempts for a check that failed on the network
	Deadline    time.Duration // of the whole run; 0: none
	Observe     func(Event)   // told of progress, one event at a time; may be nil

	Tool    result.Tool
	Machine result.Machine
	Ref     string   // what was typed to name the profile
	Args    []string // flags that another machine's run needs as well
	Lang    string   // in which titles are chosen
}

// Event is something that whoever watches a run may want to show.
type Event struct {
	Index       int           // of the check in the plan
	Check       *result.Check // set when it has finished
	Done, Total int           // how far a running check is, where it tells
}

// errDeadline is why a run's context ended, when its own deadline did it.
var errDeadline = errors.New("the run's deadline is over")

// Run runs the plan. It never fails: what goes wrong is in the report, and
// when ctx is cancelled what was measured so far is.
func Run(ctx context.Context, p *Plan, o Options) *result.Report {
	start := time.Now()
	r := newReport(p, o, start)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if o.Deadline > 0 {
		// A cancel, not a context's deadline: dialers take a deadline for
		// their own time limit, and would call cut short what is silent.
		defer time.AfterFunc(o.Deadline, func() { cancel(errDeadline) }).Stop()
	}
	run := &run{plan: p, o: o, start: start, report: r, events: make(chan Event)}
	run.all(ctx)
	r.Duration = result.Duration(time.Since(start))
	round(r)
	return r
}

type run struct {
	plan   *Plan
	o      Options
	start  time.Time
	report *result.Report
	events chan Event
}

// all runs the checks, each as soon as what it needs is done, and returns when
// every check has its verdict.
func (r *run) all(ctx context.Context) {
	n := len(r.plan.Checks)
	waits, after := make([]int, n), make([][]int, n) // for how many checks one waits, and which wait for it
	var ready []int
	for i, planned := range r.plan.Checks {
		for _, need := range planned.Needs {
			after[need] = append(after[need], i)
		}
		if waits[i] = len(planned.Needs); waits[i] == 0 {
			ready = append(ready, i)
		}
	}
	work, finished := make(chan int), make(chan int)
	defer close(work)
	most := min(n, cmp.Or(r.o.Concurrency, DefaultConcurrency))
	var workers []*worker
	hire := func() {
		for range min(crew, most-len(workers)) {
			w := &worker{run: r}
			workers = append(workers, w)
			go w.serve(ctx, work, finished)
		}
	}
	hire()
	pace := time.NewTicker(crewPace)
	defer pace.Stop()
	recent, left := 0, n // checks finished since it last ticked, and to finish
	finish := func(i int) Event {
		left--
		recent++
		if r.report.Checks[i].Reason == result.BecauseInterrupted || r.report.Checks[i].Reason == result.BecauseDeadline {
			r.report.Complete = false
		}
		for _, j := range after[i] {
			if waits[j]--; waits[j] == 0 {
				ready = append(ready, j)
			}
		}
		return Event{Index: i, Check: &r.report.Checks[i]}
	}
	over, patience := ctx.Done(), (<-chan time.Time)(nil)
	for left > 0 { // one goroutine tells of events, so that nobody has to lock
		var next chan int
		var first int
		var tick <-chan time.Time
		if len(ready) > 0 {
			next, first = work, ready[0]
			if len(workers) < most {
				tick = pace.C
			}
		}
		var e Event
		select {
		case next <- first:
			ready = ready[1:]
			continue
		case <-tick:
			if recent < len(workers)/2 {
				hire()
			}
			recent = 0
			continue
		case <-over:
			over, patience = nil, time.After(grace)
			continue
		case <-patience:
			// What the workers are still at, and what is left for them, is
			// cut short in their place.
			patience = time.After(grace / 16) // one may have been about to begin
			i, ok := -1, false
			for _, w := range workers {
				if i, ok = w.abandon(ctx); ok {
					break
				}
			}
			switch {
			case ok:
				patience = time.After(0)
			case len(ready) > 0:
				i, ready = ready[0], ready[1:]
				(&worker{run: r}).one(ctx, i)
				patience = time.After(0)
			default:
				continue
			}
			e = finish(i)
		case e = <-r.events:
		case i := <-finished:
			e = finish(i)
		}
		if r.o.Observe != nil {
			r.o.Observe(e)
		}
	}
}

// met tells whether a needed check lets others run. One that was left out or
// that is another role's has no say. A downgrade, which follows from the cause,
// comes with the diagnosis and too late for this.
func met(c *result.Check) bool {
	switch c.Verdict {
	case result.Pass, result.Warn, result.NotApplicable, result.Attested, result.Elsewhere:
		return true
	case result.Skip:
		return c.Reason == result.BecauseSelection
	}
	return false
}

// tolerated tells whether a needed check that failed will be a warning, because
// another of its group passed.
func (r *run) tolerated(c *result.Check, needs []int) bool {
	if c.Spec.Tolerate != "some" || c.Verdict != result.Fail && c.Verdict != result.Inconclusive {
		return false
	}
	return slices.ContainsFunc(needs, func(i int) bool {
		n := &r.report.Checks[i]
		return n.Group == c.Group && (n.Verdict == result.Pass || n.Verdict == result.Attested)
	})
}

// PanicError is a bug in a kind.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string {
	first, _, _ := strings.Cut(fmt.Sprint(e.Value), "\n")
	return "a bug in netcheck: " + first
}

// judge turns what a probe returned into the check's verdict.
func judge(ctx context.Context, c *result.Check, out Outcome, err error) {
	c.Results, c.Code, c.Detail, c.Reason = out.Results, out.Code, out.Detail, out.Reason
	c.Verdict = out.Verdict
	for _, s := range c.Steps {
		if networked(s.Op) {
			c.Via = "direct"
		}
	}
	var step *StepError
	switch {
	case err == nil && cmp.Or(c.Verdict, result.Pass) == result.Pass:
		c.Verdict = result.Pass
	case ctx.Err() != nil:
		// The run's end may be what kept the check from passing: what it saw
		// stays in its steps and results, but is no verdict.
		cutShort(ctx, c)
	case err == nil:
	case errors.As(err, &step):
		c.Verdict = cmp.Or(c.Verdict, result.Fail)
	default:
		c.Verdict, c.Detail = result.Error, err.Error()
	}
}

// cutShort marks a check that the run's end kept from its verdict.
func cutShort(ctx context.Context, c *result.Check) {
	c.Verdict, c.Reason, c.Detail = result.Skip, result.BecauseInterrupted, ""
	if errors.Is(context.Cause(ctx), errDeadline) {
		c.Reason = result.BecauseDeadline
	}
}

// networked tells the steps that contact something from those that look at
// this machine, at what is known, or ask a person.
func networked(op result.Op) bool {
	return op != result.OpInspect && op != result.OpCompare && op != result.OpAsk && op != result.OpVerify
}

// settled are the failures that no other attempt changes; of a login that is
// refused, some servers count the attempts, and lock the account.
var settled = []result.Failure{result.FailExpectation, result.FailFTPLogin, result.FailSSHAuth, result.FailHostKey, result.FailAlgorithms, result.FailKeyFile}

// worthRetrying tells whether another attempt could end otherwise: what the
// network did can, what the profile asks of known values can't.
func worthRetrying(c *result.Check, err error) bool {
	if c.Verdict != result.Fail && c.Verdict != result.Inconclusive {
		return false
	}
	var step *StepError
	if errors.As(err, &step) && slices.Contains(settled, step.Failure) {
		return false
	}
	for _, s := range c.Steps {
		if networked(s.Op) {
			return true
		}
	}
	return false
}
