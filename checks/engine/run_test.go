package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"netcheck/profiles"
	"netcheck/report/result"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a kind whose probe is the test's.
type fake func(ctx context.Context, t *Trace) (Outcome, error)

func (fake) Validate() error                                        { return nil }
func (f fake) Probe(ctx context.Context, t *Trace) (Outcome, error) { return f(ctx, t) }

func pass(context.Context, *Trace) (Outcome, error) { return Outcome{}, nil }

// refused fails in a step, as a probe of a closed port does.
func refused(ctx context.Context, t *Trace) (Outcome, error) {
	return Outcome{}, t.Step(ctx, result.OpConnect, func(context.Context, *Step) error {
		return Failed(result.FailRefused, errors.New("connection refused"))
	})
}

// patient waits for its context, as a good probe does, inside a step.
func patient(ctx context.Context, t *Trace) (Outcome, error) {
	return Outcome{}, t.Span(ctx, result.OpConnect, func(ctx context.Context, s *Step) error {
		s.Set("seen", "something")
		<-ctx.Done()
		return ctx.Err()
	})
}

func check(id string, f fake, needs ...string) profiles.Check {
	return profiles.Check{ID: id, Group: id, Applies: true, Here: true, Level: "required", Kind: "fake", Body: f, Needs: needs}
}

func planOf(t *testing.T, checks ...profiles.Check) *Plan {
	t.Helper()
	p, err := Compile(&profiles.Bound{Profile: &profiles.Profile{ID: "p"}, Checks: checks}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func options() Options { return Options{Env: &Env{}} }

// verdicts renders the report's verdicts as "id verdict reason".
func verdicts(r *result.Report) []string {
	var out []string
	for _, c := range r.Checks {
		s := c.ID + " " + string(c.Verdict)
		if c.Reason != "" {
			s += " " + string(c.Reason)
		}
		out = append(out, s)
	}
	return out
}

func TestVerdicts(t *testing.T) {
	inside := func(o Outcome) fake {
		return func(ctx context.Context, tr *Trace) (Outcome, error) {
			_, err := refused(ctx, tr)
			return o, err
		}
	}
	checks := []profiles.Check{
		check("pass", pass),
		check("fail", refused),
		check("warn", inside(Outcome{Verdict: result.Warn})),
		check("open-end", func(context.Context, *Trace) (Outcome, error) {
			return Outcome{Verdict: result.Inconclusive}, nil
		}),
		check("error", func(context.Context, *Trace) (Outcome, error) { return Outcome{}, errors.New("no such file") }),
		check("panic", func(context.Context, *Trace) (Outcome, error) { panic("out of range") }),
		check("after-fail", pass, "fail"),
		check("after-warn", pass, "warn"),
		check("after-skipped", pass, "after-fail"),
		{ID: "no", Group: "no"},
		{ID: "theirs", Group: "theirs", Applies: true},
		check("after-others", pass, "no", "theirs"),
	}
	r := Run(t.Context(), planOf(t, checks...), options())
	want := []string{
		"pass pass", "fail fail", "warn warn", "open-end inconclusive", "error error", "panic error",
		"after-fail skip needs", "after-warn pass", "after-skipped skip needs",
		"no not-applicable", "theirs elsewhere", "after-others pass",
	}
	if d := cmp.Diff(want, verdicts(r)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if !r.Complete {
		t.Error("the report of a whole run is not complete")
	}
	if got := r.Checks[5].Detail; got != "a bug in netcheck: out of range" {
		t.Errorf("detail of a panic: %q", got)
	}
}

// An expanded check is needed by all its items.
func TestNeedsAllItems(t *testing.T) {
	a, b := check("x[1]", pass), check("x[2]", refused)
	a.Group, b.Group = "x", "x"
	r := Run(t.Context(), planOf(t, a, b, check("y", pass, "x")), options())
	if d := cmp.Diff([]string{"x[1] pass", "x[2] fail", "y skip needs"}, verdicts(r)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// Of two checks over one list, an item's needs the same item's alone.
func TestNeedsTheSameItem(t *testing.T) {
	over := func(id, item, list string, f fake, needs ...string) profiles.Check {
		c := check(id+"["+item+"]", f, needs...)
		c.Group, c.Item, c.Each = id, item, list
		return c
	}
	r := Run(t.Context(), planOf(t,
		over("x", "1", "tills", pass), over("x", "2", "tills", refused),
		over("y", "1", "tills", pass, "x"), over("y", "2", "tills", pass, "x"),
		over("z", "1", "printers", pass, "x"),
	), options())
	want := []string{"x[1] pass", "x[2] fail", "y[1] pass", "y[2] skip needs", "z[1] skip needs"}
	if d := cmp.Diff(want, verdicts(r)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if got := r.Checks[3].Detail; got != "x[2]" {
		t.Errorf("y[2] waits for %s", got)
	}
}

// What is tolerated is a warning, and lets others run.
func TestNeedsTolerated(t *testing.T) {
	for _, tt := range []struct {
		name string
		a, b fake
		want string
	}{
		{"one passes", pass, refused, "y pass"},
		{"none passes", refused, refused, "y skip needs"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := check("x[1]", tt.a), check("x[2]", tt.b)
			a.Group, b.Group, a.Tolerate, b.Tolerate = "x", "x", "some", "some"
			r := Run(t.Context(), planOf(t, a, b, check("y", pass, "x")), options())
			if got := verdicts(r)[2]; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			y := check("y[2]", pass, "x")
			for i, c := range []*profiles.Check{&a, &b, &y} {
				c.Each, c.Item = "tills", strconv.Itoa(min(i+1, 2))
			}
			y.Group = "y"
			r = Run(t.Context(), planOf(t, a, b, y), options())
			if got, want := verdicts(r)[2], "y[2]"+tt.want[1:]; got != want {
				t.Errorf("over the same list: got %q, want %q", got, want)
			}
		})
	}
}

// A probe that takes the run's end for silence is still only cut short.
func TestDeadlineIsNoSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fooled := func(ctx context.Context, tr *Trace) (Outcome, error) {
			if _, ok := ctx.Deadline(); ok {
				t.Error("the run's deadline looks like a probe's own")
			}
			return Outcome{Results: []result.Result{{Ports: "80", State: result.Open}}}, tr.Span(ctx, result.OpConnect, func(ctx context.Context, _ *Step) error {
				<-ctx.Done()
				return Failed(result.FailConnectTimeout, errors.New("no answer"))
			})
		}
		o := options()
		o.Deadline = time.Second
		r := Run(t.Context(), planOf(t, check("c", fooled)), o)
		if d := cmp.Diff([]string{"c skip deadline"}, verdicts(r)); d != "" {
			t.Errorf("-want +got\n%s", d)
		}
		if len(r.Checks[0].Results) != 1 {
			t.Error("what was measured is lost")
		}
	})
}

func TestSelection(t *testing.T) {
	a, b, c := check("a", pass), check("b", pass, "a"), check("c[1]", pass)
	c.Group, c.Features = "c", []string{"sales"}
	bound := &profiles.Bound{Profile: &profiles.Profile{}, Checks: []profiles.Check{a, b, c}}
	for _, tt := range []struct {
		name       string
		only, skip []string
		want       []string
	}{
		{"all", nil, nil, []string{"a pass", "b pass", "c[1] pass"}},
		{"only an id; what it needs has no say", []string{"b"}, nil, []string{"a skip selection", "b pass", "c[1] skip selection"}},
		{"only a feature", []string{"sales"}, nil, []string{"a skip selection", "b skip selection", "c[1] pass"}},
		{"skip a group", nil, []string{"c"}, []string{"a pass", "b pass", "c[1] skip selection"}},
		{"both", []string{"a", "b"}, []string{"a"}, []string{"a skip selection", "b pass", "c[1] skip selection"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Compile(bound, tt.only, tt.skip)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, verdicts(Run(t.Context(), p, options()))); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
	_, err := Compile(bound, []string{"salse"}, nil)
	var unknown *UnknownSelectionError
	if !errors.As(err, &unknown) || !slices.Contains(unknown.Known, "sales") {
		t.Errorf("an unknown selection gives %v", err)
	}
}

func TestTooManyTargets(t *testing.T) {
	_, err := Compile(&profiles.Bound{Profile: &profiles.Profile{File: "p.yaml"}, Checks: []profiles.Check{
		{ID: "big", Group: "big", Applies: true, Here: true, Body: big{pass}},
	}}, nil, nil)
	if err == nil {
		t.Error("a plan of a million targets is accepted")
	}
}

type big struct{ fake }

func (big) Targets() int { return 1_000_000 }

// Whatever a probe does, a cancelled run is over within 100 ms and has every
// check and what each had seen.
func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		deaf := func(ctx context.Context, tr *Trace) (Outcome, error) {
			return Outcome{}, tr.Span(ctx, result.OpConnect, func(_ context.Context, s *Step) error {
				s.Set("seen", "something")
				<-release
				s.Set("late", true) // after the report was made: must not race with it
				return nil
			})
		}
		ctx, cancel := context.WithCancel(t.Context())
		var ended time.Time
		go func() {
			time.Sleep(time.Second)
			ended = time.Now()
			cancel()
		}()
		r := Run(ctx, planOf(t, check("done", pass), check("deaf", deaf), check("patient", patient), check("after", pass, "deaf")), options())
		if took := time.Since(ended); took > 100*time.Millisecond {
			t.Errorf("the run ended %v after the cancel", took)
		}
		want := []string{"done pass", "deaf skip interrupted", "patient skip interrupted", "after skip interrupted"}
		if d := cmp.Diff(want, verdicts(r)); d != "" {
			t.Errorf("-want +got\n%s", d)
		}
		if r.Complete {
			t.Error("an interrupted report calls itself complete")
		}
		for _, i := range []int{1, 2} {
			if len(r.Checks[i].Steps) != 1 || r.Checks[i].Steps[0].Facts["seen"] != "something" {
				t.Errorf("%s lost what it had seen: %+v", r.Checks[i].ID, r.Checks[i].Steps)
			}
		}
		close(release)
	})
}

// Probes that don't heed their context keep nobody waiting who had not begun.
func TestCancelAllDeaf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		deaf := func(context.Context, *Trace) (Outcome, error) { <-release; return Outcome{}, nil }
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		o := options()
		o.Concurrency = 2
		start := time.Now()
		r := Run(ctx, planOf(t, check("a", deaf), check("b", deaf), check("c", pass), check("d", pass, "c")), o)
		if took := time.Since(start); took > 1100*time.Millisecond {
			t.Errorf("the run ended %v after the cancel", took-time.Second)
		}
		want := []string{"a skip interrupted", "b skip interrupted", "c skip interrupted", "d skip interrupted"}
		if d := cmp.Diff(want, verdicts(r)); d != "" {
			t.Errorf("-want +got\n%s", d)
		}
		close(release)
	})
}

func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options()
		o.Deadline = 3 * time.Second
		start := time.Now()
		r := Run(t.Context(), planOf(t, check("quick", pass), check("slow", patient)), o)
		if d := cmp.Diff([]string{"quick pass", "slow skip deadline"}, verdicts(r)); d != "" {
			t.Errorf("-want +got\n%s", d)
		}
		if took := time.Since(start); took > 3*time.Second+100*time.Millisecond || r.Complete {
			t.Errorf("took %v, complete %v", took, r.Complete)
		}
	})
}

// The time of one exchange bounds a step, and is the check's failure, not the
// run's end.
func TestStepTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options()
		o.Env.Timeout = 2 * time.Second
		r := Run(t.Context(), planOf(t, check("silent", func(ctx context.Context, tr *Trace) (Outcome, error) {
			return Outcome{}, tr.Step(ctx, result.OpGreeting, func(ctx context.Context, _ *Step) error {
				<-ctx.Done()
				return fmt.Errorf("reading: %w", ctx.Err())
			})
		})), o)
		c := r.Checks[0]
		if c.Verdict != result.Fail || c.Steps[0].Failure != result.FailTimeout {
			t.Errorf("verdict %s, failure %s", c.Verdict, c.Steps[0].Failure)
		}
	})
}

func TestRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempt := 0
		second := func(ctx context.Context, tr *Trace) (Outcome, error) {
			var out Outcome
			err := tr.Span(ctx, result.OpConnect, func(ctx context.Context, _ *Step) error {
				attempt++
				if attempt == 1 {
					_, err := refused(ctx, tr)
					return err
				}
				return nil
			})
			return out, err
		}
		violated := func(ctx context.Context, tr *Trace) (Outcome, error) {
			return Outcome{}, tr.Step(ctx, result.OpCompare, func(context.Context, *Step) error {
				return Failed(result.FailExpectation, errors.New("not in the list"))
			})
		}
		o := options()
		o.Retries = 3
		r := Run(t.Context(), planOf(t, check("flaky", second), check("violated", violated), check("down", refused)), o)
		if d := cmp.Diff([]string{"flaky pass", "violated fail", "down fail"}, verdicts(r)); d != "" {
			t.Errorf("-want +got\n%s", d)
		}
		if got := []int{r.Checks[0].Attempts, r.Checks[1].Attempts, r.Checks[2].Attempts}; !slices.Equal(got, []int{2, 1, 4}) {
			t.Errorf("attempts %v, want 2, 1 (nothing would change) and 4", got)
		}
		s := r.Checks[0].Steps
		if len(s) != 3 || s[0].Attempt != 0 || s[2].Attempt != 2 || *s[1].Parent != 0 || s[2].Parent != nil {
			t.Errorf("steps of two attempts: %+v", s)
		}
	})
}

func TestConcurrencyBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		slow := func(context.Context, *Trace) (Outcome, error) {
			n := now.Add(1)
			for {
				m := most.Load()
				if n <= m || most.CompareAndSwap(m, n) {
					break
				}
			}
			time.Sleep(time.Second)
			now.Add(-1)
			return Outcome{}, nil
		}
		var cs []profiles.Check
		for i := range 20 {
			cs = append(cs, check(fmt.Sprint(i), slow))
		}
		o := options()
		o.Concurrency = 5
		start := time.Now()
		Run(t.Context(), planOf(t, cs...), o)
		if most.Load() != 5 || time.Since(start) != 4*time.Second {
			t.Errorf("%d at once, %v in all", most.Load(), time.Since(start))
		}
	})
}

func TestObserve(t *testing.T) {
	var log []string
	o := options()
	o.Observe = func(e Event) {
		if e.Check != nil {
			log = append(log, e.Check.ID+" "+string(e.Check.Verdict))
		} else {
			log = append(log, fmt.Sprintf("%d: %d of %d", e.Index, e.Done, e.Total))
		}
	}
	Run(t.Context(), planOf(t, check("a", func(_ context.Context, tr *Trace) (Outcome, error) {
		tr.Progress(5, 10)
		return Outcome{}, nil
	}), check("b", pass, "a")), o)
	if d := cmp.Diff([]string{"0: 5 of 10", "a pass", "b pass"}, log); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// Nested steps point at their parents, and the innermost error is the one.
func TestSteps(t *testing.T) {
	r := Run(t.Context(), planOf(t, check("c", func(ctx context.Context, tr *Trace) (Outcome, error) {
		return Outcome{}, tr.Span(ctx, result.OpRequest, func(ctx context.Context, _ *Step) error {
			_ = tr.Step(ctx, result.OpConnect, func(context.Context, *Step) error { return context.DeadlineExceeded })
			_, err := refused(ctx, tr)
			return fmt.Errorf("get: %w", err)
		})
	})), options())
	var got []string
	for _, s := range r.Checks[0].Steps {
		parent := "-"
		if s.Parent != nil {
			parent = fmt.Sprint(*s.Parent)
		}
		got = append(got, parent+" "+string(s.Op)+" "+string(s.Failure))
	}
	want := []string{"- request refused", "0 connect timeout", "0 connect refused"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestMemo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Memo
		asked := 0
		slow := func(ctx context.Context) (any, error) {
			asked++
			select {
			case <-time.After(time.Second):
				return asked, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		// The first asker gives up; the second, who waited for it, asks anew;
		// the third shares the second's answer.
		short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		go m.Do(short, "k", slow)
		synctest.Wait()
		got := make(chan any, 2)
		for range 2 {
			go func() {
				v, _, err := m.Do(t.Context(), "k", slow)
				if err != nil {
					t.Error(err)
				}
				got <- v
			}()
		}
		if a, b := <-got, <-got; a != 2 || b != 2 || asked != 2 {
			t.Errorf("answers %v and %v, asked %d times", a, b, asked)
		}
	})
}

func BenchmarkRun1000(b *testing.B) {
	var cs []profiles.Check
	for i := range 1000 {
		cs = append(cs, check(fmt.Sprint(i), pass))
	}
	p, err := Compile(&profiles.Bound{Profile: &profiles.Profile{}, Checks: cs}, nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		Run(b.Context(), p, options())
	}
}

func TestParallel(t *testing.T) {
	r := Run(t.Context(), planOf(t, check("c", func(context.Context, *Trace) (Outcome, error) {
		Parallel(3, func(i int) {
			if i == 1 {
				panic("in a goroutine")
			}
		})
		return Outcome{}, nil
	})), options())
	if c := r.Checks[0]; c.Verdict != result.Error || !strings.HasPrefix(c.Detail, "a bug in netcheck: in a goroutine") {
		t.Errorf("%s: %s", c.Verdict, c.Detail)
	}
}
