package report

import (
	"slices"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/portset"
	"netcheck/report/result"
)

// requestFields are the rule to ask for, as pairs of a field's name and its text,
// in the order to read them; a field that says nothing is left out.
func (p *phrases) requestFields(f *result.Finding) [][2]string {
	q := f.Request
	fields := [][2]string{
		{"action", p.known("action.", q.Action)},
		{"protocol", strings.ToUpper(p.text(q.Proto))},
		{"application", p.text(q.App)},
		{"from", p.handedFrom(q)},
		{"to", p.requestedTo(q)},
		{"seen", strings.Join(p.addresses(f, q), ", ")},
		{"ports", p.requestedPorts(q)},
		{"why", p.why(f)},
		{"see", strings.Join(p.see(f), " ")},
	}
	return slices.DeleteFunc(fields, func(l [2]string) bool { return l[1] == "" })
}

// requestLine is the rule in a line.
func (p *phrases) requestLine(q *result.Request) string {
	proto := strings.TrimSpace(p.text(q.App) + " " + strings.ToUpper(p.text(q.Proto)))
	return p.say("request.line", i18n.Data{"Action": p.known("action.", q.Action), "Proto": proto, "Ports": p.requestedPorts(q), "From": p.requestedFrom(q), "To": p.requestedTo(q)})
}

func (p *phrases) requestedFrom(q *result.Request) string {
	if q.From == result.OwnPublicIP {
		return p.word("own-public-ip")
	}
	return p.text(q.From)
}

// handedFrom is the rule's source for whoever gets the rule: netcheck does not
// know the shop's public address, and whoever passes the rule on has to say it.
func (p *phrases) handedFrom(q *result.Request) string {
	if q.From == result.OwnPublicIP {
		return p.word("request.fill-own-public-ip")
	}
	return p.requestedFrom(q)
}

// handedOver says what the rule's fields are for.
func (p *phrases) handedOver(q *result.Request) string {
	if q.From == result.OwnPublicIP {
		return p.word("request.forward-filled")
	}
	return p.word("terminal.forward")
}

func (p *phrases) requestedTo(q *result.Request) string {
	to := make([]string, len(q.To))
	for i := range q.To {
		to[i] = p.text(q.To[i])
	}
	return strings.Join(to, ", ")
}

// rulePorts are a rule's ports as one types them: with hyphens, and all of
// them, unless there are more than anybody would type.
func (p *phrases) rulePorts(s string) string {
	const typed = 64
	set := portset.Parse(s)
	if len(set) > typed {
		return p.shortPorts(set)
	}
	return set.Format("-", ", ")
}

// requestedPorts are a request's ports, and that there are more where only a part
// of them is known.
func (p *phrases) requestedPorts(q *result.Request) string {
	if !q.Part {
		return p.rulePorts(q.Ports)
	}
	return p.say("request.partly", i18n.Data{"Ports": p.rulePorts(q.Ports)})
}

// addresses are those that the rule's names have just now, for firewalls that
// know no names.
func (p *phrases) addresses(f *result.Finding, q *result.Request) []string {
	const most = 8
	var all []string
	for _, c := range p.explained[f.ID] {
		for j := range c.Results {
			res := &c.Results[j]
			if res.Cause == nil || res.Cause.Code != f.Code || res.Address == "" || !samePlace(res.Cause.At, f.At) {
				continue
			}
			if a := p.text(res.Address); !contains(all, a) && !slices.Contains(q.To, res.Address) && len(all) < most {
				all = append(all, a)
			}
		}
	}
	return all
}

// why tells who gets the request what it is for, and what was measured.
func (p *phrases) why(f *result.Finding) string {
	return p.say("terminal.why", i18n.Data{
		"Product": p.product(), "Checks": p.hit(f), "Summary": strings.TrimSuffix(f.Summary, "."), "When": p.started(f),
	})
}

// see is where the vendor says so; of a rule towards the helper outside he says
// nothing.
func (p *phrases) see(f *result.Finding) []string {
	var all []string
	if f.Code == result.InboundVantageUnreachable {
		return nil
	}
	for _, c := range p.explained[f.ID] {
		if fw := c.Spec.Firewall; fw != nil && fw.See != "" && !contains(all, p.text(fw.See)) {
			all = append(all, p.text(fw.See))
		}
	}
	return all
}
