package firewall

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"netcheck/report"
)

// columns are the fields that have a column of their own, in order.
var columns = []string{"direction", "from", "to", "service", "app", "level", "why", "who", "notes"}

// cells are a rule's fields by column.
func cells(fields []field) []string {
	row := make([]string, len(columns))
	for _, f := range fields {
		for i, c := range columns {
			if f.key == c || c == "service" && f.key == "closed" {
				row[i] = f.text
			}
		}
	}
	return row
}

// markdown writes a sheet as tables that any flavour of it shows.
func markdown(out io.Writer, s *Sheet, o report.Options) error {
	o.Unicode = true
	w := newWords(&s.Profile, o)
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n", inert(w.title(s)))
	for _, l := range w.head(s) {
		fmt.Fprintf(&b, "\n%s\n", inert(l))
	}
	if len(s.Rules) == 0 {
		fmt.Fprintf(&b, "\n%s\n", inert(w.word("firewall.nothing")))
	}
	n := 0
	for _, part := range w.sections(s) {
		fmt.Fprintf(&b, "\n## %s\n\n| |", inert(part.title))
		for _, c := range columns {
			fmt.Fprintf(&b, " %s |", inert(w.word("firewall.label."+c)))
		}
		fmt.Fprintf(&b, "\n|--:|%s\n", strings.Repeat("---|", len(columns)))
		for _, r := range part.rules {
			n++
			fmt.Fprintf(&b, "| %d |", n)
			for _, c := range cells(w.fields(s, r)) {
				fmt.Fprintf(&b, " %s |", inert(c))
			}
			b.WriteByte('\n')
		}
	}
	_, err := out.Write(b.Bytes())
	return err
}

// inert makes a text a mere text in Markdown: no link but those that say in full
// where they lead, no image, no markup, and nobody is mentioned.
func inert(s string) string {
	var b strings.Builder
	for i, word := range strings.Split(s, " ") {
		if i > 0 {
			b.WriteByte(' ')
		}
		if url := strings.TrimRight(word, ".,;"); linked(url) && plainURL(url) {
			fmt.Fprintf(&b, "<%s>%s", url, word[len(url):])
			continue
		}
		b.WriteString(escape(word))
	}
	// What could begin a list, a rule or a heading.
	out := b.String()
	mark := strings.TrimLeft(out, "0123456789")
	if rest := strings.TrimLeft(mark, "+-=.)"); rest != mark && (rest == "" || rest[0] == ' ') {
		return out[:len(out)-len(mark)] + `\` + mark
	}
	return out
}

func escape(word string) string {
	var b strings.Builder
	for _, r := range word {
		switch {
		case r == '@':
			b.WriteString("(at)")
			continue
		case strings.ContainsRune("\\`*_{}[]<>#|~!&$", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return strings.NewReplacer("://", `\://`, "www.", `www\.`).Replace(b.String())
}

// linked tells whether a text is the address of a page.
func linked(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// plainURL tells whether a web address has nothing in it that could end it.
func plainURL(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune("\"'<>\\^`{|}@", r)
	})
}
