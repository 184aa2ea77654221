package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"netcheck/report/command"
	"netcheck/report/i18n"
	"netcheck/report/result"
)

// elsewhere lists the checks of other roles, with the command that runs them
// on their machines.
func (p *printer) elsewhere() {
	var roles []string
	titles := map[string][]string{}
	for i := range p.r.Checks {
		c := &p.r.Checks[i]
		if c.Verdict != result.Elsewhere {
			continue
		}
		role := "?"
		if len(c.Spec.From) > 0 {
			role = c.Spec.From[0]
		}
		if titles[role] == nil {
			roles = append(roles, role)
		}
		if t := p.baseTitle(c); !contains(titles[role], t) {
			titles[role] = append(titles[role], t)
		}
	}
	if len(roles) == 0 {
		return
	}
	const few = 8
	p.heading("terminal.elsewhere")
	for _, role := range roles {
		p.line()
		ts := titles[role]
		if hidden := len(ts) - few; hidden > 1 && !p.o.Verbose {
			ts = append(ts[:few:few], p.say("terminal.and-more", i18n.Data{"Count": hidden}))
		}
		p.para("  ", "", p.role(role)+": "+strings.Join(ts, ", "), lipgloss.Style{})
		p.command("    ", command.Run(p.r, role))
	}
}

// handover are the texts that a person must pass on.
func (p *printer) handover() {
	if len(p.r.Handover) == 0 {
		return
	}
	p.heading("terminal.handover")
	for _, h := range p.r.Handover {
		p.line()
		p.para("  ", "", p.in(h.Title), p.st.strong)
		for l := range strings.SplitSeq(strings.TrimSpace(h.Text.In(p.lang)), "\n") {
			if l = p.text(l); strings.TrimSpace(l) == "" {
				p.line()
				continue
			}
			p.para("    ", "", l, lipgloss.Style{})
		}
	}
}

// command is not wrapped: it is to be copied whole.
func (p *printer) command(indent, line string) {
	p.line(indent, p.st.render(p.st.command, p.text(line)))
}

// notTested folds what was left out into one paragraph.
func (p *printer) notTested() {
	na, deselected := 0, 0
	for i := range p.r.Checks {
		switch c := &p.r.Checks[i]; {
		case c.Verdict == result.NotApplicable:
			na++
		case c.Verdict == result.Skip && c.Reason == result.BecauseSelection:
			deselected++
		}
	}
	var parts []string
	if na > 0 {
		parts = append(parts, p.say("terminal.not-applicable", i18n.Data{"Count": na}))
	}
	if deselected > 0 {
		parts = append(parts, p.say("terminal.deselected", i18n.Data{"Count": deselected}))
	}
	if len(parts) > 0 {
		p.line()
		p.para("", "", strings.Join(parts, ", ")+".", p.st.faint)
	}
}

// circumstances are what support asks next: the machine and the values given.
func (p *printer) circumstances() {
	none := lipgloss.Style{}
	for i := range p.r.Machines {
		m := &p.r.Machines[i]
		p.heading("terminal.machine")
		p.line()
		if p.merged() {
			p.para("  ", "", p.machine(m.ID), p.st.strong)
		}
		p.para("  ", "", strings.Join(filled(p.text(m.Name), p.text(m.OS)), ", "), none)
		p.para("  ", "", p.text(strings.Join(m.Addresses, ", ")), none)
		for _, fact := range []struct{ key, value string }{
			{"gateway", cmp.Or(strings.Join(m.Gateways, ", "), m.Gateway)}, {"resolvers", strings.Join(m.Resolvers, ", ")}, {"proxy", m.Proxy}, {"proxy-script", m.ProxyScript},
		} {
			if fact.value != "" {
				p.para("  ", "", p.word("terminal."+fact.key)+" "+p.text(fact.value), none)
			}
		}
	}
	if len(p.r.Params) == 0 {
		return
	}
	p.heading("terminal.values")
	p.line()
	for _, name := range slices.Sorted(maps.Keys(p.r.Params)) {
		p.para("  ", "", p.text(name)+": "+p.text(fact(p.r.Params[name])), none)
	}
}

func filled(all ...string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// steps shows all that a check or a follow-up did.
func (p *printer) steps(steps []result.Step) {
	depth := make([]int, len(steps))
	for i := range steps {
		s := &steps[i]
		if s.Parent != nil && *s.Parent >= 0 && *s.Parent < i {
			depth[i] = depth[*s.Parent] + 1
		}
		indent := "      " + strings.Repeat("  ", min(depth[i], 6))
		words := []string{p.text(string(s.Op)), p.duration(s.Duration)}
		if s.Attempt > 1 {
			words = append(words, p.say("terminal.attempt", i18n.Data{"Attempt": s.Attempt}))
		}
		for _, key := range slices.Sorted(maps.Keys(s.Facts)) {
			words = append(words, p.text(key+"="+fact(s.Facts[key])))
		}
		if s.Failure != "" {
			words = append(words, p.text(string(s.Failure)))
		}
		p.para(indent, "", strings.Join(words, "  "), p.st.faint)
		if s.Err != "" && !s.Failure.SaysAll() {
			p.para(indent+"  ", "", p.text(s.Err), p.st.faint)
		}
		if s.Evidence != nil {
			p.para(indent+"  ", "", p.text(p.evidence(s.Evidence)), p.st.faint)
		}
	}
}

func fact(v any) string {
	switch v := v.(type) {
	case []string:
		return strings.Join(v, ",")
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = fact(v[i])
		}
		return strings.Join(parts, ",")
	case map[string]any: // an item of a list, which a report keeps by the names of its fields
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if s := fact(v[key]); key == "id" {
				parts = slices.Insert(parts, 0, s)
			} else {
				parts = append(parts, key+" "+s)
			}
		}
		return strings.Join(parts, " ")
	}
	return fmt.Sprint(v)
}

func (p *printer) evidence(e *result.Evidence) string {
	var parts []string
	if e.Errno != "" {
		parts = append(parts, e.Errno)
	}
	if m := e.ICMP; m != nil {
		parts = append(parts, fmt.Sprintf("ICMP %d/%d %s from %s ttl %d", m.Type, m.Code, m.Name, m.From, m.TTL))
	}
	if e.Local != "" {
		parts = append(parts, "from "+e.Local)
	}
	if e.Attempts > 1 {
		parts = append(parts, fmt.Sprintf("%d attempts", e.Attempts))
	}
	if e.Waited > 0 {
		parts = append(parts, "waited "+p.duration(e.Waited))
	}
	if e.AnswerTTL > 0 {
		parts = append(parts, fmt.Sprintf("answered with TTL %d", e.AnswerTTL))
	}
	if i := e.TCP; i != nil {
		parts = append(parts, fmt.Sprintf("TCP: %d sent again, %d bytes confirmed, %d received, %d out of order, %d confirmed with a gap, segments up to %d in and %d out",
			i.Retransmits, i.BytesAcked, i.BytesReceived, i.OutOfOrder, i.Sacked, i.ReceiveMSS, i.SendMSS))
	}
	if len(e.Hops) > 0 {
		parts = append(parts, hops(e.Hops))
	}
	return strings.Join(parts, ", ")
}

// hops is a sweep in a line: like hops together.
func hops(hs []result.Hop) string {
	var parts []string
	for i := 0; i < len(hs); i++ {
		first, h := i, &hs[i]
		for i+1 < len(hs) && hs[i+1].State == h.State && hs[i+1].From == h.From {
			i++
		}
		part := fmt.Sprintf("hop %d", h.TTL)
		if i > first {
			part = fmt.Sprintf("hops %d-%d", h.TTL, hs[i].TTL)
		}
		part += " " + string(h.State)
		if h.From != "" {
			part += " " + h.From
		}
		if m := h.ICMP; m != nil && h.State != result.Expired {
			part += " " + m.Name
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}
