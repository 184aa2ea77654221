package report

import (
	"cmp"
	"slices"
	"strings"

	"netcheck/report/command"
	"netcheck/report/i18n"
	"netcheck/report/result"
)

// runThere is a run that is still to be made on another machine.
type runThere struct {
	role    string   // as the reader knows it
	checks  []string // titles of what it tests
	command string
}

// runsThere are the runs that checks of other roles wait for.
func (p *phrases) runsThere() []runThere {
	const few = 8
	var runs []runThere
	at := map[string]int{}
	for i := range p.r.Checks {
		c := &p.r.Checks[i]
		if c.Verdict != result.Elsewhere {
			continue
		}
		role := "?"
		if len(c.Spec.From) > 0 {
			role = c.Spec.From[0]
		}
		n, known := at[role]
		if !known {
			n = len(runs)
			at[role] = n
			runs = append(runs, runThere{role: p.role(role), command: p.text(command.Run(p.r, role))})
		}
		if t := p.baseTitle(c); !contains(runs[n].checks, t) {
			runs[n].checks = append(runs[n].checks, t)
		}
	}
	for i := range runs {
		ts := runs[i].checks
		if hidden := len(ts) - few; hidden > 1 && !p.o.Verbose {
			runs[i].checks = append(ts[:few:few], p.say("terminal.and-more", i18n.Data{"Count": hidden}))
		}
	}
	return runs
}

// handoverLines are a text to pass on, line by line; some are empty.
func (p *phrases) handoverLines(h result.Handover) []string {
	var lines []string
	for l := range strings.SplitSeq(strings.TrimSpace(h.Text.In(p.lang)), "\n") {
		lines = append(lines, strings.TrimRight(p.text(l), " "))
	}
	return lines
}

// leftOut says in one sentence how much was not meant to be tested.
func (p *phrases) leftOut() string {
	na, deselected := 0, 0
	for i := range p.r.Checks {
		switch c := &p.r.Checks[i]; {
		case c.Verdict == result.NotApplicable:
			na++
		case c.Verdict == result.Skip && c.Reason == result.BecauseSelection:
			deselected++
		}
	}
	var parts []string
	if na > 0 {
		parts = append(parts, p.say("terminal.not-applicable", i18n.Data{"Count": na}))
	}
	if deselected > 0 {
		parts = append(parts, p.say("terminal.deselected", i18n.Data{"Count": deselected}))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + "."
}

// unexplainedChecks are those that failed without a finding.
func (p *phrases) unexplainedChecks() []*result.Check {
	var cs []*result.Check
	for i := range p.r.Checks {
		c := &p.r.Checks[i]
		failed := c.Verdict == result.Fail || c.Verdict == result.Error || c.Verdict == result.Inconclusive || !contains(result.Verdicts(), c.Verdict)
		if failed && len(c.Findings) == 0 {
			cs = append(cs, c)
		}
	}
	return cs
}

// unexplainedLine says what was seen of such a check, which is all there is.
func (p *phrases) unexplainedLine(c *result.Check) string {
	return p.titleOn(c) + p.colon() + cmp.Or(p.heard(c.Detail), p.heard(lastError(c)), p.unreadDetails(c), p.known("verdict.", string(c.Verdict)))
}

// asked names what was asked once more, and about what.
func (p *phrases) asked(u *result.Followup) string {
	what := p.known("followup.", u.Name)
	if p.merged() {
		what = p.machine(u.Machine) + p.colon() + what
	}
	if s := p.subject(u.Host, u.Address, u.Port, u.Proto); s != "" {
		what += p.colon() + s
	}
	return what
}

// sweepsShown are the sweeps of a finding to be seen side by side: what failed,
// then what answered, and what else failed, of one kind of address.
func (p *phrases) sweepsShown(f *result.Finding) []sweep {
	const most = 3
	failed, controls := sweepsOf(p.r, f)
	if len(failed) == 0 {
		return nil
	}
	first := &failed[0]
	shown := failed[:1:1]
	for _, s := range slices.Concat(controls, failed[1:]) { // controls have the nearest kin first
		again := slices.ContainsFunc(shown, func(o sweep) bool { return o.address == s.address && o.port == s.port && o.proto == s.proto })
		if isV4(s.address) == isV4(first.address) && len(shown) < most && !again {
			shown = append(shown, s)
		}
	}
	return shown
}

// swept says whereto packets were sent hop by hop.
func (p *phrases) swept(f *result.Finding, first *sweep) string {
	key := "terminal.swept"
	if aboutCalls(f) {
		key = "terminal.swept-in"
	}
	return p.say(key, i18n.Data{"Target": p.subject(first.host, first.address, 0, "")})
}
