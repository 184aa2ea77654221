package report

import (
	"slices"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/portset"
	"netcheck/report/result"
)

func contains[T comparable](all []T, v T) bool { return slices.Contains(all, v) }

// number puts the findings in the order in which they are shown: those of
// checks that passed all the same, that could not be decided and need not be,
// or whose failure the profile knows to be harmless, come last, as notes.
func (p *phrases) number() {
	grave := map[string]bool{}
	p.explained = make(map[string][]*result.Check, len(p.r.Findings))
	for i := range p.r.Checks {
		c := &p.r.Checks[i]
		for j, id := range c.Findings {
			if !contains(c.Findings[:j], id) {
				p.explained[id] = append(p.explained[id], c)
			}
		}
		if c.Verdict == result.Fail || c.Verdict == result.Inconclusive && (c.Observed == "" || c.Reason == result.BecauseIllusion) && c.Level == result.Required {
			for _, id := range c.Findings {
				grave[id] = true
			}
		}
	}
	for i := range p.r.Findings {
		if f := &p.r.Findings[i]; grave[f.ID] {
			p.wrong = append(p.wrong, f)
		} else {
			p.notes = append(p.notes, f)
		}
	}
	p.bySection(p.wrong)
	p.bySection(p.notes)
	p.numbers = make(map[string]int, len(p.r.Findings))
	for i, f := range slices.Concat(p.wrong, p.notes) {
		p.numbers[f.ID] = i + 1
	}
}

// who is who must act. What stands in the shop need not be this machine.
func (p *phrases) who(f *result.Finding) string {
	if at := f.At; f.Act == "customer-site" && at != nil && (at.Owner == result.Destination || at.Owner == result.Site) {
		return p.word("act.customer-site-there")
	}
	return p.known("act.", f.Act)
}

// cause is the code, how sure it is, and what else it could be.
func (p *phrases) cause(f *result.Finding) string {
	s := p.text(string(f.Code)) + ", " + p.known("confidence.", string(f.Confidence))
	if others := p.alike(f); others != "" {
		s += p.semicolon() + p.say("terminal.alike", i18n.Data{"Others": others})
	}
	if meant := p.meant(f); meant != "" {
		s += p.semicolon() + meant
	}
	return s
}

// alike is what else it could be.
func (p *phrases) alike(f *result.Finding) string {
	var others []string
	for _, code := range f.NotExcluded {
		others = append(others, p.known("code.", string(code)))
	}
	return strings.Join(others, ", ")
}

// meant says which of several machines is "this machine" in what else it could
// be.
func (p *phrases) meant(f *result.Finding) string {
	if len(f.Machines) > 1 && slices.ContainsFunc(f.NotExcluded, func(c result.Code) bool { return strings.HasPrefix(string(c), "local.") }) {
		return p.say("terminal.this-machine", i18n.Data{"Machine": p.machine(f.Machines[0])})
	}
	return ""
}

// hit names the checks that a finding explains.
func (p *phrases) hit(f *result.Finding) string {
	const few = 6
	var ts []string
	said := map[string]bool{}
	for _, c := range p.explained[f.ID] {
		if t := p.title(c); !said[t] {
			said[t] = true
			ts = append(ts, t)
		}
	}
	if hidden := len(ts) - few; hidden > 1 && !p.o.Verbose {
		return strings.Join(ts[:few], ", ") + ", " + p.say("terminal.and-more", i18n.Data{"Count": hidden})
	}
	return strings.Join(ts, ", ")
}

func (p *phrases) place(f *result.Finding) string {
	at := f.At
	owner := ""
	if at.Owner != "" && at.Owner != result.UnknownOwner {
		owner = p.known("owner.", string(at.Owner))
	}
	if at.Owner == result.Gateway && p.merged() && len(f.Machines) == 1 { // who reads it may have another
		owner = p.say("terminal.gateway-of", i18n.Data{"Machine": p.machine(f.Machines[0])})
	}
	hop := ""
	if at.Hop > 0 {
		hop = p.say("terminal.hop", i18n.Data{"Hop": at.Hop})
	}
	switch {
	case at.Address != "":
		return strings.Join(filled(p.text(at.Address), owner, hop), ", ")
	case p.onTheWayBack(f):
		return p.word("terminal.way-back")
	case len(at.Between) == 2 && at.Between[1] == unknown && ownEnd(p.r, f, at.Between[0]):
		return p.word("terminal.nowhere")
	case len(at.Between) == 2:
		from, to := p.end(f, at.Between[0]), p.end(f, at.Between[1])
		last := filled(owner, hop)
		switch {
		case at.Owner == result.Destination:
			to += ", " + owner
			last = filled(hop)
		case at.Hop == 0:
			last = nil // whose the first device is, is said by its name
		case ownEnd(p.r, f, at.Between[0]): // what is behind this machine is whose it is
			to += " (" + strings.Join(last, ", ") + ")"
			last = nil
		}
		if len(last) > 0 {
			from += " (" + strings.Join(last, ", ") + ")"
		}
		return p.say("terminal.between", i18n.Data{"From": from, "To": to})
	}
	return strings.Join(filled(owner, hop), ", ")
}

// end is one end of an interval: an address, or the word for what it is.
func (p *phrases) end(f *result.Finding, s string) string {
	if s == unknown {
		return p.word("owner.unknown")
	}
	own := ownEnd(p.r, f, s)
	if own && len(f.Machines) < 2 {
		return p.word("owner.this-machine")
	}
	for i := range p.r.Machines {
		if m := &p.r.Machines[i]; p.merged() && (own && m.ID == f.Machines[0] || !own && owns(m, s)) {
			return p.machine(m.ID)
		}
	}
	return p.text(s)
}

// lastError is what the system said of a check's last failure.
func lastError(c *result.Check) string {
	for i := range c.Steps {
		if s := &c.Steps[len(c.Steps)-1-i]; s.Err != "" {
			return s.Err
		}
	}
	return ""
}

// ports is a set of ports for a reader.
func (p *phrases) ports(set portset.Set) string {
	to := "-"
	if p.o.Unicode {
		to = "–"
	}
	return set.Format(to, ", ")
}
