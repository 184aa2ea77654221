package report

import (
	"bytes"
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// printer writes one report for one reader.
type printer struct {
	out  bytes.Buffer
	r    *result.Report
	o    Options
	st   *styles
	lang string // of our words

	reader string // the language that was asked for
	wide   int
	said   map[string]string // words without placeholders, looked up once
	called map[string]string // of a merged report: its machines, by id

	wrong, notes []*result.Finding // in the order in which they are shown
	numbers      map[string]int    // of findings, by id
}

func newPrinter(r *result.Report, o Options) *printer {
	p := &printer{
		r: r, o: o, st: newStyles(o.Color), said: map[string]string{},
		lang: i18n.Language(cmp.Or(o.Lang, r.Lang)), reader: cmp.Or(o.Lang, r.Lang), wide: max(24, min(cmp.Or(o.Width, 80), maxWidth)),
	}
	p.number()
	return p
}

// word is a text of ours without placeholders.
func (p *printer) word(key string) string {
	s, ok := p.said[key]
	if !ok {
		s = p.text(i18n.T(p.lang, key, nil))
		p.said[key] = s
	}
	return s
}

// say is a text of ours with placeholders.
func (p *printer) say(key string, data i18n.Data) string { return p.text(i18n.T(p.lang, key, data)) }

// known is the word for a value of an open list, else the value.
func (p *printer) known(prefix, value string) string {
	if w := p.word(prefix + value); w != prefix+value {
		return w
	}
	return p.text(value)
}

// text makes a text fit to be shown here.
func (p *printer) text(s string) string {
	s = Clean(s)
	if !p.o.Unicode {
		s = ASCII(s)
	}
	return s
}

// in chooses a profile's text in the reader's language, which may be one that
// netcheck itself does not speak.
func (p *printer) in(t result.Text) string { return p.text(t.In(p.reader)) }

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

// duration is a time as people read it.
func (p *printer) duration(d result.Duration) string {
	switch t := time.Duration(d); {
	case t < 0:
		return "0 ms"
	case t < 10*time.Millisecond:
		return strconv.FormatFloat(float64(t)/float64(time.Millisecond), 'f', 1, 64) + " ms"
	case t < time.Second:
		return strconv.FormatInt(t.Milliseconds(), 10) + " ms"
	case t < time.Minute:
		return strconv.FormatFloat(t.Seconds(), 'f', 1, 64) + " s"
	default:
		return t.Round(time.Second).String()
	}
}
