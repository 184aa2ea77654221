package report

import (
	"cmp"
	"slices"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// merged tells whether the report is of several machines: then whatever it says
// must say of which.
func (p *phrases) merged() bool { return len(p.r.Machines) > 1 }

// machine is a machine in the reader's words.
func (p *phrases) machine(id string) string {
	if p.called == nil {
		p.called = p.callings()
	}
	if name, ok := p.called[id]; ok {
		return name
	}
	return p.text(id)
}

// callings are what the machines are called: by the part that each has, and by
// name where that is not enough.
func (p *phrases) callings() map[string]string {
	alike := map[string]int{}
	for i := range p.r.Machines {
		alike[p.role(p.r.Machines[i].Role)]++
	}
	called := map[string]string{}
	for i := range p.r.Machines {
		m := &p.r.Machines[i]
		name, role := cmp.Or(p.text(m.Name), p.text(m.ID)), p.role(m.Role)
		switch {
		case role == "":
			called[m.ID] = name
		case alike[role] > 1:
			called[m.ID] = role + " (" + name + ")"
		default:
			called[m.ID] = role
		}
	}
	return called
}

// titleOn is a check's title, in a merged report with the machine that made it.
func (p *phrases) titleOn(c *result.Check) string { return p.on(p.title(c), c) }

// on adds to a check's title the machine that made it, where there are several.
func (p *phrases) on(title string, c *result.Check) string {
	if !p.merged() {
		return title
	}
	return p.say("terminal.on", i18n.Data{"Check": title, "Machine": p.machine(c.Machine)})
}

// section is of which machines a finding tells, in a merged report: what several
// show together stands above what each shows by itself.
func (p *phrases) section(f *result.Finding) string {
	switch {
	case !p.merged() || len(f.Machines) == 0:
		return ""
	case len(f.Machines) == 1:
		return p.say("terminal.by-itself", i18n.Data{"Machine": p.machine(f.Machines[0])})
	}
	return p.word("terminal.together")
}

// bySection orders findings by what tells of them.
func (p *phrases) bySection(fs []*result.Finding) {
	if !p.merged() {
		return
	}
	at := map[string]int{}
	for i := range p.r.Machines {
		at[p.r.Machines[i].ID] = i + 1
	}
	place := func(f *result.Finding) int {
		if len(f.Machines) != 1 {
			return 0
		}
		return at[f.Machines[0]]
	}
	slices.SortStableFunc(fs, func(a, b *result.Finding) int { return cmp.Compare(place(a), place(b)) })
}

// started is when the run was made that a finding is of.
func (p *phrases) started(f *result.Finding) string {
	when := p.r.Started
	if len(f.Machines) > 0 {
		if m := machineOf(p.r, f.Machines[0]); m.Run != nil {
			when = m.Run.Started
		}
	}
	return p.minute(when)
}
