package report

import (
	"cmp"
	"html"
	"io"
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// Markdown writes the report for tickets and for the summaries of CI jobs, as
// GitHub and GitLab show it: what failed as a table, each cause with its remedy
// and, to be copied, the rule to ask for; what passed is folded.
func Markdown(w io.Writer, r *result.Report, o Options) error {
	o.Unicode, o.Color, o.Width = true, ColorNone, 80
	m := &markdown{newPrinter(r, o)}
	m.headline()
	passed := m.failed()
	m.findings()
	m.unexplained()
	m.elsewhere()
	m.handover()
	m.passed(passed)
	m.footer()
	_, err := w.Write(m.out.Bytes())
	return err
}

type markdown struct{ *printer }

func (m *markdown) headline() {
	r := m.r
	title := m.product()
	if r.Profile.Role != "" {
		title += " " + m.say("terminal.role", i18n.Data{"Role": m.role(r.Profile.Role)})
	}
	m.line("# ", mark(r.Verdict, true), " ", mdText(m.known("run.", string(r.Verdict))+m.colon()+title))
	m.line()
	m.line("**", mdText(m.sentence()), "**")
	if r.Verdict != result.Fail && fails(r, m.o.Strict) {
		m.para(m.word("ci.strict"))
	}
	m.para(m.shortfall())
	m.line()
	byVerdict := map[result.Verdict][]string{}
	for _, f := range features(r) {
		if f.id != "" {
			byVerdict[f.verdict] = append(byVerdict[f.verdict], m.feature(f))
		}
	}
	for _, v := range featureVerdicts() {
		if names := byVerdict[v]; len(names) > 0 {
			m.line("- ", mark(v, true), " **", mdText(m.known("feature.", string(v))), "** ", mdText(strings.Join(names, ", ")))
		}
	}
	if m.merged() {
		for i := range r.Machines {
			machine := &r.Machines[i]
			facts := filled(m.text(machine.Name))
			if machine.Run != nil {
				facts = append(facts, m.minute(machine.Run.Started))
			}
			m.item(m.machine(machine.ID), strings.Join(facts, ", "))
		}
	}
}

// failed is a table of the checks that did not pass. It returns the others, by
// feature.
func (m *markdown) failed() [][]row {
	var bad []row
	var passed [][]row
	shown, listed := map[*result.Check]bool{}, map[*result.Check]bool{}
	for _, f := range features(m.r) {
		var good []row
		for _, r := range m.rows(f, shown) {
			switch {
			case r.verdict == result.Pass || r.verdict == result.Attested:
				good = append(good, r)
			case r.check == nil || !listed[r.check]:
				listed[r.check] = true
				bad = append(bad, r)
			}
		}
		if len(good) > 0 {
			passed = append(passed, append([]row{{title: m.feature(f)}}, good...))
		}
	}
	if len(bad) > 0 {
		m.line()
		m.table(bad)
	}
	return passed
}

// table has a row for each check.
func (m *markdown) table(rows []row) {
	m.line("| | ", mdText(m.word("md.check")), " | ", mdText(m.word("md.target")), " | ", mdText(m.word("md.result")), " |")
	m.line("|---|---|---|---|")
	for _, r := range rows {
		m.line("| ", mark(r.verdict, true), " | ", mdText(r.title), " | ", mdCode(r.target), " | ", mdText(cmp.Or(r.note, m.known("verdict.", string(r.verdict)))), " |")
	}
}

// passed are folded: who opens a ticket looks for what did not.
func (m *markdown) passed(features [][]row) {
	n := m.r.Summary[result.Pass] + m.r.Summary[result.Attested]
	if len(features) > 0 {
		m.fold(m.say("md.passed", i18n.Data{"Count": n}), func() {
			for i, rows := range features {
				if i > 0 {
					m.line()
				}
				if len(features) > 1 {
					m.line("**", mdText(rows[0].title), "**")
					m.line()
				}
				m.table(rows[1:])
			}
		})
	}
	m.para(m.leftOut())
}

// fold is what is shown to those who open it.
func (m *markdown) fold(summary string, content func()) {
	m.line()
	m.line("<details><summary>", html.EscapeString(summary), "</summary>") // here it is HTML, not Markdown
	m.line()
	content()
	m.line()
	m.line("</details>")
}

func (m *markdown) heading(key string) {
	m.line()
	m.line("## ", mdText(m.word(key)))
}

func (m *markdown) para(text string) {
	if text != "" {
		m.line()
		m.line("_", mdText(text), "_")
	}
}

// item is a line of a list: what it is about, and what there is to say.
func (m *markdown) item(label, text string) {
	if text != "" {
		m.line("- **", mdText(label), "** ", mdText(text))
	}
}

// block is to be copied as it stands.
func (m *markdown) block(lines ...string) {
	m.line()
	m.line(mdFence(lines))
}

func (m *markdown) elsewhere() {
	for i, run := range m.runsThere() {
		if i == 0 {
			m.heading("terminal.elsewhere")
		}
		m.line()
		m.item(run.role, strings.Join(run.checks, ", "))
		m.block(m.text(run.command))
	}
}

func (m *markdown) handover() {
	for i, h := range m.r.Handover {
		if i == 0 {
			m.heading("terminal.handover")
		}
		m.line()
		m.line("**", mdText(m.in(h.Title)), "**")
		var block []string
		for _, l := range m.handoverLines(h) {
			if l == "" {
				block = append(block, "")
			} else {
				block = append(block, wrap(l, m.wide)...)
			}
		}
		m.block(block...)
	}
}

// footer says when and how long, and what to type next.
func (m *markdown) footer() {
	r := m.r
	facts := []string{m.say("terminal.count", i18n.Data{"Count": len(r.Checks)}), m.duration(r.Duration), m.minute(r.Started)}
	if r.Tool.Name != "" {
		facts = append(facts, m.text(strings.TrimSpace(r.Tool.Name+" "+r.Tool.Version)))
	}
	m.para(strings.Join(facts, ", "))
	var seen []result.Code
	var commands []string
	for i := range r.Findings {
		if code := r.Findings[i].Code; len(seen) < 3 && !contains(seen, code) {
			seen = append(seen, code)
			commands = append(commands, "netcheck explain "+m.text(string(code)))
		}
	}
	if len(commands) > 0 {
		m.line()
		m.line(mdText(m.word("terminal.explain")))
		m.block(commands...)
	}
}
