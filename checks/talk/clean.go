package talk

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Clean makes text from outside harmless and short enough to show: at most
// limit runes on one line, without escape sequences, control characters,
// invisible or direction-changing characters, and valid as UTF-8. White space
// runs become one space. What was cut off is marked by an ellipsis.
func Clean(s string, limit int) string {
	if limit <= 0 {
		return ""
	}
	if isPlain(s, limit) {
		return s
	}
	// A bound on the work: what is removed may be longer than what stays, but
	// nobody needs the end of a text that hides behind so much of it.
	cut := false
	if most := 16 * (limit + 64); len(s) > most {
		s, cut = s[:most], true
	}
	var b strings.Builder
	n, space := 0, false
	for _, r := range ansi.Strip(s) {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			space = n > 0
			continue
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), isFiller(r):
			continue
		}
		width := 1
		if space {
			width = 2
		}
		if n+width > limit {
			cut = true
			break
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r) // an invalid byte arrives here as U+FFFD
		n += width
	}
	if !cut {
		return b.String()
	}
	return ellipsis(b.String(), limit)
}

// isPlain reports whether a text is harmless as it is, as nearly all are: short
// and of ASCII's visible characters, with single blanks between them.
func isPlain(s string, limit int) bool {
	if len(s) > limit {
		return false
	}
	blank := true // so that none begins it
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ' && !blank:
			blank = true
		case '!' <= c && c <= '~':
			blank = false
		default:
			return false
		}
	}
	return s == "" || !blank
}

// isFiller reports whether r is shown as nothing at all though it is a letter
// or a mark: it could hide or split a word.
func isFiller(r rune) bool {
	switch r {
	case 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0:
		return true
	}
	return unicode.Is(unicode.Variation_Selector, r)
}

// ellipsis ends s by "…" within limit runes.
func ellipsis(s string, limit int) string {
	for utf8.RuneCountInString(s) >= limit && s != "" {
		_, w := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-w]
	}
	return strings.TrimRight(s, " ") + "…"
}
