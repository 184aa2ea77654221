package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"netcheck/report/result"
)

// elsewhere lists the checks of other roles, with the command that runs them
// on their machines.
func (p *printer) elsewhere() {
	runs := p.runsThere()
	if len(runs) == 0 {
		return
	}
	p.heading("terminal.elsewhere")
	for _, r := range runs {
		p.line()
		p.para("  ", "", r.role+p.colon()+strings.Join(r.checks, ", "), lipgloss.Style{})
		p.command("    ", r.command)
	}
}

// handover are the texts that a person must pass on.
func (p *printer) handover() {
	if len(p.r.Handover) == 0 {
		return
	}
	p.heading("terminal.handover")
	for _, h := range p.r.Handover {
		p.line()
		p.para("  ", "", p.in(h.Title), p.st.strong)
		for _, l := range p.handoverLines(h) {
			if l == "" {
				p.line()
				continue
			}
			p.para("    ", "", l, lipgloss.Style{})
		}
	}
}

// command is not wrapped: it is to be copied whole.
func (p *printer) command(indent, line string) {
	p.line(indent, p.st.render(p.st.command, p.text(line)))
}

// notTested folds what was left out into one paragraph.
func (p *printer) notTested() {
	if s := p.leftOut(); s != "" {
		p.line()
		p.para("", "", s, p.st.faint)
	}
}

// circumstances are what support asks next: the machine and the values given.
func (p *printer) circumstances() {
	none := lipgloss.Style{}
	for i := range p.r.Machines {
		m := &p.r.Machines[i]
		p.heading("terminal.machine")
		p.line()
		if p.merged() {
			p.para("  ", "", p.machine(m.ID), p.st.strong)
		}
		p.para("  ", "", strings.Join(filled(p.text(m.Name), p.text(m.OS)), ", "), none)
		p.para("  ", "", p.text(strings.Join(m.Addresses, ", ")), none)
		for _, fact := range []struct{ key, value string }{
			{"gateway", cmp.Or(strings.Join(m.Gateways, ", "), m.Gateway)}, {"resolvers", strings.Join(m.Resolvers, ", ")}, {"proxy", m.Proxy}, {"proxy-script", m.ProxyScript},
		} {
			if fact.value != "" {
				p.para("  ", "", p.word("terminal."+fact.key)+" "+p.text(fact.value), none)
			}
		}
		for _, fact := range p.furtherFacts(m) {
			p.para("  ", "", fact[0]+" "+fact[1], none)
		}
	}
	p.heading("fact.report")
	p.line()
	for _, fact := range p.madeBy() {
		p.para("  ", "", fact[0]+" "+fact[1], none)
	}
	if len(p.r.Params) == 0 {
		return
	}
	p.heading("terminal.values")
	p.line()
	for _, name := range slices.Sorted(maps.Keys(p.r.Params)) {
		p.para("  ", "", p.text(name)+p.colon()+p.text(fact(p.r.Params[name])), none)
	}
}

// steps shows all that a check or a follow-up did.
func (p *printer) steps(steps []result.Step) {
	for _, l := range p.stepLines(steps) {
		indent := "      " + strings.Repeat("  ", min(l.depth, 6))
		p.para(indent, "", l.text, p.st.faint)
		for _, m := range l.more {
			p.para(indent+"  ", "", m, p.st.faint)
		}
	}
}

// ways lists those that were tried, for -v.
func (p *printer) ways(c *result.Check) {
	for _, l := range p.wayLines(c) {
		p.para("      ", "", l, p.st.faint)
	}
}
