package diagnosis

import (
	"testing"

	"netcheck/report/result"
)

func TestJudge(t *testing.T) {
	check := func(v result.Verdict, l result.Level, why ...result.Reason) result.Check {
		c := result.Check{Verdict: v, Level: l}
		if len(why) > 0 {
			c.Reason = why[0]
		}
		return c
	}
	const required, recommended, optional = result.Required, result.Recommended, result.Optional
	for _, c := range []struct {
		name   string
		checks []result.Check
		want   result.Verdict
	}{
		{"all passed", []result.Check{check(result.Pass, required), check(result.Pass, optional)}, result.Pass},
		{"attested counts as passed", []result.Check{check(result.Attested, required)}, result.Pass},
		{"a required one failed", []result.Check{check(result.Pass, required), check(result.Fail, required), check(result.Inconclusive, required)}, result.Fail},
		{"a recommended one failed", []result.Check{check(result.Pass, required), check(result.Fail, recommended)}, result.Warn},
		{"an optional one failed", []result.Check{check(result.Pass, required), check(result.Fail, optional)}, result.Warn},
		{"a required one is inconclusive", []result.Check{check(result.Inconclusive, required), check(result.Warn, required)}, result.Inconclusive},
		{"an optional one is inconclusive", []result.Check{check(result.Pass, required), check(result.Inconclusive, optional)}, result.Warn},
		{"netcheck broke at a required one", []result.Check{check(result.Error, required), check(result.Pass, required)}, result.Inconclusive},
		{"netcheck broke at an optional one", []result.Check{check(result.Error, optional), check(result.Pass, required)}, result.Warn},
		{"a required one was cut off", []result.Check{check(result.Skip, required, result.BecauseDeadline), check(result.Pass, required)}, result.Inconclusive},
		{"a required one lacks a tool", []result.Check{check(result.Skip, required, result.BecauseTool), check(result.Pass, required)}, result.Inconclusive},
		{"an optional one needs what failed", []result.Check{check(result.Skip, optional, result.BecauseNeeds), check(result.Pass, required)}, result.Warn},
		{"what was left out by choice has no say", []result.Check{check(result.Skip, required, result.BecauseSelection), check(result.Pass, required)}, result.Pass},
		{"what does not apply has no say", []result.Check{check(result.NotApplicable, required), check(result.Pass, required)}, result.Pass},
		{"another role's has no say", []result.Check{check(result.Elsewhere, required), check(result.Pass, required)}, result.Pass},
		{"every one is another role's", []result.Check{check(result.Elsewhere, required), check(result.Elsewhere, required)}, result.Inconclusive},
		{"nothing at all was looked at", []result.Check{check(result.Skip, required, result.BecauseSelection), check(result.NotApplicable, required), check(result.Elsewhere, required)}, result.Inconclusive},
		{"no checks", nil, result.Inconclusive},
		{"a warning", []result.Check{check(result.Warn, optional), check(result.Pass, required)}, result.Warn},
	} {
		t.Run(c.name, func(t *testing.T) {
			count, got := Judge(&result.Report{Checks: c.checks})
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			n := 0
			for _, k := range count {
				n += k
			}
			if n != len(c.checks) {
				t.Errorf("counted %d of %d", n, len(c.checks))
			}
		})
	}
}

// silentCheck failed on silence, at one port or two.
func silentCheck(id string, results ...result.Result) result.Check {
	return result.Check{ID: id, Group: id, Machine: "m1", Kind: "tcp", Level: result.Required, Verdict: result.Fail, Results: results}
}

func at(port string, s result.State, f result.Failure) result.Result {
	return result.Result{Host: "a.example", Address: "198.51.100.7", Proto: "tcp", Ports: port, State: s, Failure: f}
}

func TestDowngrade(t *testing.T) {
	filtered, refused := at("80", result.Filtered, result.FailConnectTimeout), at("81", result.Closed, result.FailRefused)
	harmless := []result.Downgrade{{Cause: []result.Code{result.TCPFiltered}, To: result.Inconclusive}}
	for _, c := range []struct {
		name    string
		results []result.Result
		verdict result.Verdict
		rules   []result.Downgrade
		want    result.Verdict
	}{
		{"its cause", []result.Result{filtered}, result.Fail, harmless, result.Inconclusive},
		{"another cause", []result.Result{refused}, result.Fail, harmless, result.Fail},
		{"its cause and another", []result.Result{filtered, refused}, result.Fail, harmless, result.Fail},
		{"both causes are harmless", []result.Result{filtered, refused}, result.Fail, []result.Downgrade{{Cause: []result.Code{result.TCPFiltered, result.TCPRefused}, To: result.Warn}}, result.Warn},
		{"never graver", []result.Result{filtered}, result.Warn, []result.Downgrade{{Cause: []result.Code{result.TCPFiltered}, To: result.Inconclusive}}, result.Warn},
	} {
		t.Run(c.name, func(t *testing.T) {
			check := silentCheck("c", c.results...)
			check.Verdict, check.Spec.Downgrade = c.verdict, c.rules
			r := &result.Report{Machines: []result.Machine{{ID: "m1"}}, Checks: []result.Check{check}}
			for range 2 { // the second time it must give the same
				Diagnose(r, "en")
				got := r.Checks[0]
				if got.Verdict != c.want {
					t.Fatalf("%s, want %s", got.Verdict, c.want)
				}
				changed := got.Verdict != c.verdict
				if changed != (got.Observed == c.verdict) || changed != (got.Reason == result.BecauseDowngrade) {
					t.Errorf("observed %q, reason %q", got.Observed, got.Reason)
				}
			}
		})
	}
}

func TestTolerate(t *testing.T) {
	group := func(verdicts ...result.Verdict) *result.Report {
		r := &result.Report{Machines: []result.Machine{{ID: "m1"}}}
		for i, v := range verdicts {
			c := silentCheck(string(rune('a'+i)), at("80", result.Filtered, result.FailConnectTimeout))
			c.Group, c.Verdict, c.Spec.Tolerate = "tills", v, "some"
			r.Checks = append(r.Checks, c)
		}
		return r
	}
	for _, c := range []struct {
		name string
		r    *result.Report
		want result.Verdict // of the first
		run  result.Verdict
	}{
		{"one passes", group(result.Fail, result.Pass), result.Warn, result.Warn},
		{"one is not known, one passes", group(result.Inconclusive, result.Pass), result.Warn, result.Warn},
		{"none passes", group(result.Fail, result.Fail), result.Fail, result.Fail},
		{"none failed", group(result.Pass, result.Pass), result.Pass, result.Pass},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 2 {
				Diagnose(c.r, "en")
				if got := c.r.Checks[0].Verdict; got != c.want || c.r.Verdict != c.run {
					t.Errorf("%s and %s, want %s and %s", got, c.r.Verdict, c.want, c.run)
				}
			}
		})
	}
}
