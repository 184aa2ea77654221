package report

import (
	"cmp"
	"slices"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// difference is a comparison in one reader's words, without any layout. What is
// said of a run is said by that run's own phrases: each knows its machines.
type difference struct {
	c        *result.Comparison
	*phrases // of the later report
	was      *phrases
}

func newDifference(c *result.Comparison, o Options) *difference {
	o.Lang = cmp.Or(o.Lang, c.After.Report.Lang)
	return &difference{c: c, phrases: newPhrases(c.After.Report, o), was: newPhrases(c.Before.Report, o)}
}

// heading is what was compared.
func (d *difference) heading() string {
	return d.say("diff.title", i18n.Data{"Product": d.product()})
}

// outcome says in a line how many checks changed, and how.
func (d *difference) outcome() string {
	var parts []string
	for _, kind := range result.ChangeKinds() {
		if n := d.c.Count(kind); n > 0 {
			parts = append(parts, d.say("changes."+string(kind), i18n.Data{"Count": n}))
		}
	}
	if len(parts) == 0 && d.c.Inconclusive() {
		return d.say("diff.nothing-known", i18n.Data{"Count": d.c.Same})
	}
	if len(parts) == 0 {
		return d.say("diff.nothing", i18n.Data{"Count": d.c.Same})
	}
	if d.c.Same > 0 {
		parts = append(parts, d.say("changes.same", i18n.Data{"Count": d.c.Same}))
	}
	return strings.Join(parts, ", ") + "."
}

// side is one of the two runs: which file, how it ended, when and by what.
func (d *difference) side(after bool) (label, verdict, facts string) {
	p, n, label := d.was, d.c.Before, d.word("diff.before")
	if after {
		p, n, label = d.phrases, d.c.After, d.word("diff.after")
	}
	r := n.Report
	all := []string{p.minute(r.Started), p.text(strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version)), p.text(n.Name)}
	if len(r.Machines) == 1 {
		all = slices.Insert(all, 1, p.text(r.Machines[0].Name))
	}
	return label, p.known("run.", string(r.Verdict)), strings.Join(filled(all...), ", ")
}

// remarks are what bears on the comparison as a whole.
func (d *difference) remarks() []string {
	var all []string
	if !d.c.SameProfile() {
		all = append(all, d.say("diff.profile", i18n.Data{"Before": version(&d.was.r.Profile), "After": version(&d.r.Profile)}))
	}
	for _, u := range d.c.Unpaired {
		key := "diff.machine-before"
		if u.After {
			key = "diff.machine-after"
		}
		all = append(all, d.say(key, i18n.Data{"Role": cmp.Or(d.role(u.Role), "-")}))
	}
	for _, n := range []result.Named{d.c.Before, d.c.After} {
		switch {
		case n.Report.Lost != nil:
			all = append(all, d.say("diff.lost", i18n.Data{"File": d.text(n.Name)}))
		case !n.Report.Complete && !n.Report.FollowupsCut:
			all = append(all, d.say("diff.cut-short", i18n.Data{"File": d.text(n.Name)}))
		}
	}
	if d.c.WholeWorse() && d.c.Count(result.Worse) == 0 {
		all = append(all, d.word("diff.whole-worse"))
	}
	return all
}

// version tells versions of a profile apart for a reader.
func version(p *result.Profile) string {
	const enough = 12
	sum := "sha256 " + Clean(p.SHA256[:min(enough, len(p.SHA256))])
	if p.Revision == "" {
		return sum
	}
	return Clean(p.Revision) + " (" + sum + ")"
}

// part is a heading and what stands below it.
type part struct {
	heading string
	items   []item
}

// item is a line, with what is to be said of it.
type item struct {
	verdict result.Verdict // whose mark it gets; "" for none
	title   string
	lines   []string
}

// parts are all that differs, what a reader wants first first.
func (d *difference) parts() []part {
	var all []part
	for _, kind := range result.ChangeKinds() {
		p := part{heading: d.word("change." + string(kind))}
		for i := range d.c.Changes {
			if ch := &d.c.Changes[i]; ch.Kind == kind {
				p.items = append(p.items, d.change(ch))
			}
		}
		all = append(all, p)
	}
	for _, causes := range []struct {
		key  string
		of   *phrases
		list []result.Caused
	}{{"diff.causes-new", d.phrases, d.c.New}, {"diff.causes-gone", d.was, d.c.Gone}} {
		p := part{heading: d.word(causes.key)}
		for _, c := range causes.list {
			p.items = append(p.items, item{title: d.ofRole(c.Role, causes.of.text(c.Finding.Summary)), lines: filled(d.causeAt(causes.of, c.Finding))})
		}
		all = append(all, p)
	}
	p := part{heading: d.word("diff.circumstances")}
	for _, a := range d.c.Machines {
		p.items = append(p.items, d.altered(d.ofRole(a.Role, d.known("fact.", a.Name)), a))
	}
	for _, a := range d.c.Params {
		p.items = append(p.items, d.altered(d.text(a.Name), a))
	}
	return slices.DeleteFunc(append(all, p), func(p part) bool { return len(p.items) == 0 })
}

// change is what came of one check.
func (d *difference) change(ch *result.Change) item {
	var of *phrases
	c := ch.Check()
	if of = d.phrases; ch.Is == nil {
		of = d.was
	}
	it := item{verdict: c.Verdict, title: d.ofRole(ch.Role, of.title(c))}
	verdicts := d.known("verdict.", string(c.Verdict))
	if ch.Was != nil && ch.Is != nil && ch.Was.Verdict != ch.Is.Verdict {
		verdicts = d.say("diff.then", i18n.Data{"Before": d.known("verdict.", string(ch.Was.Verdict)), "After": verdicts})
	}
	it.title += d.colon() + verdicts
	if ch.Was != nil && ch.Is != nil && ch.Was.Level != ch.Is.Level {
		it.lines = append(it.lines, d.say("diff.level", i18n.Data{"Before": d.known("level.", string(ch.Was.Level)), "After": d.known("level.", string(ch.Is.Level))}))
	}
	before, after := d.why(d.was, ch.Was), d.why(d.phrases, ch.Is)
	if before != "" {
		it.lines = append(it.lines, d.say("diff.was", i18n.Data{"Why": before}))
	}
	if after != "" {
		it.lines = append(it.lines, d.say("diff.is", i18n.Data{"Why": after}))
	}
	if len(ch.Failing) > 0 {
		it.lines = append(it.lines, d.say("diff.failing", i18n.Data{"Targets": d.targets(ch.Failing)}))
	}
	if len(ch.Restored) > 0 {
		it.lines = append(it.lines, d.say("diff.restored", i18n.Data{"Targets": d.targets(ch.Restored)}))
	}
	return it
}

// why is a check's cause and place in a run, or why it was not run.
func (d *difference) why(p *phrases, c *result.Check) string {
	switch {
	case c == nil:
		return ""
	case c.Cause == nil && c.Verdict == result.Skip:
		return p.remark(c)
	case c.Cause == nil:
		return ""
	}
	f := &result.Finding{Code: c.Cause.Code, At: c.Cause.At}
	for i := range p.r.Findings {
		if have := &p.r.Findings[i]; have.Code == c.Cause.Code && contains(c.Findings, have.ID) {
			of := *have
			of.At = c.Cause.At
			f = &of
			break
		}
	}
	return d.causeAt(p, f)
}

// causeAt is a cause and where it is.
func (d *difference) causeAt(p *phrases, f *result.Finding) string {
	s := p.known("code.", string(f.Code)) + " (" + p.text(string(f.Code)) + ")"
	if f.At == nil {
		return s
	}
	if at := p.place(f); at != p.word("terminal.nowhere") {
		s = strings.Join(filled(s, at), ", ")
	}
	return s
}

// targets names some targets.
func (d *difference) targets(all []string) string {
	const few = 6
	var names []string
	for i, t := range all {
		if i == few && len(all) > few+1 {
			names = append(names, d.say("terminal.and-more", i18n.Data{"Count": len(all) - few}))
			break
		}
		names = append(names, d.text(t))
	}
	return strings.Join(names, ", ")
}

// altered is a value or fact that is another one now.
func (d *difference) altered(name string, a result.Altered) item {
	shown := func(v any) string {
		if v == nil {
			return d.word("diff.none")
		}
		return d.text(fact(v))
	}
	return item{title: name + d.colon() + d.say("diff.then", i18n.Data{"Before": shown(a.Before), "After": shown(a.After)})}
}

// ofRole says of which machine something is, where the reports are of several.
func (d *difference) ofRole(role, text string) string {
	if !d.merged() && !d.was.merged() || role == "" {
		return text
	}
	return d.say("terminal.on", i18n.Data{"Check": text, "Machine": d.role(role)})
}
