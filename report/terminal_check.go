package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"

	"netcheck/report/i18n"
	"netcheck/report/portset"
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
			state := p.known("feature.", string(f.verdict))
			p.line(p.st.verdict(f.verdict, mark(f.verdict, p.o.Unicode)), " ", p.st.render(p.st.strong, p.feature(f)), p.st.verdict(f.verdict, ": "+state))
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
			bad = append(bad, row{verdict: c.Verdict, title: p.title(c), target: p.text(c.Target), note: p.remark(c), check: c})
		case folded[c.Group] > 0:
			good = append(good, row{verdict: c.Verdict, title: p.baseTitle(c), note: p.say("terminal.passed-of", i18n.Data{"Passed": folded[c.Group], "Count": p.groupSize(f, c.Group)})})
			folded[c.Group] = -1
		case folded[c.Group] < 0: // in the line above
		default:
			good = append(good, row{verdict: c.Verdict, title: p.title(c), target: p.text(c.Target), note: p.remark(c), check: c})
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
			passed[c.Group]++
		}
	}
	for g, n := range passed {
		if n < many {
			delete(passed, g)
		}
	}
	return passed
}

func (p *printer) groupSize(f *feature, group string) int {
	n := 0
	for _, c := range f.checks {
		if c.Group == group {
			n++
		}
	}
	return n
}

func (p *printer) baseTitle(c *result.Check) string {
	return cmp.Or(p.in(c.Spec.Title), p.text(c.Title), p.text(c.Group))
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
		p.steps(r.check)
	}
}

// remark says in a few words how a check went.
func (p *printer) remark(c *result.Check) string {
	var parts []string
	add := func(s string) {
		if s != "" && !contains(parts, s) {
			parts = append(parts, s)
		}
	}
	switch c.Verdict {
	case result.Pass:
		add(p.states(c))
	case result.Fail, result.Warn, result.Inconclusive:
		if add(p.states(c)); len(parts) == 0 && c.Cause != nil {
			add(p.known("code.", string(c.Cause.Code)))
		}
		if c.Cause == nil {
			add(p.text(c.Detail))
		}
		add(p.references(c))
	case result.Skip:
		add(p.skipped(c))
	case result.Error:
		add(p.text(c.Detail))
	}
	if c.Level != result.Required && c.Verdict != result.Pass && c.Verdict != result.Attested {
		add(p.known("level.", string(c.Level)))
	}
	if c.Observed != "" {
		add(p.say("terminal.downgraded", i18n.Data{"Verdict": p.known("verdict.", string(c.Observed))}))
	}
	if c.Attempts > 1 {
		add(p.say("terminal.attempt", i18n.Data{"Attempt": c.Attempts}))
	}
	return strings.Join(parts, "; ")
}

// references are the numbers of the findings that explain a check.
func (p *printer) references(c *result.Check) string {
	var ns []string
	for _, id := range c.Findings {
		if n := p.numbers[id]; n > 0 {
			ns = append(ns, strconv.Itoa(n))
		}
	}
	if len(ns) == 0 {
		return ""
	}
	return p.say("terminal.see", i18n.Data{"Numbers": strings.Join(ns, ", ")})
}

// states are the ports of a check by what they showed. One port that is as it
// should be needs no words, and where it is not the port that is wrong, its
// state would mislead.
func (p *printer) states(c *result.Check) string {
	type side struct {
		address  string
		state    result.State
		inferred bool
	}
	var order []side
	ports := map[side]portset.Set{}
	addresses := map[string]bool{}
	allOpen, total := true, 0
	for i := range c.Results {
		res := &c.Results[i]
		addresses[res.Host+" "+res.Address] = true
		allOpen = allOpen && res.State == result.Open
	}
	for i := range c.Results {
		res := &c.Results[i]
		s := side{state: res.State, inferred: res.Inferred}
		if len(addresses) > 1 {
			s.address = res.Address
		}
		if res.State == "" {
			continue
		}
		if _, ok := ports[s]; !ok {
			order = append(order, s)
		}
		ports[s] = portset.Join(ports[s], portset.Parse(res.Ports))
		total += ports[s].Count()
	}
	switch {
	case c.Kind == "dns", len(order) == 0, allOpen && c.Kind != "tcp" && c.Verdict != result.Pass:
		return ""
	case c.Verdict == result.Pass && len(order) == 1 && total <= 1:
		return p.roundTrip(c)
	}
	const few = 4
	var parts []string
	for i, s := range order {
		if i == few && len(order) > few+1 && !p.o.Verbose {
			parts = append(parts, p.say("terminal.and-more", i18n.Data{"Count": len(order) - few}))
			break
		}
		word := p.known("state.", string(s.state))
		if s.inferred {
			word += " (" + p.word("terminal.inferred") + ")"
		}
		part := p.shortPorts(ports[s]) + " " + word
		if s.address != "" {
			part = p.text(s.address) + ": " + word
			if ports[s].Count() > 1 {
				part = p.text(s.address) + " " + p.shortPorts(ports[s]) + ": " + word
			}
		} else if len(order) == 1 && ports[s].Count() <= 1 {
			part = word
		}
		parts = append(parts, strings.TrimSpace(part))
	}
	return strings.Join(parts, ", ")
}

// shortPorts is a set of ports; one of many pieces is counted instead.
func (p *printer) shortPorts(set portset.Set) string {
	const few, shown = 8, 4
	if len(set) > few && !p.o.Verbose {
		return p.say("some-ports", i18n.Data{"Count": set.Count(), "Ports": p.ports(set[:shown])})
	}
	return p.ports(set)
}

// roundTrip is the fastest answer of a check that passed.
func (p *printer) roundTrip(c *result.Check) string {
	var best result.Duration
	for i := range c.Results {
		if rtt := c.Results[i].RTT; rtt > 0 && (best == 0 || rtt < best) {
			best = rtt
		}
	}
	if best == 0 {
		return ""
	}
	return p.duration(best)
}

// duration is a time as people read it.
func (p *printer) duration(d result.Duration) string {
	switch t := time.Duration(d); {
	case t < 0:
		return "0 ms"
	case t < 10*time.Millisecond:
		return strconv.FormatFloat(float64(t)/float64(time.Millisecond), 'f', 1, 64) + " ms"
	case t < time.Second:
		return strconv.FormatInt(t.Milliseconds(), 10) + " ms"
	case t < time.Minute:
		return strconv.FormatFloat(t.Seconds(), 'f', 1, 64) + " s"
	default:
		return t.Round(time.Second).String()
	}
}

// skipped says why a check was not run.
func (p *printer) skipped(c *result.Check) string {
	why := p.known("reason.", string(c.Reason))
	if c.Reason == result.BecauseNeeds {
		why = p.say("terminal.needs", i18n.Data{"Check": p.titleOf(c.Detail)})
	} else if c.Detail != "" {
		why += ": " + p.text(c.Detail)
	}
	return why
}

func (p *printer) titleOf(id string) string {
	i := slices.IndexFunc(p.r.Checks, func(c result.Check) bool { return c.ID == id })
	if i < 0 {
		return p.text(id)
	}
	return p.title(&p.r.Checks[i])
}
