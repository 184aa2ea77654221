package report

import (
	"strings"
)

// machines says which runs a merged report was made of, and when they were.
func (p *printer) machines() {
	if !p.merged() {
		return
	}
	for i := range p.r.Machines {
		m := &p.r.Machines[i]
		facts := filled(p.text(m.Name))
		if m.Run != nil {
			facts = append(facts, p.minute(m.Run.Started))
			if !m.Run.Complete && !m.Run.FollowupsCut {
				facts = append(facts, p.word("terminal.cut-short"))
			}
		}
		p.para("  ", "", strings.TrimSuffix(p.machine(m.ID)+p.colon()+strings.Join(facts, ", "), p.colon()), p.st.faint)
	}
}
