package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"netcheck/report/i18n"
	"netcheck/report/portset"
	"netcheck/report/result"
)

func contains[T comparable](all []T, v T) bool { return slices.Contains(all, v) }

// number puts the findings in the order in which they are shown: those of
// checks that passed all the same, that could not be decided and need not be,
// or whose failure the profile knows to be harmless, come last, as notes.
func (p *printer) number() {
	grave := map[string]bool{}
	for i := range p.r.Checks {
		c := &p.r.Checks[i]
		if c.Verdict == result.Fail || c.Verdict == result.Inconclusive && (c.Observed == "" || c.Reason == result.BecauseIllusion) && c.Level == result.Required {
			for _, id := range c.Findings {
				grave[id] = true
			}
		}
	}
	for i := range p.r.Findings {
		if f := &p.r.Findings[i]; grave[f.ID] {
			p.wrong = append(p.wrong, f)
		} else {
			p.notes = append(p.notes, f)
		}
	}
	p.bySection(p.wrong)
	p.bySection(p.notes)
	p.numbers = make(map[string]int, len(p.r.Findings))
	for i, f := range slices.Concat(p.wrong, p.notes) {
		p.numbers[f.ID] = i + 1
	}
}

// findings are the causes, gravest first. In a run that passes nothing is
// wrong that the product can't do without, whatever deserves a look.
func (p *printer) findings() {
	if p.r.Verdict == result.Pass || p.r.Verdict == result.Warn {
		p.findingList("terminal.notes", slices.Concat(p.wrong, p.notes))
		return
	}
	p.findingList("terminal.findings", p.wrong)
	p.findingList("terminal.notes", p.notes)
}

func (p *printer) findingList(heading string, fs []*result.Finding) {
	if len(fs) == 0 {
		return
	}
	p.heading(heading)
	section := ""
	for i, f := range fs {
		if i == maxFindings && !p.o.Verbose {
			p.line()
			p.line("  ", p.say("terminal.and-more", i18n.Data{"Count": len(fs) - i}))
			return
		}
		if s := p.section(f); s != section {
			section = s
			p.line()
			p.para("", "", s, p.st.heading)
		}
		p.finding(f, p.numbers[f.ID])
	}
}

func (p *printer) finding(f *result.Finding, n int) {
	p.line()
	number := strconv.Itoa(n) + ". "
	indent := strings.Repeat(" ", len(number)+1)
	for i, l := range wrap(p.text(f.Summary), p.wide-len(indent)) {
		if i == 0 {
			p.line(" ", number, p.st.render(p.st.strong, l))
		} else {
			p.line(indent, p.st.render(p.st.strong, l))
		}
	}
	none := lipgloss.Style{}
	consequence := "terminal.consequence"
	if !p.stops(f) {
		consequence = "terminal.risk"
	}
	for _, t := range p.consequences(f) {
		p.para(indent, p.word(consequence), t, none)
	}
	for _, t := range p.milder(f) {
		p.para(indent, p.word("terminal.say"), t, none)
	}
	if f.At != nil && f.At.Owner != result.ThisMachine {
		p.para(indent, p.word("terminal.where"), p.place(f), none)
	}
	p.picture(indent, f)
	for i, t := range strings.Split(f.Remedy, "\n") {
		label := p.word("terminal.remedy")
		if i > 0 {
			label = continued
		}
		p.para(indent, label, p.text(t), none)
	}
	if f.Command != "" {
		p.command(indent+"        ", f.Command)
	}
	if f.Request != nil {
		p.request(indent, f)
	}
	if f.Act != "" {
		p.para(indent, p.word("terminal.act"), p.who(f), none)
	}
	p.para(indent, p.word("terminal.cause"), p.cause(f), none)
	p.para(indent, p.word("terminal.checks"), p.hit(f), none)
	if p.o.Verbose {
		for i, t := range f.Evidence {
			label := p.word("terminal.evidence")
			if i > 0 {
				label = continued
			}
			p.para(indent, label, p.text(t), p.st.faint)
		}
		p.table(indent, f)
	}
}

// who is who must act. What stands in the shop need not be this machine.
func (p *printer) who(f *result.Finding) string {
	if at := f.At; f.Act == "customer-site" && at != nil && (at.Owner == result.Destination || at.Owner == result.Site) {
		return p.word("act.customer-site-there")
	}
	return p.known("act.", f.Act)
}

// cause is the code, how sure it is, and what else it could be.
func (p *printer) cause(f *result.Finding) string {
	s := p.text(string(f.Code)) + ", " + p.known("confidence.", string(f.Confidence))
	if len(f.NotExcluded) == 0 {
		return s
	}
	var others []string
	for _, code := range f.NotExcluded {
		others = append(others, p.known("code.", string(code)))
	}
	s += "; " + p.say("terminal.alike", i18n.Data{"Others": strings.Join(others, ", ")})
	if len(f.Machines) > 1 && slices.ContainsFunc(f.NotExcluded, func(c result.Code) bool { return strings.HasPrefix(string(c), "local.") }) {
		s += "; " + p.say("terminal.this-machine", i18n.Data{"Machine": p.machine(f.Machines[0])})
	}
	return s
}

// hit names the checks that a finding explains.
func (p *printer) hit(f *result.Finding) string {
	const few = 6
	var ts []string
	for i := range p.r.Checks {
		if c := &p.r.Checks[i]; contains(c.Findings, f.ID) {
			if t := p.title(c); !contains(ts, t) {
				ts = append(ts, t)
			}
		}
	}
	if hidden := len(ts) - few; hidden > 1 && !p.o.Verbose {
		return strings.Join(ts[:few], ", ") + ", " + p.say("terminal.and-more", i18n.Data{"Count": hidden})
	}
	return strings.Join(ts, ", ")
}

func (p *printer) place(f *result.Finding) string {
	at := f.At
	owner := ""
	if at.Owner != "" && at.Owner != result.UnknownOwner {
		owner = p.known("owner.", string(at.Owner))
	}
	if at.Owner == result.Gateway && p.merged() && len(f.Machines) == 1 { // who reads it may have another
		owner = p.say("terminal.gateway-of", i18n.Data{"Machine": p.machine(f.Machines[0])})
	}
	hop := ""
	if at.Hop > 0 {
		hop = p.say("terminal.hop", i18n.Data{"Hop": at.Hop})
	}
	switch {
	case at.Address != "":
		return strings.Join(filled(p.text(at.Address), owner, hop), ", ")
	case p.onTheWayBack(f):
		return p.word("terminal.way-back")
	case len(at.Between) == 2 && at.Between[1] == unknown && ownEnd(p.r, f, at.Between[0]):
		return p.word("terminal.nowhere")
	case len(at.Between) == 2:
		from, to := p.end(f, at.Between[0]), p.end(f, at.Between[1])
		last := filled(owner, hop)
		switch {
		case at.Owner == result.Destination:
			to += ", " + owner
			last = filled(hop)
		case at.Hop == 0:
			last = nil // whose the first device is, is said by its name
		case ownEnd(p.r, f, at.Between[0]): // what is behind this machine is whose it is
			to += " (" + strings.Join(last, ", ") + ")"
			last = nil
		}
		if len(last) > 0 {
			from += " (" + strings.Join(last, ", ") + ")"
		}
		return p.say("terminal.between", i18n.Data{"From": from, "To": to})
	}
	return strings.Join(filled(owner, hop), ", ")
}

// end is one end of an interval: an address, or the word for what it is.
func (p *printer) end(f *result.Finding, s string) string {
	if s == unknown {
		return p.word("owner.unknown")
	}
	own := ownEnd(p.r, f, s)
	if own && len(f.Machines) < 2 {
		return p.word("owner.this-machine")
	}
	for i := range p.r.Machines {
		if m := &p.r.Machines[i]; p.merged() && (own && m.ID == f.Machines[0] || !own && owns(m, s)) {
			return p.machine(m.ID)
		}
	}
	return p.text(s)
}

// unexplained are the checks that failed without a finding: what was seen is
// all there is.
func (p *printer) unexplained() {
	var cs []*result.Check
	for i := range p.r.Checks {
		c := &p.r.Checks[i]
		failed := c.Verdict == result.Fail || c.Verdict == result.Error || c.Verdict == result.Inconclusive
		if failed && len(c.Findings) == 0 {
			cs = append(cs, c)
		}
	}
	if len(cs) == 0 {
		return
	}
	p.heading("terminal.unexplained")
	for i, c := range cs {
		if i == maxFindings && !p.o.Verbose {
			p.line("  ", p.say("terminal.and-more", i18n.Data{"Count": len(cs) - i}))
			break
		}
		p.line()
		p.para("    ", "", p.titleOn(c)+": "+cmp.Or(p.text(c.Detail), p.text(lastError(c)), p.known("verdict.", string(c.Verdict))), lipgloss.Style{})
	}
}

// lastError is what the system said of a check's last failure.
func lastError(c *result.Check) string {
	for i := range c.Steps {
		if s := &c.Steps[len(c.Steps)-1-i]; s.Err != "" {
			return s.Err
		}
	}
	return ""
}

// ports is a set of ports for a reader.
func (p *printer) ports(set portset.Set) string {
	to := "-"
	if p.o.Unicode {
		to = "–"
	}
	return set.Format(to, ", ")
}
