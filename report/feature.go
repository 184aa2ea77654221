package report

import (
	"cmp"
	"slices"

	"netcheck/report/result"
)

// feature is something the product does, with the checks that stand for it. It
// is what a shop asks about: not whether a port is open but whether sales work.
type feature struct {
	id      string // "" for the checks that stand for nothing in particular
	title   result.Text
	checks  []*result.Check
	partly  bool           // a required check of it is another machine's, or was left out
	verdict result.Verdict // Elsewhere: what was tested here passed, but that is not all
}

// features groups a report's checks by feature, in the profile's order. A
// check of several features is in each of them.
func features(r *result.Report) []*feature {
	var fs []*feature
	at := map[string]*feature{}
	add := func(id string, title result.Text) *feature {
		if at[id] == nil {
			at[id] = &feature{id: id, title: title}
			fs = append(fs, at[id])
		}
		return at[id]
	}
	for _, f := range r.Profile.Features {
		add(f.ID, f.Title)
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Verdict == result.NotApplicable {
			continue
		}
		leftOut := c.Verdict == result.Elsewhere || c.Verdict == result.Skip && c.Reason == result.BecauseSelection
		ids := c.Features
		if len(ids) == 0 {
			ids = []string{""}
		}
		for _, id := range ids {
			f := add(id, nil)
			if !leftOut {
				f.checks = append(f.checks, c)
			} else if c.Level == result.Required {
				f.partly = true
			}
		}
	}
	fs = slices.DeleteFunc(fs, func(f *feature) bool { return len(f.checks) == 0 })
	for _, f := range fs {
		f.verdict = outcome(f.checks)
		if f.verdict == result.Pass && f.partly && f.id != "" {
			f.verdict = result.Elsewhere
		}
	}
	slices.SortStableFunc(fs, func(a, b *feature) int { return cmp.Compare(rank(a.verdict), rank(b.verdict)) })
	return fs
}

// outcome is what checks say of what they stand for: only a required one can
// stop it, or leave it open; and a recommended one that nobody has seen the end
// of, since what was not tested is no limit that is known.
func outcome(cs []*result.Check) result.Verdict {
	v := result.Pass
	for _, c := range cs {
		of := result.Pass
		switch c.Verdict {
		case result.Pass, result.Attested:
		case result.Fail:
			of = result.Fail
		case result.Warn:
			of = result.Warn
		default: // not known, or a verdict that this netcheck does not know
			of = result.Inconclusive
		}
		if c.Level != result.Required && of != result.Pass && (c.Level != result.Recommended || !cutShort(c)) {
			of = result.Warn
		}
		if rank(of) < rank(v) {
			v = of
		}
	}
	return v
}

// cutShort tells whether a check's result was not waited for.
func cutShort(c *result.Check) bool {
	return c.Verdict == result.Skip && (c.Reason == result.BecauseInterrupted || c.Reason == result.BecauseDeadline)
}

// rank orders verdicts, gravest first.
func rank(v result.Verdict) int { return slices.Index(result.Verdicts(), v) }
