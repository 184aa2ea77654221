package firewall

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"netcheck/report"
)

// letterText writes a letter as a mail has it.
func letterText(out io.Writer, l *Letter, o report.Options) error {
	w := newWords(&l.Report.Profile, o)
	t := texts{wide: max(40, min(cmp.Or(o.Width, 76), 76))}
	for i, b := range w.letters(l) {
		switch b.kind {
		case subject:
			if i > 0 {
				t.line("")
				t.line(strings.Repeat("-", t.wide))
				t.line("")
			}
			t.para("", "", b.text)
		case request:
			t.line("")
			t.para("", "   ", b.text)
		case addressee:
			t.para("", "  ", b.label+w.word("firewall.colon")+" "+b.text)
		case item:
			lead := "   "
			label := lead + b.label + w.word("firewall.colon")
			if b.text != "" {
				t.para(label+" ", lead+"  ", b.text)
			} else {
				t.line(label)
			}
			for _, s := range b.items {
				t.para(lead+"- ", lead+"  ", s)
			}
		default:
			t.line("")
			t.para("", "", b.text)
		}
	}
	_, err := out.Write(t.Bytes())
	return err
}

// letterMarkdown writes it for a ticket.
func letterMarkdown(out io.Writer, l *Letter, o report.Options) error {
	o.Unicode = true
	w := newWords(&l.Report.Profile, o)
	var b bytes.Buffer
	for i, part := range w.letters(l) {
		switch part.kind {
		case subject:
			if i > 0 {
				b.WriteString("\n---\n\n")
			}
			fmt.Fprintf(&b, "# %s\n\n", inert(part.text))
		case request:
			fmt.Fprintf(&b, "\n**%s**\n\n", inert(part.text))
		case addressee:
			fmt.Fprintf(&b, "%s\n", inert(part.label+w.word("firewall.colon")+" "+part.text))
		case item:
			fmt.Fprintf(&b, "- %s", inert(part.label)+w.word("firewall.colon"))
			if part.text != "" {
				fmt.Fprintf(&b, " %s", inert(part.text))
			}
			b.WriteByte('\n')
			for _, s := range part.items {
				fmt.Fprintf(&b, "  - %s\n", inert(s))
			}
		default:
			fmt.Fprintf(&b, "\n%s\n", inert(part.text))
		}
	}
	_, err := out.Write(b.Bytes())
	return err
}

// letterBlock is a block for the page.
type letterBlock struct {
	Subject, Request bool
	Label, Text      string
	Items            []string
	Paragraph, To    bool
	Open, Close      bool // of a list of items
}

// letterPage writes it as a page to print.
func letterPage(out io.Writer, l *Letter, o report.Options) error {
	o.Unicode = true
	w := newWords(&l.Report.Profile, o)
	blocks := w.letters(l)
	p := struct {
		Lang, Title, Colon string
		Blocks             []letterBlock
	}{Lang: w.lang, Title: blocks[0].text, Colon: w.word("firewall.colon")}
	for i, b := range blocks {
		p.Blocks = append(p.Blocks, letterBlock{
			Subject: b.kind == subject, Request: b.kind == request, Paragraph: b.kind == paragraph, To: b.kind == addressee, Label: b.label, Text: b.text, Items: b.items,
			Open:  b.kind == item && blocks[i-1].kind != item,
			Close: b.kind == item && (i+1 == len(blocks) || blocks[i+1].kind != item),
		})
	}
	return pageTemplate.ExecuteTemplate(out, "letter", p)
}

// width is how many columns a text takes.
func width(s string) int { return ansi.StringWidth(s) }
