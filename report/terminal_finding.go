package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

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

// unexplained are the checks that failed without a finding: what was seen is
// all there is.
func (p *printer) unexplained() {
	cs := p.unexplainedChecks()
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
		p.para("    ", "", p.unexplainedLine(c), lipgloss.Style{})
	}
}
