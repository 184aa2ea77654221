package report

import (
	"strconv"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/portset"
	"netcheck/report/result"
)

// standIn says on which of a check's ports netcheck itself answers, from the
// machine of a service that is not there: the way is proven, and no more.
func (p *phrases) standIn(c *result.Check) string {
	var ports portset.Set
	for _, r := range c.Results {
		if r.Note == result.NoteStandIn {
			ports = portset.Join(ports, portset.Parse(r.Ports))
		}
	}
	if len(ports) == 0 {
		return ""
	}
	return p.say("terminal.stand-in", i18n.Data{"Ports": ports.Format("–", ", ")})
}

// remark says in a few words how a check went.
func (p *phrases) remark(c *result.Check) string {
	var parts []string
	add := func(s string) {
		if s != "" && !contains(parts, s) {
			parts = append(parts, s)
		}
	}
	switch c.Verdict {
	case result.Pass:
		add(p.greeted(c))
		if add(p.arrived(c)); len(parts) == 0 {
			add(p.states(c))
		}
		if c.Kind == "fresh" {
			add(p.heard(c.Detail)) // which file, and how old: there is no port to be told
		}
		add(p.standIn(c))
		add(p.via(c))
	case result.Fail, result.Warn, result.Inconclusive:
		if add(p.states(c)); len(parts) == 0 {
			add(p.seen(c))
		}
		add(p.via(c))
		if c.Cause == nil {
			add(p.heard(c.Detail))
		}
		add(p.references(c))
	case result.Skip:
		add(p.states(c)) // what was measured until it was stopped
		add(p.skipped(c))
	case result.Error:
		add(p.heard(c.Detail))
	}
	if c.Level != result.Required && c.Verdict != result.Pass && c.Verdict != result.Attested {
		add(p.known("level.", string(c.Level)))
	}
	if c.Observed != "" {
		add(p.say("terminal.downgraded", i18n.Data{"Verdict": p.known("verdict.", string(c.Observed))}))
	}
	if c.Attempts > 1 {
		key := "terminal.attempt"
		if c.Verdict == result.Pass {
			key = "terminal.passed-attempt"
		}
		add(p.say(key, i18n.Data{"Attempt": c.Attempts}))
	}
	return strings.Join(parts, p.semicolon())
}

// seen is what a check failed of: its cause where that is proven, else what
// was seen.
func (p *phrases) seen(c *result.Check) string {
	if c.Cause == nil {
		return ""
	}
	if sure := c.Cause.Confidence; sure == result.Certain || sure == result.Strong {
		return p.known("code.", string(c.Cause.Code))
	}
	if c.Kind == kindInbound {
		return p.outcome(c)
	}
	for i := range c.Steps {
		s := &c.Steps[len(c.Steps)-1-i]
		if s.Failure != "" && s.Failure != result.FailExpectation {
			return p.known("failure.", string(s.Failure))
		}
	}
	return p.known("code.", string(c.Cause.Code))
}

// references are the numbers of the findings that explain a check.
func (p *phrases) references(c *result.Check) string {
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
func (p *phrases) states(c *result.Check) string {
	type side struct {
		address  string
		state    result.State
		inferred bool
	}
	var order []side
	ports := map[side]portset.Set{}
	addresses := map[string]bool{}
	allOpen, total := true, 0
	results := ofWay(c)
	for i := range results {
		res := &results[i]
		addresses[res.Host+" "+res.Address] = true
		allOpen = allOpen && res.State == result.Open
	}
	for i := range results {
		res := &results[i]
		s := side{state: res.State, inferred: res.Inferred && p.o.Verbose} // a reader in a hurry has one range for one state
		if len(addresses) > 1 {
			s.address = res.Address
		}
		if res.State == "" || res.State == result.Unknown && res.Address == "" { // it came no further than its name
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
	declared, asked := portset.Sampled(c, "")
	for s := range ports {
		switch declared, asked := portset.Sampled(c, s.address); {
		case declared == nil || c.Verdict == result.Skip: // what a scan had not come to is not known
		case len(order) == 1:
			ports[s] = nil // the state of all that were asked
		case c.Verdict != result.Pass:
			ports[s] = ports[s].Between(asked, declared)
		}
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
			part = p.text(s.address) + p.colon() + word
			if ports[s].Count() > 1 {
				part = p.text(s.address) + " " + p.shortPorts(ports[s]) + p.colon() + word
			}
		} else if len(order) == 1 && ports[s].Count() <= 1 {
			part = word
		}
		parts = append(parts, strings.TrimSpace(part))
	}
	if declared != nil {
		parts = append(parts, p.say("terminal.sampled", i18n.Data{"Asked": i18n.Count(p.lang, asked.Count()), "All": i18n.Count(p.lang, declared.Count())}))
	}
	return strings.Join(parts, ", ")
}

// shortPorts is a set of ports; one of many pieces is counted instead.
func (p *phrases) shortPorts(set portset.Set) string {
	const few, shown = 8, 4
	if len(set) > few && !p.o.Verbose {
		return p.say("some-ports", i18n.Data{"Count": set.Count(), "Ports": p.ports(set[:shown])})
	}
	return p.ports(set)
}

// roundTrip is the fastest answer of a check that passed.
func (p *phrases) roundTrip(c *result.Check) string {
	var best result.Duration
	for _, r := range ofWay(c) {
		if rtt := r.RTT; rtt > 0 && (best == 0 || rtt < best) {
			best = rtt
		}
	}
	if best == 0 {
		return ""
	}
	return p.duration(best)
}

// skipped says why a check was not run.
func (p *phrases) skipped(c *result.Check) string {
	why := p.known("reason.", string(c.Reason))
	if c.Reason == result.BecauseNeeds {
		why = p.say("terminal.needs", i18n.Data{"Check": p.titleOf(c.Detail)})
	} else if c.Detail != "" {
		why += p.colon() + p.heard(c.Detail)
	}
	return why
}

func (p *phrases) titleOf(id string) string {
	if p.byID == nil {
		p.byID = make(map[string]*result.Check, len(p.r.Checks))
		for i := range p.r.Checks {
			if c := &p.r.Checks[i]; p.byID[c.ID] == nil {
				p.byID[c.ID] = c
			}
		}
	}
	if c := p.byID[id]; c != nil {
		return p.title(c)
	}
	return p.text(id)
}
