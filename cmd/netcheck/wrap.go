package main

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// wrap breaks a text at spaces alone, so that names of hosts stay whole. first
// and rest are put before the first line and before all others.
func wrap(text, first, rest string, width int) string {
	var b strings.Builder
	b.WriteString(first)
	column, indent := ansi.StringWidth(first), ansi.StringWidth(rest)
	begun := false
	for word := range strings.FieldsSeq(text) {
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
