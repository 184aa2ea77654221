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
		s := &result.Step{Facts: c.Spec.Fields}
		called[net.JoinHostPort(str(s, "public_host"), str(s, "public_port"))] = true
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
