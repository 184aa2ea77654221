package profiles

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"netcheck/profiles/value"
)

// FileError is every mistake of one file.
type FileError struct {
	File     string
	Source   []byte
	Problems value.Problems
}

// shown is how many mistakes one error spells out.
const shown = 100

// Error is each mistake as file:line:column: message, with a hint where there
// is one, the line in question and a caret below it.
func (e *FileError) Error() string {
	lines := bytes.Split(bytes.TrimPrefix(e.Source, []byte("\ufeff")), []byte("\n"))
	var b strings.Builder
	for i, p := range e.Problems {
		if i == shown {
			fmt.Fprintf(&b, "and %d more\n", len(e.Problems)-shown)
			break
		}
		fmt.Fprintf(&b, "%s:%d:%d: %s\n", harmless(e.File), p.Line, p.Column, harmless(p.Message))
		if p.Hint != "" {
			fmt.Fprintf(&b, "  %s\n", harmless(p.Hint))
		}
		if p.Line >= 1 && p.Line <= len(lines) {
			writeExcerpt(&b, p.Line, string(lines[p.Line-1]), p.Column)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// writeExcerpt writes a line with a caret below the column, which counts
// characters from 1. Of a long line the part around the caret is shown.
func writeExcerpt(b *strings.Builder, number int, line string, column int) {
	const before, after = 48, 24
	runes := []rune(strings.ToValidUTF8(strings.TrimSuffix(line, "\r"), "\ufffd"))
	at := max(0, min(column-1, len(runes)))
	first, last := 0, len(runes)
	var head, tail string
	if len(runes) > before+after {
		if at > before {
			first, head = at-before, "…"
		}
		if last > at+after {
			last, tail = max(at+after, min(before+after, len(runes))), "…"
		}
	}
	left := head + harmless(string(runes[first:at]))
	margin := fmt.Sprintf("%5d | ", number)
	fmt.Fprintf(b, "%s%s%s%s\n", margin, left, harmless(string(runes[at:last])), tail)
	fmt.Fprintf(b, "%*s%s^\n", len(margin), "| ", strings.Repeat(" ", ansi.StringWidth(left)))
}

// harmless makes text from a file safe to print: a tab is a space, and what a
// terminal would obey or reorder is shown as a replacement character.
func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			return '\ufffd'
		}
		return r
	}, s)
}
