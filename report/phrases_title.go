package report

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"netcheck/report/result"
)

// title is a check in the reader's words. One of a for_each has the id of its
// item, which the profile may have put into the title itself.
func (p *phrases) title(c *result.Check) string {
	t := cmp.Or(p.in(c.Spec.Title), p.text(c.Title), p.text(c.ID))
	if item := p.item(c); item != "" && wordAt(t, item) < 0 {
		t += " (" + item + ")"
	}
	return t
}

// baseTitle is the title of a whole group, with a gap where the profile put the
// item's id.
func (p *phrases) baseTitle(c *result.Check) string {
	t := cmp.Or(p.in(c.Spec.Title), p.text(c.Title), p.text(c.Group))
	if item := p.item(c); item != "" {
		if i := wordAt(t, item); i >= 0 {
			t = t[:i] + p.text("…") + t[i+len(item):]
		}
	}
	return t
}

// item is the id of a for_each's item.
func (p *phrases) item(c *result.Check) string {
	_, item, ok := strings.Cut(c.ID, "[")
	if !ok || c.ID == c.Group {
		return ""
	}
	return p.text(strings.TrimSuffix(item, "]"))
}

// wordAt is where a text has a word in it, and not only as a part of a longer
// one: till1 is not in "till10". It is -1 where there is none.
func wordAt(text, word string) int {
	part := func(r rune) bool { return r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	for from := 0; word != ""; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return -1
		}
		start := from + i
		end := start + len(word)
		before, _ := utf8.DecodeLastRuneInString(text[:start])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if !part(before) && !part(after) {
			return start
		}
		from = end
	}
	return -1
}
