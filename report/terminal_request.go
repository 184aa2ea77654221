package report

import (
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"netcheck/report/i18n"
	"netcheck/report/portset"
	"netcheck/report/result"
)

// request is the firewall rule to ask for: of what is wrong a block that can
// be copied into a mail and tells whoever gets it all they need; of what is
// only worth a look, a line.
func (p *printer) request(indent string, f *result.Finding) {
	q := f.Request
	none := lipgloss.Style{}
	proto := strings.ToUpper(p.text(q.Proto))
	to := make([]string, len(q.To))
	for i := range q.To {
		to[i] = p.text(q.To[i])
	}
	source := p.text(q.From)
	if q.From == result.OwnPublicIP {
		source = p.word("own-public-ip")
	}
	if !contains(p.wrong, f) {
		from := ""
		if source != "" {
			from = " from " + source
		}
		p.para(indent, p.word("terminal.request"), p.text(q.Action)+" "+strings.TrimSpace(p.text(q.App)+" "+proto)+" "+p.requestedPorts(q)+from+" to "+strings.Join(to, ", "), none)
		return
	}
	p.para(indent, p.word("terminal.request"), p.word("terminal.forward"), none)
	lines := [][2]string{
		{"action", p.text(q.Action)},
		{"protocol", proto},
		{"application", p.text(q.App)},
		{"from", source},
		{"to", strings.Join(to, ", ")},
		{"seen", strings.Join(p.addresses(f, q), ", ")},
		{"ports", p.requestedPorts(q)},
		{"why", p.why(f)},
		{"see", strings.Join(p.see(f), " ")},
	}
	lines = slices.DeleteFunc(lines, func(l [2]string) bool { return l[1] == "" })
	pad := indent + strings.Repeat(" ", labelWidth)
	if p.wide < 50 {
		pad = indent + "  "
	}
	widest := 0
	for _, l := range lines {
		widest = max(widest, width(p.word("request."+l[0])))
	}
	for _, l := range lines {
		name := p.word("request." + l[0])
		lead := pad + name + strings.Repeat(" ", widest-width(name)+2)
		if l[0] == "see" {
			p.pages(lead, pad+name, indent, p.see(f))
			continue
		}
		for _, text := range wrap(l[1], p.wide-width(lead)) {
			p.line(lead, text)
			lead = strings.Repeat(" ", width(lead))
		}
	}
}

// pages are addresses to be clicked or copied, each in one piece: one that does
// not fit beside its name stands below it.
func (p *printer) pages(lead, name, indent string, urls []string) {
	for _, u := range urls {
		if width(lead)+width(u) <= p.wide {
			p.line(lead, u)
			lead = strings.Repeat(" ", width(lead))
			continue
		}
		if strings.TrimSpace(lead) != "" {
			p.line(name)
			lead = strings.Repeat(" ", width(lead))
		}
		p.line(indent, u)
	}
}

// rulePorts are a rule's ports as one types them: with hyphens, and all of
// them, unless there are more than anybody would type.
func (p *printer) rulePorts(s string) string {
	const typed = 64
	set := portset.Parse(s)
	if len(set) > typed {
		return p.shortPorts(set)
	}
	return set.Format("-", ", ")
}

// requestedPorts are a request's ports, and that there are more where only a part
// of them is known.
func (p *printer) requestedPorts(q *result.Request) string {
	if !q.Part {
		return p.rulePorts(q.Ports)
	}
	return p.say("request.partly", i18n.Data{"Ports": p.rulePorts(q.Ports)})
}

// addresses are those that the rule's names have just now, for firewalls that
// know no names.
func (p *printer) addresses(f *result.Finding, q *result.Request) []string {
	const most = 8
	var all []string
	for i := range p.r.Checks {
		c := &p.r.Checks[i]
		if !contains(c.Findings, f.ID) {
			continue
		}
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
func (p *printer) why(f *result.Finding) string {
	return p.say("terminal.why", i18n.Data{
		"Product": p.product(), "Checks": p.hit(f), "Summary": strings.TrimSuffix(f.Summary, "."), "When": p.started(f),
	})
}

// see is where the vendor says so; of a rule towards the helper outside he says
// nothing.
func (p *printer) see(f *result.Finding) []string {
	var all []string
	if f.Code == result.InboundVantageUnreachable {
		return nil
	}
	for i := range p.r.Checks {
		c := &p.r.Checks[i]
		if fw := c.Spec.Firewall; fw != nil && fw.See != "" && contains(c.Findings, f.ID) && !contains(all, p.text(fw.See)) {
			all = append(all, p.text(fw.See))
		}
	}
	return all
}
