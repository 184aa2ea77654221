package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"netcheck/report/result"
)

// nagiosLimit is how long the line may be: agents cut at 1 KB, and what they
// would cut are the numbers.
const nagiosLimit = 1024

// Nagios writes the one line that a monitoring plug-in says: the state, why, and
// behind a bar the numbers to draw. The state follows from what the exit status
// follows from; the exit status itself stays netcheck's own.
func Nagios(w io.Writer, r *result.Report, o Options) error {
	p := newPhrases(r, o)
	s := r.Summary
	numbers := fmt.Sprintf("|time=%ss;;;0 passed=%d;;;0 warned=%d;;;0 failed=%d;;;0 inconclusive=%d;;;0 error=%d;;;0 not_run=%d;;;0\n",
		seconds(r.Duration), s[result.Pass]+s[result.Attested], s[result.Warn], s[result.Fail], s[result.Inconclusive], s[result.Error],
		s[result.Skip]+s[result.Elsewhere]+s[result.NotApplicable])
	text := "NETCHECK " + state(r, o.Strict) + " - " + p.product() + p.colon() + p.sentence()
	if why := p.shortfall(); why != "" {
		text += " " + why
	}
	if first := append(p.wrong[:len(p.wrong):len(p.wrong)], p.notes...); len(first) > 0 {
		f := first[0]
		text += " " + p.text(f.Summary)
		if more := len(first) - 1; more > 0 {
			text += fmt.Sprintf(" (+%d)", more)
		}
		text += " [" + p.text(string(f.Code)) + "]"
	}
	_, err := io.WriteString(w, cutTo(strings.ReplaceAll(text, "|", "/"), nagiosLimit-len(numbers))+numbers)
	return err
}

// state is the word that monitoring has for a run.
func state(r *result.Report, strict bool) string {
	switch {
	case fails(r, strict):
		return "CRITICAL"
	case r.Verdict == result.Pass:
		return "OK"
	case r.Verdict == result.Warn:
		return "WARNING"
	}
	return "UNKNOWN"
}

// cutTo shortens a text to so many bytes, at the end of a character.
func cutTo(s string, limit int) string {
	const dots = "..."
	if len(s) <= limit {
		return s
	}
	s = s[:limit-len(dots)]
	for len(s) > 0 {
		if r, n := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || n != 1 {
			break
		}
		s = s[:len(s)-1]
	}
	return s + dots
}
