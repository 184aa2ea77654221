package report

import (
	"slices"

	"netcheck/report/result"
)

// bearing is what a check's verdict means for the run's exit status. What a CI
// system shows of the checks must not be of another colour than the job.
type bearing int

const (
	bearingNone      bearing = iota // it was not run, and nothing waits for it
	bearingPassed                   // it passed
	bearingRemark                   // it passed, and there is something to look at
	bearingTolerated                // it did not pass, and the run may all the same
	bearingOpen                     // it must pass, and it is not known whether it does
	bearingFailed                   // it must pass, and does not
)

// red tells that the run's exit status is not 0 for it.
func (b bearing) red() bool { return b >= bearingOpen }

// bearings are those of a report's checks. Under strict a check of any level
// that failed, warns or is inconclusive fails the run.
func bearings(r *result.Report, strict bool) []bearing {
	byID := map[[2]string][]int{}
	for i := range r.Checks {
		c := &r.Checks[i]
		byID[[2]string{c.Machine, c.ID}] = append(byID[[2]string{c.Machine, c.ID}], i)
		if c.Group != c.ID {
			byID[[2]string{c.Machine, c.Group}] = append(byID[[2]string{c.Machine, c.Group}], i)
		}
	}
	bs, looked := make([]bearing, len(r.Checks)), make([]bool, len(r.Checks))
	red := map[[2]string]bool{} // what others need, so that a group is gone through once
	var of func(i int) bearing
	of = func(i int) bearing {
		if looked[i] {
			return bs[i] // one that is being looked at is not red yet: no circle goes on for ever
		}
		looked[i] = true
		c := &r.Checks[i]
		b := ownBearing(c, strict)
		if b == bearingOpen && c.Verdict == result.Skip && c.Reason == result.BecauseNeeds {
			needed := [2]string{c.Machine, c.Detail}
			if _, known := red[needed]; !known {
				red[needed] = slices.ContainsFunc(byID[needed], func(i int) bool { return of(i).red() })
			}
			if red[needed] {
				b = bearingNone // one cause, told once
			}
		}
		bs[i] = b
		return b
	}
	for i := range bs {
		of(i)
	}
	return bs
}

// ownBearing is a check's bearing without a look at what it needs.
func ownBearing(c *result.Check, strict bool) bearing {
	must := strict || c.Level == result.Required
	graver := func(b bearing) bearing {
		if !must {
			return bearingTolerated
		}
		return b
	}
	switch c.Verdict {
	case result.Pass, result.Attested:
		return bearingPassed
	case result.Warn:
		if strict {
			return bearingFailed
		}
		return bearingRemark
	case result.Fail:
		return graver(bearingFailed)
	case result.Skip:
		if c.Reason == result.BecauseSelection || c.Level != result.Required {
			return bearingNone
		}
		return bearingOpen
	case result.Elsewhere, result.NotApplicable:
		return bearingNone
	}
	return graver(bearingOpen)
}

// passes tells whether the run's exit status is 0.
func passes(r *result.Report, strict bool) bool {
	return !fails(r, strict) && (r.Verdict == result.Pass || r.Verdict == result.Warn)
}

// fails tells whether the run's exit status is 1.
func fails(r *result.Report, strict bool) bool {
	n := r.Summary
	return r.Verdict == result.Fail || strict && n[result.Fail]+n[result.Error]+n[result.Inconclusive]+n[result.Warn] > 0
}
