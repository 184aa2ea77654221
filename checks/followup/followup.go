// Package followup is what is asked once more when a result needs it: where on
// the way a packet is lost, what another resolver says, whether a smaller
// ClientHello gets through. It runs after the probes, all of it together,
// within a few seconds, and once for each subject, however many checks it
// matters to. It adds evidence to the report and decides nothing: what the
// evidence means is diagnosis' business.
//
// Nobody is contacted but whom the probes contacted, the way there, and whom a
// flag or, as a helper outside, the profile names: the controls are the profile's other hosts.
package followup

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"netcheck/checks/engine"
	"netcheck/report/result"
)

// Followup is one thing that may be asked once more: a plain value in
// Followups.
type Followup struct {
	Name string // as in the report: the same for all that ask alike
	Doc  string // one sentence: where what failed makes it ask, and what it asks whom
	// Wants names the subjects that a check makes it look at, none if it
	// does not matter to the check. It contacts nothing.
	Wants func(s *Seen, c *result.Check) []result.Subject
	// Look asks, and records what it sees as steps. Its error is of no
	// account: what failed is in the steps.
	Look func(ctx context.Context, t *engine.Trace, s result.Subject) error
}

// Followups lists them. A new one is a file and a line here.
func Followups() []Followup {
	return []Followup{sweep, line, refusal, originOf, answer, departure, neighbour, loss, names, resolver, resolverWay, elsewhere, proxy, hello, otherName, otherAddress, webPages, helperPresent, request, requestTLS, greeting, greetingSSH}
}

const (
	// patience is how long all follow-ups together may take. A run that fails
	// ends five seconds after its probes; the rest is for the report.
	patience = 4500 * time.Millisecond
	// grace is how long a look may take to hand in what it has when the time
	// is over or a person has had enough, who waits 100 ms at most.
	grace = 80 * time.Millisecond
	// atOnce is how many look at the same time.
	atOnce = 64
	// subjects is how many subjects of a run one follow-up looks at: more
	// faults than these have few causes.
	subjects = 24
)

// Run looks once more at what the checks of a report showed, and adds what it
// sees to the report. It ends when ctx does, with what was seen until then.
// observe, if there is one, is told how many looks are done of how many, one
// call at a time.
func Run(ctx context.Context, r *result.Report, env *engine.Env, observe func(done, total int)) {
	ask(ctx, r, plan(Followups(), r, env), observe)
}

func ask(ctx context.Context, r *result.Report, looks []*look, observe func(done, total int)) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	slots := semaphore.NewWeighted(atOnce)
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := -1
	tell := func() {
		mu.Lock()
		defer mu.Unlock()
		if done++; observe != nil && len(looks) > 0 && ctx.Err() == nil {
			observe(done, len(looks))
		}
	}
	tell()
	for _, l := range looks {
		if slots.Acquire(ctx, 1) != nil {
			break
		}
		wg.Go(func() {
			defer slots.Release(1)
			l.look(ctx)
			tell()
		})
	}
	finished := make(chan struct{})
	go func() { wg.Wait(); close(finished) }()
	select {
	case <-finished:
	case <-ctx.Done():
		select {
		case <-finished:
		case <-time.After(grace): // whoever does not heed its context is left behind
		}
	}
	for _, l := range looks {
		if steps := l.trace.Steps(); len(steps) > 0 {
			r.Followups = append(r.Followups, result.Followup{
				Name: l.followup.Name, Machine: l.machine, Checks: l.checks, Subject: l.subject, Steps: engine.Rounded(steps),
			})
		}
	}
	if len(r.Followups) > 0 {
		r.Duration = result.Duration(time.Since(r.Started).Round(time.Microsecond))
	}
}

// look is one follow-up's look at one subject.
type look struct {
	followup Followup
	machine  string
	subject  result.Subject
	checks   []string
	trace    *engine.Trace
}

func (l *look) look(ctx context.Context) {
	defer func() {
		if v := recover(); v != nil { // a bug here must not cost the report
			_ = l.trace.Span(ctx, result.OpCompare, func(context.Context, *engine.Step) error {
				return fmt.Errorf("a bug in netcheck, follow-up %s: %v", l.followup.Name, v)
			})
		}
	}()
	_ = l.followup.Look(ctx, l.trace, l.subject)
}

// madeUpFor leaves out, of checks that passed by one way, what another met: it
// does no harm, and the run is not kept waiting for it.
func madeUpFor(checks []*result.Check) []*result.Check {
	for i, c := range checks {
		if c.Verdict != result.Pass || len(c.Ways) < 2 {
			continue
		}
		kept := *c
		kept.Results = slices.DeleteFunc(slices.Clone(c.Results), func(r result.Result) bool { return (r.Via == "") != (c.Via == "direct") })
		kept.Steps = slices.DeleteFunc(slices.Clone(c.Steps), func(s result.Step) bool { return (s.Via == "") != (c.Via == "direct") })
		for j := range kept.Steps {
			kept.Steps[j].Parent = nil // their places have changed
		}
		checks[i] = &kept
	}
	return checks
}

// plan finds out which subjects are to be looked at, the weightiest checks'
// first.
func plan(followups []Followup, r *result.Report, env *engine.Env) []*look {
	checks := madeUpFor(byWeight(r))
	seen := see(r, env)
	var looks []*look
	for _, f := range followups {
		at := map[result.Subject]*look{}
		for _, c := range checks {
			for _, s := range f.Wants(seen, c) {
				l := at[s]
				if l == nil {
					if len(at) == subjects {
						continue
					}
					l = &look{followup: f, machine: c.Machine, subject: s, trace: engine.NewTrace(env, r.Started)}
					at[s] = l
					looks = append(looks, l)
				}
				if !slices.Contains(l.checks, c.ID) {
					l.checks = append(l.checks, c.ID)
				}
			}
		}
	}
	return looks
}
