package report

import (
	"strings"

	"github.com/charmbracelet/lipgloss"

	"netcheck/report/result"
)

// tested lists the checks that were run, by what of the product they stand for.
func (p *printer) tested() {
	fs := features(p.r)
	if len(fs) == 0 {
		return
	}
	p.heading("terminal.checked")
	shown := map[*result.Check]bool{}
	for _, f := range fs {
		rows := p.rows(f, shown)
		if len(rows) == 0 {
			continue
		}
		p.line()
		if len(fs) > 1 || f.id != "" {
			p.featureHeading(f)
		}
		titles := 0
		for _, row := range rows {
			titles = max(titles, width(row.title))
		}
		for _, row := range rows {
			p.row(row, min(titles, p.wide/2))
		}
	}
}

// featureHeading names a feature and says how it fares, on a line of its own
// where both do not fit on one.
func (p *printer) featureHeading(f *feature) {
	sign, name, state := mark(f.verdict, p.o.Unicode), p.feature(f), p.known("feature.", string(f.verdict))
	if width(sign+" "+name+p.colon()+state) <= p.wide {
		p.line(p.st.verdict(f.verdict, sign), " ", p.st.render(p.st.strong, name), p.st.verdict(f.verdict, p.colon()+state))
		return
	}
	for i, l := range wrap(name+strings.TrimRight(p.colon(), " "), p.wide-2) {
		if i == 0 {
			p.line(p.st.verdict(f.verdict, sign), " ", p.st.render(p.st.strong, l))
		} else {
			p.line("  ", p.st.render(p.st.strong, l))
		}
	}
	p.para("  ", "", state, p.st.verdicts[f.verdict])
}

// row writes one line: mark, title, target, note; what does not fit goes below.
func (p *printer) row(r row, titles int) {
	const indent = "  "
	below := strings.Repeat(" ", len(indent)+2)
	line := indent + p.st.verdict(r.verdict, mark(r.verdict, p.o.Unicode)) + " "
	title := wrap(r.title, p.wide-len(below))
	used := len(below) + width(title[len(title)-1])
	for _, l := range title[:len(title)-1] {
		p.line(line, l)
		line = below
	}
	line += title[len(title)-1]
	put := func(s string, style lipgloss.Style) {
		gap := max(2, len(below)+titles+2-used)
		if used > len(below)+titles+2 {
			gap = 2
		}
		if used+gap+width(s) <= p.wide {
			line += strings.Repeat(" ", gap) + p.st.render(style, s)
			used += gap + width(s)
			return
		}
		p.line(line)
		lines := wrap(s, p.wide-len(below)-2)
		for _, l := range lines[:len(lines)-1] {
			p.line(below, "  ", p.st.render(style, l))
		}
		line = below + "  " + p.st.render(style, lines[len(lines)-1])
		used = p.wide
	}
	if r.target != "" {
		put(r.target, p.st.faint)
	}
	if r.note != "" {
		put(r.note, p.st.note(r.verdict))
	}
	p.line(line)
	if p.o.Verbose && r.check != nil {
		p.ways(r.check)
		p.steps(r.check.Steps)
	}
}
