package report_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"netcheck/report"
	"netcheck/report/diagnosis"
	"netcheck/report/result"
)

// What CI systems show is of the colour of the exit status: something failed in
// them where that is not 0, and nothing where it is. It holds for each two
// checks of any verdict, reason and level, of which the second may need the first.
func TestTestsAgreeWithTheExitStatus(t *testing.T) {
	var kinds []result.Check
	for _, level := range []result.Level{result.Required, result.Recommended, result.Optional} {
		for _, v := range result.Verdicts() {
			reasons := []result.Reason{""}
			if v == result.Skip {
				reasons = []result.Reason{result.BecauseNeeds, result.BecauseSelection, result.BecauseTool, result.BecauseDeadline}
			}
			for _, reason := range reasons {
				kinds = append(kinds, result.Check{Verdict: v, Reason: reason, Level: level})
			}
		}
	}
	junit, tap, prometheus, nagios := format(t, "junit"), format(t, "tap"), format(t, "prometheus"), format(t, "nagios")
	red := regexp.MustCompile(`(?m)^not ok [^#\n]+$`)
	for _, a := range kinds {
		for _, b := range kinds {
			a.ID, b.ID, b.Detail = "a", "b", "a"
			r := newSample("two", a, b)
			r.Summary, r.Verdict = diagnosis.Judge(r)
			for _, strict := range []bool{false, true} {
				fine := r.Verdict == result.Pass || r.Verdict == result.Warn
				n := r.Summary
				if strict && n[result.Fail]+n[result.Error]+n[result.Inconclusive]+n[result.Warn] > 0 {
					fine = false
				}
				o := report.Options{Strict: strict}
				j := readJUnit(t, write(t, junit, r, o))
				name := fmt.Sprintf("%s %s %s, %s %s %s, strict %t", a.Level, a.Verdict, a.Reason, b.Level, b.Verdict, b.Reason, strict)
				if (j.Failures+j.Errors == 0) != fine {
					t.Errorf("%s: %d failures and %d errors, run %s", name, j.Failures, j.Errors, r.Verdict)
				}
				if fails := r.Verdict == result.Fail || strict && !fine && r.Verdict == result.Warn; fails && j.Failures+j.Errors == 0 {
					t.Errorf("%s: nothing failed", name)
				}
				if red.Match(write(t, tap, r, o)) == fine {
					t.Errorf("%s: TAP\n%s", name, write(t, tap, r, o))
				}
				if bytes.Contains(write(t, prometheus, r, o), []byte("netcheck_run_success{profile=\"two\"} 1")) != fine {
					t.Errorf("%s: Prometheus", name)
				}
				line := string(write(t, nagios, r, o))
				if green := strings.HasPrefix(line, "NETCHECK OK ") || strings.HasPrefix(line, "NETCHECK WARNING "); green != fine {
					t.Errorf("%s: %s", name, line)
				}
			}
		}
	}
}

// What was not run for want of a check that failed is no failure more; for want
// of one that is only recommended, and so no failure, it is.
func TestOneCauseIsCountedOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		level result.Level
		needs string
		want  int
	}{
		"a required one":            {result.Required, "first", 1},
		"a recommended one":         {result.Recommended, "first", 2},
		"an item of a required one": {result.Required, "group", 1},
		"one that nobody knows":     {result.Required, "nowhere", 3},
		"itself, without an end":    {result.Recommended, "third", 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newSample("needs",
				result.Check{ID: "first", Group: "group", Verdict: result.Fail, Level: tt.level},
				result.Check{ID: "second", Verdict: result.Skip, Reason: result.BecauseNeeds, Detail: tt.needs},
				result.Check{ID: "third", Verdict: result.Skip, Reason: result.BecauseNeeds, Detail: tt.needs},
			)
			r.Summary, r.Verdict = diagnosis.Judge(r)
			if j := readJUnit(t, write(t, format(t, "junit"), r, report.Options{})); j.Failures+j.Errors != tt.want {
				t.Errorf("%d failures and %d errors, want %d", j.Failures, j.Errors, tt.want)
			}
		})
	}
}
