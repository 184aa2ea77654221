package report

import (
	"cmp"
	"slices"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// findings are the causes, as on the terminal.
func (m *markdown) findings() {
	list := func(heading string, fs []*result.Finding) {
		if len(fs) == 0 {
			return
		}
		m.heading(heading)
		section := ""
		for i, f := range fs {
			if i == maxFindings && !m.o.Verbose {
				m.para(m.say("terminal.and-more", i18n.Data{"Count": len(fs) - i}))
				return
			}
			if s := m.section(f); s != section {
				section = s
				m.line()
				m.line("**", mdText(s), "**")
			}
			m.finding(f)
		}
	}
	if m.r.Verdict == result.Pass || m.r.Verdict == result.Warn {
		list("terminal.notes", slices.Concat(m.wrong, m.notes))
		return
	}
	list("terminal.findings", m.wrong)
	list("terminal.notes", m.notes)
}

func (m *markdown) finding(f *result.Finding) {
	m.line()
	m.line("### ", num(m.numbers[f.ID]), ". ", mdText(m.text(f.Summary)))
	m.line()
	consequence := "terminal.consequence"
	if !m.stops(f) {
		consequence = "terminal.risk"
	}
	for _, t := range m.consequences(f) {
		m.item(m.word(consequence), t)
	}
	for _, t := range m.milder(f) {
		m.item(m.word("terminal.say"), t)
	}
	if f.At != nil && f.At.Owner != result.ThisMachine {
		m.item(m.word("terminal.where"), m.place(f))
	}
	for t := range strings.SplitSeq(f.Remedy, "\n") {
		m.item(m.word("terminal.remedy"), m.text(t))
	}
	if f.Act != "" {
		m.item(m.word("terminal.act"), m.who(f))
	}
	m.item(m.word("terminal.cause"), m.cause(f))
	m.item(m.word("terminal.checks"), m.hit(f))
	wrong := contains(m.wrong, f)
	if f.Request != nil && !wrong {
		m.item(m.word("terminal.request"), m.requestLine(f.Request))
	}
	if f.Command != "" {
		m.block(m.text(f.Command))
	}
	if w := pathOf(m.r, f); w != nil {
		if len(f.Machines) > 1 {
			w.from = m.machine(f.Machines[0])
		}
		m.block(m.drawn(w, m.wide)...)
	}
	if f.Request != nil && wrong {
		m.request(f)
	}
	if len(f.Evidence) > 0 {
		m.fold(m.word("md.evidence"), func() {
			for _, e := range f.Evidence {
				m.line("- ", mdLine(cmp.Or(m.text(e), "?")))
			}
		})
	}
}

// request is the firewall rule to ask for, in a block to be copied.
func (m *markdown) request(f *result.Finding) {
	m.item(m.word("terminal.request"), m.handedOver(f.Request))
	fields := m.requestFields(f)
	widest := 0
	for _, l := range fields {
		widest = max(widest, width(m.word("request."+l[0])))
	}
	var block []string
	for _, l := range fields {
		lead := m.word("request." + l[0])
		lead += strings.Repeat(" ", widest-width(lead)+2)
		if l[0] == "see" {
			for _, url := range m.see(f) { // each in one piece
				block = append(block, lead+url)
				lead = strings.Repeat(" ", widest+2)
			}
			continue
		}
		for _, text := range wrap(l[1], m.wide-widest-2) {
			block = append(block, lead+text)
			lead = strings.Repeat(" ", widest+2)
		}
	}
	m.block(block...)
}

// unexplained are the checks that failed without a finding.
func (m *markdown) unexplained() {
	for i, c := range m.unexplainedChecks() {
		if i == 0 {
			m.heading("terminal.unexplained")
			m.line()
		}
		if i == maxFindings && !m.o.Verbose {
			m.para(m.say("terminal.and-more", i18n.Data{"Count": len(m.unexplainedChecks()) - i}))
			return
		}
		m.line("- ", mdLine(m.unexplainedLine(c)))
	}
}
