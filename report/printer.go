package report

import (
	"bytes"
	"cmp"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"netcheck/report/result"
)

// printer lays a report out in lines of text.
type printer struct {
	*phrases
	out  bytes.Buffer
	st   *styles
	wide int
}

func newPrinter(r *result.Report, o Options) *printer {
	return &printer{phrases: newPhrases(r, o), st: newStyles(o.Color), wide: max(24, min(cmp.Or(o.Width, 80), maxWidth))}
}

func (p *printer) line(parts ...string) {
	for _, s := range parts {
		p.out.WriteString(s)
	}
	p.out.WriteByte('\n')
}

func (p *printer) heading(key string) {
	p.line()
	p.line(p.st.render(p.st.heading, p.word(key)))
}

// para writes a text behind a label, wrapped under itself. Where the window is
// narrow the text goes below the label.
func (p *printer) para(indent, label, text string, style lipgloss.Style) {
	if text == "" {
		return
	}
	pad := strings.Repeat(" ", width(indent)+labelWidth)
	if label == "" {
		pad = indent
	}
	shown := label
	if label != continued {
		shown = p.st.render(p.st.faint, label)
	}
	first := indent + shown + strings.Repeat(" ", max(0, labelWidth-width(label)))
	if label == "" {
		first = indent
	}
	if p.wide < 50 && label != "" {
		if label != continued {
			p.line(indent, p.st.render(p.st.faint, label))
		}
		pad = indent + "  "
		first = pad
	}
	for i, l := range wrap(text, p.wide-width(pad)) {
		start := pad
		if i == 0 {
			start = first
		}
		p.line(start, p.st.render(style, l))
	}
}

const (
	labelWidth = 8
	continued  = " " // the label of a further paragraph
)
