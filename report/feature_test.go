package report

import (
	"testing"

	"netcheck/report/result"
)

// What a shop reads first must not be greener than what was tested.
func TestFeatureIsNotGreenerThanItsChecks(t *testing.T) {
	for _, tt := range []struct {
		name string
		rest result.Check
		want result.Verdict
	}{
		{"all here", result.Check{Level: result.Required, Verdict: result.Pass}, result.Pass},
		{"a required one elsewhere", result.Check{Level: result.Required, Verdict: result.Elsewhere}, result.Elsewhere},
		{"a required one left out", result.Check{Level: result.Required, Verdict: result.Skip, Reason: result.BecauseSelection}, result.Elsewhere},
		{"a recommended one elsewhere", result.Check{Level: result.Recommended, Verdict: result.Elsewhere}, result.Pass},
		{"a required one that needs another", result.Check{Level: result.Required, Verdict: result.Skip, Reason: result.BecauseNeeds}, result.Inconclusive},
		{"a recommended one that needs another", result.Check{Level: result.Recommended, Verdict: result.Skip, Reason: result.BecauseNeeds}, result.Warn},
		{"a recommended one interrupted", result.Check{Level: result.Recommended, Verdict: result.Skip, Reason: result.BecauseInterrupted}, result.Inconclusive},
		{"a recommended one cut by the deadline", result.Check{Level: result.Recommended, Verdict: result.Skip, Reason: result.BecauseDeadline}, result.Inconclusive},
		{"an optional one interrupted", result.Check{Level: result.Optional, Verdict: result.Skip, Reason: result.BecauseInterrupted}, result.Warn},
		{"a required one failed", result.Check{Level: result.Required, Verdict: result.Fail}, result.Fail},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.rest.Features = []string{"sales"}
			fs := features(&result.Report{Checks: []result.Check{
				{Features: []string{"sales"}, Level: result.Required, Verdict: result.Pass}, tt.rest,
			}})
			if len(fs) != 1 || fs[0].verdict != tt.want {
				t.Errorf("%+v, want %s", fs, tt.want)
			}
		})
	}
}
