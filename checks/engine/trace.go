package engine

import (
	"context"
	"errors"
	"io"
	"maps"
	"sync"
	"time"

	"netcheck/checks/dial"
	"netcheck/report/result"
)

// errCutShort marks an answer that nobody may share.
var errCutShort = errors.New("the asker's time was over")

func (m *Memo) ask(ctx context.Context, key string, a *answer, f func(context.Context) (any, error)) (any, bool, error) {
	kept := false
	defer func() { // also when f panics: the waiters must not wait for ever
		if !kept {
			a.err = errCutShort
			m.mu.Lock()
			delete(m.m, key)
			m.mu.Unlock()
		}
		close(a.done)
	}()
	v, err := f(ctx)
	if ctx.Err() == nil {
		a.value, a.err, kept = v, err, true
	}
	return v, false, err
}

// Trace is a probe's record of what it did, and its access to what the run
// shares. Safe for concurrent use.
type Trace struct {
	Env      *Env
	id       string
	start    time.Time // of the run
	attempt  int
	base     int // steps of earlier attempts, which parents must be counted from
	progress func(done, total int)
	proxied  bool        // it heeds what the settings say of proxies
	declared *dial.Proxy // that the check names

	mu    sync.Mutex
	steps []result.Step
}

// NewTrace is a record of steps outside a check, timed from the start of a
// run.
func NewTrace(env *Env, start time.Time) *Trace { return &Trace{Env: env, start: start} }

// Aside is a record of its own for what is asked beside the check, which only
// its answer matters of.
func (t *Trace) Aside() *Trace {
	return &Trace{Env: t.Env, id: t.id, start: t.start, attempt: t.attempt}
}

// CheckID is the id of the check being run.
func (t *Trace) CheckID() string { return t.id }

// Attempt counts the probe's attempts, from 1.
func (t *Trace) Attempt() int { return max(t.attempt, 1) }

// Network is the probe's way onto the network.
func (t *Trace) Network() *dial.Network { return t.Env.Network }

// Progress tells whoever watches how far a long step is.
func (t *Trace) Progress(done, total int) {
	if t.progress != nil {
		t.progress(done, total)
	}
}

// Step is one thing a probe does, while it does it.
type Step struct {
	t *Trace
	i int
}

// Set records a fact.
func (s *Step) Set(key string, v any) {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	st := &s.t.steps[s.i]
	if st.Facts == nil {
		st.Facts = result.Facts{}
	}
	st.Facts[key] = v
}

// Evidence records what the system told. Step does so by itself for a
// *dial.Error.
func (s *Step) Evidence(e result.Evidence) {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	s.t.steps[s.i].Evidence = &e
}

// StepError is an error that came out of a step: a finding about the network.
type StepError struct {
	Index   int // of the innermost step
	Failure result.Failure
	Err     error
}

func (e *StepError) Error() string { return e.Err.Error() }
func (e *StepError) Unwrap() error { return e.Err }

type stepKey struct{}

// Step runs f as a step within the run's timeout for one exchange, times it
// and classifies its error. A step begun with the ctx that f is given is
// nested in it. The error is a *StepError.
func (t *Trace) Step(ctx context.Context, op result.Op, f func(ctx context.Context, s *Step) error) error {
	if t.Env.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.Env.Timeout)
		defer cancel()
	}
	return t.Span(ctx, op, f)
}

// Span is a Step without a time limit of its own: for steps that hold others,
// or that bound themselves, such as a scan.
func (t *Trace) Span(ctx context.Context, op result.Op, f func(ctx context.Context, s *Step) error) error {
	t.mu.Lock()
	i := len(t.steps)
	st := result.Step{Op: op, Start: result.Duration(time.Since(t.start))}
	if t.attempt > 1 {
		st.Attempt = t.attempt
	}
	if via, ok := ctx.Value(viaKey{}).(string); ok {
		st.Via = via
	}
	if p, ok := ctx.Value(stepKey{}).(int); ok {
		p += t.base
		st.Parent = &p
	}
	t.steps = append(t.steps, st)
	t.mu.Unlock()

	begin := time.Now()
	err := f(context.WithValue(ctx, stepKey{}, i), &Step{t, i})

	t.mu.Lock()
	defer t.mu.Unlock()
	s := &t.steps[i]
	s.Duration = result.Duration(time.Since(begin))
	if err == nil {
		return nil
	}
	s.Err = err.Error()
	var inner *StepError
	if errors.As(err, &inner) {
		s.Failure = inner.Failure
		return inner
	}
	s.Failure = Classify(err)
	var de *dial.Error
	if s.Evidence == nil && errors.As(err, &de) {
		ev := de.Evidence
		s.Evidence = &ev
	}
	return &StepError{Index: i, Failure: s.Failure, Err: err}
}

// Steps returns what was recorded so far, as a copy: a probe that was left
// behind may still be writing.
func (t *Trace) Steps() []result.Step {
	t.mu.Lock()
	defer t.mu.Unlock()
	steps := append([]result.Step(nil), t.steps...)
	for i := range steps {
		steps[i].Facts = maps.Clone(steps[i].Facts)
	}
	return steps
}

// Failed is an error that names its failure, for what only a kind can see: a
// status, a reply.
func Failed(f result.Failure, err error) error { return failed{f, err} }

type failed struct {
	code result.Failure
	error
}

func (f failed) Failure() result.Failure { return f.code }
func (f failed) Unwrap() error           { return f.error }

// Classify names an error's failure: by the error's own word, then by type and
// errno, never by its text.
func Classify(err error) result.Failure {
	var own interface{ Failure() result.Failure }
	if errors.As(err, &own) {
		return own.Failure()
	}
	switch {
	case errors.Is(err, context.Canceled):
		return result.FailCanceled
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return result.FailEOF
	case errors.Is(err, context.DeadlineExceeded):
		return result.FailTimeout
	}
	f, _ := dial.Classify(err)
	return f
}
