package main

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// wrap breaks a text at spaces alone, so that names of hosts stay whole, and not
// at those that say so, as French has before a colon. first and rest are put
// before the first line and before all others.
func wrap(text, first, rest string, width int) string {
	var b strings.Builder
	b.WriteString(first)
	column, indent := ansi.StringWidth(first), ansi.StringWidth(rest)
	begun := false
	for word := range strings.FieldsFuncSeq(text, breakable) {
		w := ansi.StringWidth(word)
		switch {
		case begun && column+1+w > width:
			b.WriteString("\n" + rest)
			column = indent
		case begun:
			b.WriteString(" ")
			column++
		}
		b.WriteString(word)
		column += w
		begun = true
	}
	return b.String()
}

func breakable(r rune) bool { return unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f' }
