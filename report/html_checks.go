package report

import (
	"strconv"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// tested are the checks that were run on account of one feature.
type tested struct {
	Heading badge // without a mark and a word where there is but this one
	Rows    []testedRow
	Folded  []testedRow // of many that passed, those that nobody reads
	Passed  string      // how many these are
}

// testedRow is a check and how it went.
type testedRow struct {
	Verdict             badge
	Title, Target, Note string
	Steps               string // anchor of what it did
}

// tested lists every check that was run, by feature: one that passed under the
// first of its features, one that did not under each.
func (p *page) tested() []tested {
	var all []tested
	fs := features(p.r)
	shown := map[*result.Check]bool{}
	for _, f := range fs {
		var bad, good []testedRow
		for _, c := range f.checks {
			switch fine := c.Verdict == result.Pass || c.Verdict == result.Attested; {
			case fine && shown[c]:
			case fine:
				good = append(good, p.testedRow(c))
			default:
				bad = append(bad, p.testedRow(c))
			}
			shown[c] = true
		}
		t := tested{Heading: badge{Name: p.feature(f)}, Rows: bad}
		if len(fs) > 1 || f.id != "" {
			t.Heading = p.featureBadge(f)
		}
		if len(good) > maxPassed+1 {
			t.Folded, t.Passed = good, p.say("terminal.passed", i18n.Data{"Count": len(good)})
		} else {
			t.Rows = append(t.Rows, good...)
		}
		if len(t.Rows)+len(t.Folded) > 0 {
			all = append(all, t)
		}
	}
	return all
}

func (p *page) testedRow(c *result.Check) testedRow {
	r := testedRow{Verdict: p.badge(c.Verdict, p.known("verdict.", string(c.Verdict))), Title: p.titleOn(c), Target: p.target(c), Note: p.remark(c)}
	if n := p.anchors[c]; n > 0 {
		r.Steps = numbered("steps", n)
	}
	return r
}

// logged is what a check did, or what was asked once more.
type logged struct {
	ID    string
	Title string
	Ways  []string
	Steps []loggedStep
}

// loggedStep is one step, as deep as it is nested.
type loggedStep struct {
	Depth int
	Text  string
	More  []string
}

// anchor numbers the checks of which there is something to be told in detail.
func (p *page) anchor() {
	p.anchors = map[*result.Check]int{}
	for i := range p.r.Checks {
		if c := &p.r.Checks[i]; len(c.Steps)+len(c.Ways) > 0 {
			p.anchors[c] = len(p.anchors) + 1
		}
	}
}

func (p *page) log() []logged {
	var all []logged
	for i := range p.r.Checks {
		c := &p.r.Checks[i]
		if n := p.anchors[c]; n > 0 {
			all = append(all, logged{ID: numbered("steps", n), Title: p.titleOn(c), Ways: p.wayLines(c), Steps: p.loggedSteps(c.Steps)})
		}
	}
	return all
}

func (p *page) askedOnceMore() []logged {
	var all []logged
	for i := range p.r.Followups {
		u := &p.r.Followups[i]
		all = append(all, logged{ID: numbered("asked", i+1), Title: p.asked(u), Steps: p.loggedSteps(u.Steps)})
	}
	return all
}

func (p *page) loggedSteps(steps []result.Step) []loggedStep {
	var all []loggedStep
	for _, l := range p.stepLines(steps) {
		all = append(all, loggedStep{min(l.depth, 6), l.text, l.more})
	}
	return all
}

// numbered is an anchor's name: never a text from the report.
func numbered(what string, n int) string { return what + "-" + strconv.Itoa(n) }
