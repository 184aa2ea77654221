package report

import (
	"cmp"
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
