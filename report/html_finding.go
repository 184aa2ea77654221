package report

import (
	"cmp"
	"slices"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// chapter is a section of findings: what is wrong, and what is worth a look.
type chapter struct {
	ID, Heading string
	Count       int
	Groups      []findings
}

// findings are those of one machine, or of several together, in a merged
// report; of a report of one run, all.
type findings struct {
	Heading string
	All     []finding
}

// finding is a cause, what it means, where it is and what to do.
type finding struct {
	ID       string
	Number   int
	Class    string
	Mark     string
	Summary  string
	Means    []labelled // what stops, and why it may be harmless
	Where    string
	Picture  *picture
	Remedy   []string
	Command  string
	Rule     string // in a line
	RuleID   string // of the table's row, where it is there
	Act      string
	Code     string
	Sure     string
	Alike    string
	Checks   string
	Evidence []string
	Swept    string
	Sweep    [][]string // a heading, and then rows
	Explain  []i18n.Part
}

// chapters are the findings in the order of the terminal: in a run that passes
// nothing is wrong that the product can't do without.
func (p *page) chapters() []chapter {
	if p.r.Verdict == result.Pass || p.r.Verdict == result.Warn {
		return p.chapter(nil, "notes", "terminal.notes", slices.Concat(p.wrong, p.notes))
	}
	return p.chapter(p.chapter(nil, "findings", "terminal.findings", p.wrong), "notes", "terminal.notes", p.notes)
}

func (p *page) chapter(chapters []chapter, id, heading string, fs []*result.Finding) []chapter {
	if len(fs) == 0 {
		return chapters
	}
	s := chapter{ID: id, Heading: p.word(heading), Count: len(fs)}
	for i, f := range fs {
		heading := strings.TrimSuffix(p.section(f), ":")
		if last := len(s.Groups) - 1; i == 0 || s.Groups[last].Heading != heading {
			s.Groups = append(s.Groups, findings{Heading: heading})
		}
		last := &s.Groups[len(s.Groups)-1]
		last.All = append(last.All, p.finding(f))
	}
	return append(chapters, s)
}

func (p *page) finding(f *result.Finding) finding {
	n := p.numbers[f.ID]
	v := result.Warn
	if contains(p.wrong, f) && p.r.Verdict != result.Pass && p.r.Verdict != result.Warn {
		v = result.Inconclusive
		if p.stops(f) {
			v = result.Fail
		}
	}
	b := p.badge(v, "")
	h := finding{
		ID: numbered("finding", n), Number: n, Class: b.Class, Mark: b.Mark, Summary: p.text(f.Summary),
		Code: p.text(string(f.Code)), Sure: p.known("confidence.", string(f.Confidence)), Alike: strings.Join(filled(p.alike(f), p.meant(f)), p.semicolon()), Checks: p.hit(f), Picture: p.picture(f),
	}
	means := "html.consequence"
	if !p.stops(f) {
		means = "html.risk"
	}
	for _, said := range []labelled{{Label: p.word(means), Texts: p.consequences(f)}, {Label: p.word("html.say"), Texts: p.milder(f)}} {
		if len(said.Texts) > 0 {
			h.Means = append(h.Means, said)
		}
	}
	if f.At != nil && f.At.Owner != result.ThisMachine {
		h.Where = p.place(f)
	}
	for l := range strings.SplitSeq(f.Remedy, "\n") {
		h.Remedy = append(h.Remedy, filled(p.text(l))...)
	}
	h.Command = p.text(f.Command)
	if f.Request != nil {
		h.Rule = p.requestLine(f.Request)
		if p.isRule(f) {
			h.RuleID = numbered("rule", n)
		}
	}
	if f.Act != "" {
		h.Act = p.who(f)
	}
	for _, t := range f.Evidence {
		h.Evidence = append(h.Evidence, p.text(t))
	}
	if shown := p.sweepsShown(f); len(shown) > 0 {
		h.Swept, h.Sweep = p.swept(f, &shown[0]), p.tableRows(shown)
	}
	if e, ok := i18n.Explain(p.lang, f.Code); ok && !contains(p.told, f.Code) {
		p.told, h.Explain = append(p.told, f.Code), e.Parts(p.lang)
	}
	return h
}

// rule is a row of the table of rules to ask for, which is to be passed on: it
// must make sense to somebody who sees nothing else.
type rule struct {
	ID        string
	Number    int // of the finding
	Finding   string
	From, To  string
	Seen      string // the addresses of its names, and when they had them
	Protocol  string
	Ports     string
	Direction string
	Why       string
	See       []link
}

// isRule tells whether a finding's request belongs into the table: what is only
// worth a look is no reason to change a firewall.
func (p *page) isRule(f *result.Finding) bool { return f.Request != nil && contains(p.wrong, f) }

// ruleSheet are the rules for one addressee: nobody else can make them.
type ruleSheet struct {
	To    string // a sentence that says so
	Rules []rule
}

// rules are the rules to ask for, by who must act, in the order of what is
// gravest.
func (p *page) rules() []ruleSheet {
	var sheets []ruleSheet
	var acts []string
	var fill []bool // something in the sheet is for the sender to fill in
	for _, f := range p.wrong {
		if !p.isRule(f) {
			continue
		}
		q, n := f.Request, p.numbers[f.ID]
		r := rule{
			ID: numbered("rule", n), Number: n, Finding: numbered("finding", n), From: p.handedFrom(q), To: p.requestedTo(q),
			Protocol: strings.TrimSpace(strings.ToUpper(p.text(q.Proto)) + " " + p.text(q.App)), Ports: p.requestedPorts(q), Why: p.why(f), See: links(p.see(f)),
		}
		if r.From == "" {
			r.From = p.word("html.from-unnamed")
		}
		if seen := p.addresses(f, q); len(seen) > 0 {
			r.Seen = p.say("html.seen", i18n.Data{"Addresses": strings.Join(seen, ", "), "When": p.started(f)})
		}
		switch {
		case q.Action == "forward":
			r.Direction = p.word("html.in-forward")
		case aboutCalls(f), atOtherEnd(f):
			r.Direction = p.word("html.in-allow")
		default:
			r.Direction = p.word("html.out-allow")
		}
		act := cmp.Or(f.Act, "customer-network")
		i := slices.Index(acts, act)
		if i < 0 {
			i = len(acts)
			acts, fill, sheets = append(acts, act), append(fill, false), append(sheets, ruleSheet{})
		}
		fill[i] = fill[i] || q.From == result.OwnPublicIP
		sheets[i].Rules = append(sheets[i].Rules, r)
	}
	for i := range sheets {
		sheets[i].To = p.say("request.sheet-for", i18n.Data{"Who": p.known("firewall.act.", acts[i]), "Fill": fill[i]})
	}
	return sheets
}

// atOtherEnd tells whether the rule belongs where the calls arrive: what goes
// out of the shop comes in there.
func atOtherEnd(f *result.Finding) bool {
	if f.At != nil && f.At.Owner == result.ThisMachine {
		return false
	}
	return f.Code == result.HostFirewall || f.Act == "vendor" || f.At != nil && f.At.Owner == result.Destination
}
