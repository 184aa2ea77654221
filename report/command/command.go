// Package command makes the command line by which netcheck is run on another
// machine, from a report alone: of the same profile, with the same values. It
// is for a person to copy, and runs nothing.
package command

import (
	"cmp"
	"strings"
	"unicode"

	"netcheck/report/result"
)

// Run is the command for the machine of a role.
func Run(r *result.Report, role string) string {
	words := append([]string{"netcheck", "run", cmp.Or(r.Profile.Ref, r.Profile.ID), "--role", role}, r.Profile.Args...)
	for i, w := range words {
		words[i] = word(strings.Map(seen, w))
	}
	return strings.Join(words, " ")
}

// seen leaves out what nobody sees: a line that ends would be run before its
// rest was read.
func seen(r rune) rune {
	if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
		return -1
	}
	return r
}

// word quotes a word that a shell would take apart: in double quotes,
// which every shell knows, or, where these would not keep it whole, in single
// ones, which cmd.exe alone does not know. Of a word that neither holds in every
// shell, what could end the quotes is left out: a report may come from anybody.
func word(s string) string {
	const single, double = "'\u2018\u2019\u201a\u201b", "\"\u201c\u201d\u201e$`" // PowerShell takes typographic quotes for quotes
	switch {
	case s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:\\@+=", r))
	}):
		return s
	case !strings.ContainsAny(s, double) && !strings.HasSuffix(s, `\`):
		return `"` + s + `"`
	case !strings.ContainsAny(s, single+"&|<>^"):
		return "'" + s + "'"
	}
	return `"` + strings.TrimRight(strings.Map(func(r rune) rune {
		if strings.ContainsRune(double, r) {
			return -1
		}
		return r
	}, s), `\`) + `"`
}
