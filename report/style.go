package report

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"netcheck/report/result"
)

// styles are the few ways in which the terminal report sets text off. Nothing
// is told by colour alone: each mark and word says the same without.
type styles struct {
	plain    bool
	heading  lipgloss.Style
	strong   lipgloss.Style
	faint    lipgloss.Style
	command  lipgloss.Style
	verdicts map[result.Verdict]lipgloss.Style
	bars     map[result.Verdict]lipgloss.Style
}

func newStyles(c Color) *styles {
	if c == ColorNone {
		return &styles{plain: true}
	}
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(map[Color]termenv.Profile{Color16: termenv.ANSI, Color256: termenv.ANSI256, ColorTrue: termenv.TrueColor}[c])
	color := func(n string) lipgloss.Style { return r.NewStyle().Foreground(lipgloss.Color(n)) }
	bar := func(n string) lipgloss.Style {
		return r.NewStyle().Bold(true).Foreground(lipgloss.Color("15")).Background(lipgloss.Color(n))
	}
	const red, green, yellow, blue, cyan = "1", "2", "3", "4", "6"
	return &styles{
		heading: r.NewStyle().Bold(true),
		strong:  r.NewStyle().Bold(true),
		faint:   r.NewStyle().Faint(true),
		command: color(cyan),
		verdicts: map[result.Verdict]lipgloss.Style{
			result.Pass: color(green), result.Attested: color(green), result.Fail: color(red).Bold(true), result.Error: color(red).Bold(true),
			result.Warn: color(yellow), result.Inconclusive: color(yellow).Bold(true), result.Skip: r.NewStyle().Faint(true),
			result.Elsewhere: color(blue), result.NotApplicable: r.NewStyle().Faint(true),
		},
		bars: map[result.Verdict]lipgloss.Style{
			result.Pass: bar(green), result.Fail: bar(red), result.Warn: bar(yellow), result.Inconclusive: bar(blue),
		},
	}
}

func (s *styles) render(st lipgloss.Style, text string) string {
	if s.plain || text == "" {
		return text
	}
	return st.Render(text)
}

func (s *styles) verdict(v result.Verdict, text string) string { return s.render(s.verdicts[v], text) }

// mark is one column that stands for a verdict.
func mark(v result.Verdict, unicode bool) string {
	marks := map[result.Verdict][2]string{
		result.Pass: {"+", "✓"}, result.Attested: {"+", "✓"}, result.Fail: {"x", "✗"}, result.Error: {"E", "E"},
		result.Warn: {"!", "!"}, result.Inconclusive: {"?", "?"}, result.Skip: {"-", "–"}, result.Elsewhere: {">", "→"},
		result.NotApplicable: {"-", "–"},
	}
	m, ok := marks[v]
	switch {
	case !ok:
		return "?"
	case unicode:
		return m[1]
	}
	return m[0]
}

// width is how many columns a text takes.
func width(s string) int { return ansi.StringWidth(s) }

// wrap breaks a line of text at spaces into lines of at most limit columns; a
// longer word is cut. Hyphens are no place to break: names and ranges of ports
// are to be copied; nor are spaces that say so, as French has before a colon.
func wrap(s string, limit int) []string {
	limit = max(limit, 8)
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsFuncSeq(s, breakable) {
		w := width(word)
		if used > 0 && used+1+w > limit {
			lines = append(lines, line)
			line, used = "", 0
		}
		for w > limit {
			head := ansi.Truncate(word, limit, "")
			if head == "" { // a rune wider than the line
				break
			}
			lines = append(lines, head)
			word = word[len(head):]
			w = width(word)
		}
		if used > 0 {
			line += " "
			used++
		}
		line += word
		used += w
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

func breakable(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' }

// note is the style of what is said beside a check.
func (s *styles) note(v result.Verdict) lipgloss.Style {
	if v == result.Pass || v == result.Attested {
		return s.faint
	}
	return s.verdicts[v]
}
