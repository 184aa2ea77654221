package followup

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"netcheck/checks/engine"
	"netcheck/report/result"
)

// every asks about the target of each check.
func every(name string, look func(context.Context, *engine.Trace, result.Subject) error) Followup {
	return Followup{Name: name, Look: look, Wants: func(_ *Seen, c *result.Check) []result.Subject {
		return []result.Subject{{Host: c.Target}}
	}}
}

func noted(ctx context.Context, t *engine.Trace, s result.Subject) error {
	return t.Span(ctx, result.OpCompare, func(_ context.Context, st *engine.Step) error {
		st.Set("host", s.Host)
		return nil
	})
}

func reportOf(checks ...result.Check) *result.Report {
	return &result.Report{Started: time.Now(), Checks: checks}
}

// What many checks share is asked once, and what was asked stands in the
// report in the order of the list, whoever was done first.
func TestOncePerSubject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := reportOf(result.Check{ID: "a", Target: "x"}, result.Check{ID: "b", Target: "y"}, result.Check{ID: "c", Target: "x"})
		late := func(ctx context.Context, tr *engine.Trace, s result.Subject) error {
			time.Sleep(time.Second)
			return noted(ctx, tr, s)
		}
		ask(t.Context(), r, plan([]Followup{every("late", late), every("soon", noted)}, r, &engine.Env{}), nil)
		var got []string
		for _, f := range r.Followups {
			got = append(got, f.Name+" "+f.Host+" for "+strings.Join(f.Checks, " "))
		}
		want := []string{"late x for a c", "late y for b", "soon x for a c", "soon y for b"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// A look that does not heed its end is left behind; what it has recorded until
// then is kept, as is what the others have.
func TestEnds(t *testing.T) {
	for _, c := range []struct {
		name string
		stop time.Duration // a person's; 0: none
		most time.Duration
	}{
		{"by itself", 0, patience + grace},
		{"interrupted", time.Second, time.Second + 100*time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.stop > 0 {
					time.AfterFunc(c.stop, cancel)
				}
				deaf := func(ctx context.Context, tr *engine.Trace, s result.Subject) error {
					err := noted(ctx, tr, s)
					time.Sleep(time.Minute)
					return err
				}
				r := reportOf(result.Check{ID: "a", Target: "x"})
				ask(ctx, r, plan([]Followup{every("deaf", deaf), every("soon", noted)}, r, &engine.Env{}), nil)
				if took := time.Since(r.Started); took > c.most {
					t.Errorf("took %s, want %s at most", took, c.most)
				}
				if len(r.Followups) != 2 {
					t.Errorf("%d records, want both", len(r.Followups))
				}
				time.Sleep(2 * time.Minute) // the one left behind ends, too
			})
		})
	}
}

// A bug in a follow-up costs its own answer, and nothing else.
func TestPanic(t *testing.T) {
	r := reportOf(result.Check{ID: "a", Target: "x"})
	bad := func(context.Context, *engine.Trace, result.Subject) error { panic(errors.New("index out of range")) }
	ask(t.Context(), r, plan([]Followup{every("bad", bad), every("soon", noted)}, r, &engine.Env{}), nil)
	if len(r.Followups) != 2 || r.Followups[0].Steps[0].Failure != result.FailOther {
		t.Errorf("got %+v", r.Followups)
	}
}

// Each follow-up says what it asks, and some rule's case has evidence of it:
// what no rule looks at need not be asked.
func TestList(t *testing.T) {
	cases, err := filepath.Glob("../../report/diagnosis/testdata/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases of rules", err)
	}
	var evidence strings.Builder
	for _, c := range cases {
		text, err := os.ReadFile(c)
		if err != nil {
			t.Fatal(err)
		}
		evidence.Write(text)
	}
	for _, f := range Followups() {
		if !strings.HasPrefix(f.Doc, "Where ") || !strings.HasSuffix(f.Doc, ".") {
			t.Errorf("%s does not say what it asks: %q", f.Name, f.Doc)
		}
		if !strings.Contains(evidence.String(), `"name": "`+f.Name+`"`) {
			t.Errorf("no rule's case has what %s sees", f.Name)
		}
	}
}
