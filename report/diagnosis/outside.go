package diagnosis

import (
	"net"
	"slices"

	"netcheck/report/command"
	"netcheck/report/result"
)

// outsideCommand is what to type on a machine outside, such as on a phone's
// hotspot, to test from there what a group's checks of the way in were to tell;
// "" where the profile has no role that does, or a machine that has it is in the
// report already.
func (g *group) outsideCommand(r *result.Report) string {
	if g.members[0].about != inwardHelper {
		return ""
	}
	called := map[string]bool{}
	for _, c := range g.checks() {
		called[calledAt(c)] = true
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Kind != kindInbound && c.Verdict == result.Elsewhere && len(c.Spec.From) > 0 && called[c.Target] &&
			!slices.ContainsFunc(r.Machines, func(m result.Machine) bool { return m.Role == c.Spec.From[0] }) {
			return command.Run(r, c.Spec.From[0])
		}
	}
	return ""
}

// calledAt is the host and port that a check of the way in is about.
func calledAt(c *result.Check) string {
	s := &result.Step{Facts: c.Spec.Fields}
	return net.JoinHostPort(str(s, "public_host"), str(s, "public_port"))
}

// lookedElsewhere settles checks of the way in that no helper was asked for, by
// what another machine of a merged report found when it tried the same port.
func lookedElsewhere(r *result.Report, groups []*group) []*group {
	if len(r.Machines) < 2 {
		return groups
	}
	for _, g := range groups {
		if g.rule.id != "inbound-no-vantage" {
			continue
		}
		g.members = slices.DeleteFunc(g.members, func(d diagnosed) bool {
			o := tried(r, d.check)
			if o == nil {
				return false
			}
			passes := o.Verdict == result.Pass || o.Verdict == result.Warn
			for _, other := range groups {
				switch about := slices.Contains(other.checks(), o); {
				case about && !passes:
					other.under = append(other.under, diagnosed{symptom: d.symptom, rule: other.rule, cause: other.explained(other.cause())})
					return true
				case about && slices.Contains(impostorCodes, other.cause().Code):
					return false // who took that call is not who was called
				}
			}
			if passes && d.check.Verdict == result.Inconclusive {
				change(d.check, result.Pass, result.BecauseMachine)
			}
			return passes
		})
	}
	return slices.DeleteFunc(groups, func(g *group) bool { return len(g.members) == 0 })
}

// tried is the check by which another machine tried the port that calls come
// to; nil: none did.
func tried(r *result.Report, in *result.Check) *result.Check {
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Kind == "tcp" && c.Machine != in.Machine && c.Target == calledAt(in) &&
			slices.Contains([]result.Verdict{result.Pass, result.Warn, result.Fail}, c.Verdict) {
			return c
		}
	}
	return nil
}
