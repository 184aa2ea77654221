package profiles

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

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
	const before, after = 48, 24 // characters around the caret
	line = covered(strings.TrimSuffix(line, "\r"))
	at := first(line, column-1)
	left, right := line[:at], line[at:]
	if head := len(left) - last(left, before); head > 0 && first(line, before+after) < len(line) {
		left = "…" + left[head:]
	}
	if tail := first(right, max(after, before+after-utf8.RuneCountInString(left))); tail < len(right) {
		right = right[:tail] + "…"
	}
	left = harmless(left)
	margin := fmt.Sprintf("%5d | ", number)
	fmt.Fprintf(b, "%s%s%s\n", margin, left, harmless(right))
	fmt.Fprintf(b, "%*s%s^\n", len(margin), "| ", strings.Repeat(" ", ansi.StringWidth(left)))
}

// What a file shows of a credential that somebody wrote into it: the text after
// a telling field's name, and the user part of a URL.
var (
	telling  = regexp.MustCompile(`(?i)(?:passw|passphrase|pwd|secret|token|credential|authorization|cookie)[a-z_-]*["']?\s*:\s*["']?`)
	userinfo = regexp.MustCompile(`//[^/\s"']*@`)
)

// covered puts an asterisk for each character of what may be a credential: an
// error goes to logs. A ${…} and a block in its place are none.
func covered(line string) string {
	line = userinfo.ReplaceAllStringFunc(line, func(s string) string {
		return "//" + strings.Repeat("*", utf8.RuneCountInString(s)-3) + "@"
	})
	for _, at := range telling.FindAllStringIndex(line, -1) {
		rest := line[at[1]:]
		if rest != "" && !strings.HasPrefix(rest, "${") && rest[0] != '{' && rest[0] != '[' {
			return line[:at[1]] + strings.Repeat("*", utf8.RuneCountInString(rest))
		}
	}
	return line
}

// first is the length in bytes of the first n characters.
func first(s string, n int) int {
	for i := range s {
		if n--; n < 0 {
			return i
		}
	}
	return len(s)
}

// last is the length in bytes of the last n characters.
func last(s string, n int) int {
	rest := len(s)
	for ; n > 0 && rest > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:rest])
		rest -= size
	}
	return len(s) - rest
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
