package diagnosis

import (
	"slices"

	"netcheck/report/result"
)

// soften applies what the profile knows of harmless failures: a downgrade for
// a cause, and a group of which some is enough. What was observed is kept.
func soften(r *result.Report) {
	for i := range r.Checks {
		downgrade(&r.Checks[i])
	}
	some := map[string]bool{} // groups of which one passed
	for i := range r.Checks {
		if c := &r.Checks[i]; c.Verdict == result.Pass || c.Verdict == result.Attested {
			some[c.Machine+" "+c.Group] = true
		}
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Spec.Tolerate == "some" && some[c.Machine+" "+c.Group] && graver(c.Verdict, result.Warn) {
			change(c, result.Warn, result.BecauseTolerate)
		}
	}
}

// downgrade applies the first downgrade that covers all of the check's causes:
// a harmless reason for one port is none for another.
func downgrade(c *result.Check) {
	if c.Cause == nil {
		return
	}
	causes := []*result.Cause{c.Cause}
	for i := range c.Results {
		if cause := c.Results[i].Cause; cause != nil {
			causes = append(causes, cause)
		}
	}
	for _, d := range c.Spec.Downgrade {
		if covers(d, causes) && graver(c.Verdict, d.To) {
			change(c, d.To, result.BecauseDowngrade)
			return
		}
	}
}

// covers tells whether a downgrade is about all of these causes. One that
// takes silence for the destination's own, since it names the destination's
// firewall too, is not about silence that is known to begin on the way there.
func covers(d result.Downgrade, causes []*result.Cause) bool {
	return !slices.ContainsFunc(causes, func(c *result.Cause) bool {
		onTheWay := c.Code == result.TCPFiltered && settled(c) && c.At != nil && len(c.At.Between) > 0 &&
			slices.Contains([]result.Owner{result.Gateway, result.Site, result.Provider}, c.At.Owner)
		return !slices.Contains(d.Cause, c.Code) || onTheWay && slices.Contains(d.Cause, result.HostFirewall)
	})
}

func change(c *result.Check, to result.Verdict, why result.Reason) {
	if c.Observed == "" {
		c.Observed = c.Verdict
	}
	c.Verdict, c.Reason = to, why
}

// graver tells whether a verdict that was measured is graver than another.
func graver(v, than result.Verdict) bool {
	order := []result.Verdict{result.Fail, result.Inconclusive, result.Warn, result.Pass}
	a, b := slices.Index(order, v), slices.Index(order, than)
	return a >= 0 && b > a
}

// Judge counts the checks by verdict and gives the run's: fail if a required
// check failed; else inconclusive if a required one is inconclusive, broke
// netcheck, or was not run for another reason than the user's choice, or if
// nothing was looked at on this machine; else warn if anything is less than
// well; else pass. A report of which a part could not be read never passes, and
// where it said that it failed it did.
func Judge(r *result.Report) (map[result.Verdict]int, result.Verdict) {
	count := make(map[result.Verdict]int)
	verdict := result.Pass
	worse := func(v result.Verdict) {
		if order := []result.Verdict{result.Pass, result.Warn, result.Inconclusive, result.Fail}; slices.Index(order, v) > slices.Index(order, verdict) {
			verdict = v
		}
	}
	looked := false
	for i := range r.Checks {
		c := &r.Checks[i]
		count[c.Verdict]++
		required := c.Level == result.Required
		switch c.Verdict {
		case result.Pass, result.Attested:
		case result.Elsewhere, result.NotApplicable:
			continue
		case result.Skip:
			if c.Reason == result.BecauseSelection {
				continue
			}
			worse(milder(required, result.Inconclusive))
		case result.Fail:
			worse(milder(required, result.Fail))
		case result.Warn:
			worse(result.Warn)
		default: // inconclusive, error, or a verdict that this netcheck does not know
			worse(milder(required, result.Inconclusive))
		}
		looked = true
	}
	if !looked || r.Lost != nil {
		worse(result.Inconclusive)
	}
	if r.Lost != nil && r.Verdict == result.Fail {
		worse(result.Fail)
	}
	return count, verdict
}

// milder is a verdict's weight in the run's: what is not required warns.
func milder(required bool, v result.Verdict) result.Verdict {
	if required {
		return v
	}
	return result.Warn
}
