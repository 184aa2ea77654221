package report

import (
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

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
func (p *phrases) rows(f *feature, shown map[*result.Check]bool) []row {
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
			bad = append(bad, row{verdict: c.Verdict, title: p.titleOn(c), target: p.target(c), note: p.remark(c), check: c})
		case folded[groupOn(c)] > 0:
			good = append(good, row{verdict: c.Verdict, title: p.on(p.baseTitle(c), c), note: p.say("terminal.passed-of", i18n.Data{"Passed": folded[groupOn(c)], "Count": p.groupSize(f, groupOn(c))})})
			folded[groupOn(c)] = -1
		case folded[groupOn(c)] < 0: // in the line above
		default:
			good = append(good, row{verdict: c.Verdict, title: p.titleOn(c), target: p.target(c), note: p.remark(c), check: c})
		}
	}
	if p.o.Verbose {
		return append(bad, good...)
	}
	return append(p.cut(bad, maxFailed), p.cut(good, maxPassed)...)
}

// fold counts, for each group of many, the checks that passed: they take one
// line together.
func (p *phrases) fold(f *feature) map[string]int {
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

func (p *phrases) groupSize(f *feature, group string) int {
	n := 0
	for _, c := range f.checks {
		if groupOn(c) == group {
			n++
		}
	}
	return n
}

// cut leaves the first rows and says how many more there are.
func (p *phrases) cut(rows []row, most int) []row {
	if len(rows) <= most+1 {
		return rows
	}
	more := row{verdict: rows[most].verdict, title: p.say("terminal.and-more", i18n.Data{"Count": len(rows) - most})}
	return append(rows[:most:most], more)
}

// target is what a check looked at. What has no host says so in English in the
// report.
func (p *phrases) target(c *result.Check) string {
	target, inbound := strings.CutSuffix(c.Target, " "+result.FromOutside)
	if what, here := strings.CutPrefix(target, result.Here); here {
		return p.word("owner.this-machine") + p.text(what)
	}
	if !inbound {
		return p.text(target)
	}
	what, line := strings.CutPrefix(target, result.Line+":")
	if line {
		return p.say("target.line", i18n.Data{"Port": what})
	}
	return p.say("target.outside", i18n.Data{"Target": what})
}
