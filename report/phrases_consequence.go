package report

import (
	"slices"

	"netcheck/report/result"
)

// stops tells whether the finding made a check fail: only then is what the
// profile names as the consequence a fact.
func (p *phrases) stops(f *result.Finding) bool {
	return slices.ContainsFunc(p.explained[f.ID], func(c *result.Check) bool { return c.Verdict == result.Fail })
}

// consequences are what stops, in the profile's words. What is a mere warning
// stops nothing.
func (p *phrases) consequences(f *result.Finding) []string {
	if stopsNothing(f.Code) {
		return nil
	}
	return p.collect(f, func(c *result.Check) string {
		if c.Verdict != result.Fail && c.Verdict != result.Inconclusive {
			return ""
		}
		return p.in(c.Spec.Consequence)
	})
}

// stopsNothing tells the causes with which the product goes on working, also
// beside another one that makes the check fail.
func stopsNothing(c result.Code) bool {
	return contains([]result.Code{result.FTPClearText, result.HTTPClearText, result.TLSExpiring}, c)
}

// milder are the reasons that the profile knows why this may be harmless.
func (p *phrases) milder(f *result.Finding) []string {
	return p.collect(f, func(c *result.Check) string {
		if c.Reason != result.BecauseDowngrade {
			return ""
		}
		for _, d := range c.Spec.Downgrade {
			if contains(d.Cause, f.Code) {
				return p.in(d.Say)
			}
		}
		return ""
	})
}

// collect gathers the texts of the checks that a finding explains, each once,
// and not more than a reader bears.
func (p *phrases) collect(f *result.Finding, of func(*result.Check) string) []string {
	const bearable = 4
	var ts []string
	for _, c := range p.explained[f.ID] {
		if c.Verdict == result.Pass || c.Verdict == result.Attested {
			continue
		}
		if t := of(c); t != "" && !contains(ts, t) && len(ts) < bearable {
			ts = append(ts, t)
		}
	}
	return ts
}
