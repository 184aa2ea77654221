package report

import (
	"cmp"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// tests are a report as CI systems know such things: a list of tests, each of
// which passed, failed or was skipped, with a message and a text.
type tests struct {
	*phrases
	bearings []bearing // of the checks
	findings map[string]*result.Finding
	told     map[string][]said // of findings, by id
}

// said is a text and what it tells.
type said struct{ label, text string }

func newTests(r *result.Report, o Options) *tests {
	o.Unicode = true // files and pipes are UTF-8, whatever a terminal shows
	t := &tests{phrases: newPhrases(r, o), bearings: bearings(r, o.Strict), findings: make(map[string]*result.Finding, len(r.Findings)), told: map[string][]said{}}
	for i := range r.Findings {
		t.findings[r.Findings[i].ID] = &r.Findings[i]
	}
	return t
}

// whole is the message of a test that stands for the run itself: the exit
// status is not 0, and no check shows why. It is "" where none is needed.
func (t *tests) whole() string {
	interrupted := false
	for i := range t.r.Checks {
		if t.bearings[i].red() {
			return ""
		}
		interrupted = interrupted || t.r.Checks[i].Reason == result.BecauseInterrupted
	}
	if !interrupted && t.r.Lost == nil && passes(t.r, t.o.Strict) {
		return ""
	}
	return cmp.Or(t.shortfall(), t.known("run.", string(t.r.Verdict))+t.colon()+t.sentence())
}

// name is a check's name as a test: its id stays the same from run to run and
// in each language, its title is for people.
func (t *tests) name(c *result.Check) string {
	id, title := t.text(c.ID), t.title(c)
	if title == id || title == "" {
		return id
	}
	return id + ": " + title
}

// message says in a line why a check did not pass: its gravest finding, else
// what was seen.
func (t *tests) message(c *result.Check) string {
	for _, id := range c.Findings {
		if f := t.findings[id]; f != nil && f.Summary != "" {
			return t.text(f.Summary)
		}
	}
	s := t.known("verdict.", string(c.Verdict))
	if remark := t.remark(c); remark != "" {
		s += t.colon() + remark
	}
	return s
}

// left says why a check is neither passed nor failed.
func (t *tests) left(c *result.Check, b bearing) string {
	s := t.known("verdict.", string(c.Verdict))
	if b == bearingTolerated {
		return s + " (" + t.known("level.", string(c.Level)) + ")" + t.colon() + t.message(c)
	}
	if c.Verdict == result.Elsewhere && len(c.Spec.From) > 0 {
		var roles []string
		for _, role := range c.Spec.From {
			roles = append(roles, t.role(role))
		}
		return s + t.colon() + strings.Join(roles, ", ")
	}
	if remark := t.remark(c); remark != "" {
		s += t.colon() + remark
	}
	return s
}

// code is a word for programs of why a check did not pass.
func (t *tests) code(c *result.Check) string {
	for _, id := range c.Findings {
		if f := t.findings[id]; f != nil && f.Code != "" {
			return t.text(string(f.Code))
		}
	}
	if c.Cause != nil && c.Cause.Code != "" {
		return t.text(string(c.Cause.Code))
	}
	return t.text(string(c.Verdict))
}

// account is all that there is to say of a check that did not pass.
func (t *tests) account(c *result.Check) []said {
	var all []said
	for _, id := range c.Findings {
		if f := t.findings[id]; f != nil {
			all = append(all, t.tell(f)...)
		}
	}
	if len(all) > 0 {
		return all
	}
	if remark := t.remark(c); remark != "" {
		all = append(all, said{t.word("terminal.evidence"), remark})
	}
	if more := cmp.Or(t.heard(c.Detail), t.heard(lastError(c))); more != "" && c.Reason != result.BecauseNeeds && !strings.Contains(t.remark(c), more) {
		all = append(all, said{"", more})
	}
	return all
}

// tell is what a finding says to whoever can act on it.
func (t *tests) tell(f *result.Finding) []said {
	if all, ok := t.told[f.ID]; ok {
		return all
	}
	var all []said
	add := func(key string, texts ...string) {
		for _, s := range texts {
			if s != "" {
				all = append(all, said{t.word(key), s})
			}
		}
	}
	all = append(all, said{"", t.text(f.Summary)})
	consequence := "terminal.consequence"
	if !t.stops(f) {
		consequence = "terminal.risk"
	}
	add(consequence, t.consequences(f)...)
	add("terminal.say", t.milder(f)...)
	if f.At != nil && f.At.Owner != result.ThisMachine {
		add("terminal.where", t.place(f))
	}
	for l := range strings.SplitSeq(f.Remedy, "\n") {
		add("terminal.remedy", t.text(l))
	}
	if f.Command != "" {
		all = append(all, said{"", t.text(f.Command)})
	}
	if f.Request != nil {
		add("terminal.request", t.requestLine(f.Request))
	}
	if f.Act != "" {
		add("terminal.act", t.who(f))
	}
	add("terminal.cause", t.cause(f))
	t.told[f.ID] = all
	return all
}

// lines are an account as text, a line each.
func lines(all []said) []string {
	ls := make([]string, len(all))
	for i, s := range all {
		ls[i] = s.text
		if s.label != "" {
			ls[i] = s.label + ": " + s.text
		}
	}
	return ls
}

// profileFile is the profile's file as it was typed, "" for a built-in one and
// for stdin: only a file has lines that one can be led to.
func (t *tests) profileFile() string {
	ref := t.text(t.r.Profile.Ref)
	if !strings.ContainsAny(ref, `./\`) {
		return ""
	}
	return strings.ReplaceAll(ref, `\`, "/")
}

// suite are checks that a CI system shows together: those of a feature, or in a
// report of several machines those of one of them.
type suite struct {
	id, title string // the id is a feature's, or a machine's role
	machine   *result.Machine
	checks    []int // places in the report
}

// suites puts each check into one suite: that of its first feature. They are in
// the profile's order, and so are their checks.
func (t *tests) suites() []*suite {
	var all []*suite
	at := map[string]*suite{}
	get := func(id, title string, m *result.Machine) *suite {
		if at[id] == nil {
			at[id] = &suite{id: id, title: title, machine: m}
			all = append(all, at[id])
		}
		return at[id]
	}
	var here *result.Machine
	if len(t.r.Machines) == 1 {
		here = &t.r.Machines[0]
	}
	if t.merged() {
		for i := range t.r.Machines {
			m := &t.r.Machines[i]
			get(m.ID, t.machine(m.ID), m).id = cmp.Or(m.Role, m.ID) // which machine is m1 depends on the others
		}
	} else {
		for _, f := range t.r.Profile.Features {
			get(f.ID, cmp.Or(t.in(f.Title), t.text(f.ID)), here)
		}
	}
	for i := range t.r.Checks {
		c := &t.r.Checks[i]
		s := (*suite)(nil)
		switch {
		case t.merged():
			s = get(c.Machine, t.machine(c.Machine), nil)
		case len(c.Features) > 0:
			s = get(c.Features[0], t.text(c.Features[0]), here)
		default:
			s = get("", t.word("terminal.general"), here)
		}
		s.checks = append(s.checks, i)
	}
	return all
}

// more says that there are so many more.
func (t *tests) more(n int) string { return t.say("terminal.and-more", i18n.Data{"Count": n}) }
