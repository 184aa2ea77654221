package report

import (
	"strings"

	"github.com/charmbracelet/lipgloss"

	"netcheck/report/i18n"
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
	if width(sign+" "+name+": "+state) <= p.wide {
		p.line(p.st.verdict(f.verdict, sign), " ", p.st.render(p.st.strong, name), p.st.verdict(f.verdict, ": "+state))
		return
	}
	for i, l := range wrap(name+":", p.wide-2) {
		if i == 0 {
			p.line(p.st.verdict(f.verdict, sign), " ", p.st.render(p.st.strong, l))
		} else {
			p.line("  ", p.st.render(p.st.strong, l))
		}
	}
	p.para("  ", "", state, p.st.verdicts[f.verdict])
}

// row is a line of the list: a check, or a few folded into one.
type row struct {
	verdict result.Verdict
	title   string
	target  string
	note    string
	check   *result.Check // whose steps -v shows
}

// rows are a feature's checks. One that passed is listed once, under the first
// of its features; one that did not is listed under each.
func (p *printer) rows(f *feature, shown map[*result.Check]bool) []row {
	var bad, good []row
	folded := p.fold(f)
	for _, c := range f.checks {
		fine := c.Verdict == result.Pass || c.Verdict == result.Attested
		if fine && shown[c] {
			continue
		}
		shown[c] = true
		switch {
		case !fine:
			bad = append(bad, row{verdict: c.Verdict, title: p.titleOn(c), target: p.text(c.Target), note: p.remark(c), check: c})
		case folded[groupOn(c)] > 0:
			good = append(good, row{verdict: c.Verdict, title: p.on(p.baseTitle(c), c), note: p.say("terminal.passed-of", i18n.Data{"Passed": folded[groupOn(c)], "Count": p.groupSize(f, groupOn(c))})})
			folded[groupOn(c)] = -1
		case folded[groupOn(c)] < 0: // in the line above
		default:
			good = append(good, row{verdict: c.Verdict, title: p.titleOn(c), target: p.text(c.Target), note: p.remark(c), check: c})
		}
	}
	if p.o.Verbose {
		return append(bad, good...)
	}
	return append(p.cut(bad, maxFailed), p.cut(good, maxPassed)...)
}

// fold counts, for each group of many, the checks that passed: they take one
// line together.
func (p *printer) fold(f *feature) map[string]int {
	const many = 4
	if p.o.Verbose {
		return nil
	}
	passed := map[string]int{}
	for _, c := range f.checks {
		if c.Group != "" && c.ID != c.Group && (c.Verdict == result.Pass || c.Verdict == result.Attested) {
			passed[groupOn(c)]++
		}
	}
	for g, n := range passed {
		if n < many {
			delete(passed, g)
		}
	}
	return passed
}

// groupOn is a declaration, of the machine that made the check.
func groupOn(c *result.Check) string { return c.Machine + "\x00" + c.Group }

func (p *printer) groupSize(f *feature, group string) int {
	n := 0
	for _, c := range f.checks {
		if groupOn(c) == group {
			n++
		}
	}
	return n
}

// cut leaves the first rows and says how many more there are.
func (p *printer) cut(rows []row, most int) []row {
	if len(rows) <= most+1 {
		return rows
	}
	more := row{verdict: rows[most].verdict, title: p.say("terminal.and-more", i18n.Data{"Count": len(rows) - most})}
	return append(rows[:most:most], more)
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
