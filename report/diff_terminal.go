package report

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// maxChanges is how many changes of a kind are listed; -v lists all.
const maxChanges = 30

// DiffTerminal writes a comparison for people, on a screen or in a file.
func DiffTerminal(w io.Writer, c *result.Comparison, o Options) error {
	d := newDifference(c, o)
	p := newPrinter(c.After.Report, o)
	p.phrases = d.phrases
	none := lipgloss.Style{}
	heading := d.heading()
	p.para("", "", heading, p.st.heading)
	if p.st.plain {
		p.line(strings.Repeat("=", min(p.wide, width(heading))))
	}
	p.para("", "", d.outcome(), p.st.strong)
	p.line()
	labels := 0
	for _, after := range []bool{false, true} {
		label, _, _ := d.side(after)
		labels = max(labels, width(label))
	}
	for _, after := range []bool{false, true} {
		label, verdict, facts := d.side(after)
		p.para("  ", "", label+strings.TrimRight(p.colon(), " ")+strings.Repeat(" ", labels-width(label)+1)+verdict+", "+facts, none)
	}
	for _, remark := range d.remarks() {
		p.line()
		p.para("  ", "", remark, p.st.verdicts[result.Warn])
	}
	for _, part := range d.parts() {
		p.line()
		p.para("", "", part.heading, p.st.heading)
		for i, it := range part.items {
			if hidden := len(part.items) - i; i == maxChanges && hidden > 1 && !o.Verbose {
				p.line("  ", p.say("terminal.and-more", i18n.Data{"Count": hidden}))
				break
			}
			p.change(it)
		}
	}
	_, err := w.Write(p.out.Bytes())
	return err
}

// change writes an item: its mark, and what is said of it below its title.
func (p *printer) change(it item) {
	if it.verdict == "" {
		p.para("  ", "", it.title, lipgloss.Style{})
	} else {
		sign := mark(it.verdict, p.o.Unicode)
		for i, l := range wrap(it.title, p.wide-4) {
			if i > 0 {
				sign = " "
			}
			p.line("  ", p.st.verdict(it.verdict, sign), " ", l)
		}
	}
	for _, l := range it.lines {
		p.para("      ", "", l, p.st.faint)
	}
}
