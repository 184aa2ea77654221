package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"netcheck/report/result"
)

// DiffMarkdown writes a comparison for a ticket, or the summary of a CI job.
func DiffMarkdown(w io.Writer, c *result.Comparison, o Options) error {
	o.Unicode = true
	d := newDifference(c, o)
	var b bytes.Buffer
	fmt.Fprintf(&b, "## %s\n\n**%s**\n\n", asMarkdown(d.heading()), asMarkdown(d.outcome()))
	for _, after := range []bool{false, true} {
		label, verdict, facts := d.side(after)
		fmt.Fprintf(&b, "- %s: **%s**, %s\n", asMarkdown(label), asMarkdown(verdict), asMarkdown(facts))
	}
	for _, remark := range d.remarks() {
		fmt.Fprintf(&b, "\n> %s\n", asMarkdown(remark))
	}
	for _, part := range d.parts() {
		fmt.Fprintf(&b, "\n### %s\n\n", asMarkdown(part.heading))
		for _, it := range part.items {
			sign := ""
			if it.verdict != "" {
				sign = asMarkdown(mark(it.verdict, true)) + " "
			}
			fmt.Fprintf(&b, "- %s%s\n", sign, asMarkdown(it.title))
			for _, l := range it.lines {
				fmt.Fprintf(&b, "  - %s\n", asMarkdown(l))
			}
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// asMarkdown is a line of text as Markdown that shows it as it is: what a server
// said becomes neither a link, a picture, a mention nor HTML.
func asMarkdown(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case strings.ContainsRune("\\`*_{}[]<>()#+!|~&@$", r), i == 0 && r == '-':
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return strings.NewReplacer("www.", `www\.`, "://", `\://`).Replace(b.String())
}
