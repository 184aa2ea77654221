package report

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// Terminal writes the report for people: the verdict, what is wrong and what
// to do, then what was tested. It is the same on a screen, in a pipe and in a
// file, but for width, colour and signs.
func Terminal(w io.Writer, r *result.Report, o Options) error {
	p := newPrinter(r, o)
	p.headline()
	p.findings()
	p.unexplained()
	p.tested()
	p.elsewhere()
	p.handover()
	p.notTested()
	if o.Verbose {
		p.followups()
		p.circumstances()
	}
	p.footer()
	_, err := w.Write(p.out.Bytes())
	return err
}

// Past these many lines a section is folded; -v unfolds it.
const (
	maxFindings = 20
	maxFailed   = 30 // of a feature
	maxPassed   = 20 // of a feature
	maxWidth    = 110
)

// headline is the verdict, and what it means for the shop.
func (p *printer) headline() {
	r := p.r
	title := p.product()
	if r.Profile.Role != "" {
		title += " " + p.say("terminal.role", i18n.Data{"Role": p.role(r.Profile.Role)})
	}
	verdict := p.known("run.", string(r.Verdict))
	switch {
	case p.st.plain:
		p.para("", "", verdict+p.colon()+title, lipgloss.Style{})
		p.line(strings.Repeat("=", min(p.wide, width(verdict+p.colon()+title))))
	default:
		bar := p.st.bars[r.Verdict]
		for i, l := range wrap(title, p.wide-width(verdict)-5) {
			if i == 0 {
				l = verdict + "   " + l
			} else {
				l = strings.Repeat(" ", width(verdict)+3) + l
			}
			l = " " + l
			p.line(bar.Render(l + strings.Repeat(" ", max(1, p.wide-width(l)))))
		}
	}
	p.para("", "", p.sentence(), p.st.strong)
	p.machines()
	p.para("", "", p.shortfall(), p.st.verdicts[result.Warn])
	p.featureLines()
}

// featureVerdicts lists what can be said of a feature, gravest first.
func featureVerdicts() []result.Verdict {
	return []result.Verdict{result.Fail, result.Inconclusive, result.Warn, result.Elsewhere, result.Pass}
}

// featureLines says what of the product works and what does not.
func (p *printer) featureLines() {
	byVerdict := map[result.Verdict][]string{}
	for _, f := range features(p.r) {
		if f.id != "" {
			byVerdict[f.verdict] = append(byVerdict[f.verdict], p.feature(f))
		}
	}
	widest := 0
	for v := range byVerdict {
		widest = max(widest, width(p.known("feature.", string(v))))
	}
	for _, v := range featureVerdicts() {
		names := byVerdict[v]
		if len(names) == 0 {
			continue
		}
		if p.wide < 50 {
			for _, n := range names {
				p.para("", "", mark(v, p.o.Unicode)+" "+n+p.colon()+p.known("feature.", string(v)), p.st.verdicts[v])
			}
			continue
		}
		sign := p.st.verdict(v, mark(v, p.o.Unicode)+" "+p.known("feature.", string(v)))
		indent := strings.Repeat(" ", widest+4)
		for i, l := range wrap(strings.Join(names, ", "), p.wide-len(indent)) {
			if i == 0 {
				p.line(sign, strings.Repeat(" ", max(2, len(indent)-width(sign))), l)
			} else {
				p.line(indent, l)
			}
		}
	}
}

// footer says when and how long, and what to type next.
func (p *printer) footer() {
	r := p.r
	p.line()
	facts := []string{
		p.say("terminal.count", i18n.Data{"Count": len(r.Checks)}),
		p.duration(r.Duration),
		p.minute(r.Started),
	}
	if r.Tool.Name != "" {
		facts = append(facts, p.text(strings.TrimSpace(r.Tool.Name+" "+r.Tool.Version)))
	}
	p.para("", "", strings.Join(facts, ", "), p.st.faint)
	var seen []result.Code
	for i := range r.Findings {
		if code := r.Findings[i].Code; len(seen) < 3 && !contains(seen, code) {
			if len(seen) == 0 {
				p.line(p.word("terminal.explain"))
			}
			seen = append(seen, code)
			p.para("  ", "", "netcheck explain "+p.text(string(code)), p.st.command)
		}
	}
}
