package report

import (
	"regexp"
	"strings"
)

// A report's texts come from servers, profiles and other people's files. In
// Markdown none of them may become a link, a picture, HTML, a heading, a mention
// that calls somebody, or a command. Two things see to it: what Markdown itself
// acts on is escaped; and what GitHub and GitLab look for in the finished page,
// where no escaping is left, is put between backticks, where they don't look.

// mdText is a text in a line, in a heading or in a cell of a table. It must not
// begin a line.
func mdText(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		if lively.MatchString(w) {
			words[i] = mdCode(w)
		} else {
			words[i] = mdEscaper.Replace(w)
		}
	}
	return strings.Join(words, " ")
}

// mdLine is a text that begins a line, or what follows the sign of a list: there
// a sign or a number begins another list.
func mdLine(s string) string {
	s = mdText(s)
	if at := begins.FindStringSubmatchIndex(s); at != nil {
		i := max(at[2], at[4])
		return s[:i] + `\` + s[i:]
	}
	return s
}

var begins = regexp.MustCompile(`^(?:\d*([.)])(?: |$)|()[-+=])`)

// lively are words that GitHub or GitLab would make something of: addresses of
// pages and mail, mentions, references to issues and the like (#1 !1 ~label
// %milestone $1 &1 [[page]]), and a slash command.
var lively = regexp.MustCompile(`(?i)@|://|www\.|(mailto|xmpp|javascript|data):|#\w|(^|\W)[!~%$&][\w"]|\[\[|\[_?toc|^\W*/\w|\bGH-\d`)

var mdEscaper = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "{", `\{`, "}", `\}`, "|", `\|`, "~", `\~`, "$", `\$`, "#", `\#`, "!", `\!`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;",
)

// mdCode is a text between backticks, more of them than it has in a row itself.
// A bar would end a table's cell even there, and stays outside.
func mdCode(s string) string {
	parts := strings.Split(strings.Join(strings.Fields(s), " "), "|")
	for i, p := range parts {
		if p == "" {
			continue
		}
		ticks := strings.Repeat("`", longestRun(p, '`')+1)
		if strings.HasPrefix(p, "`") || strings.HasSuffix(p, "`") || strings.HasPrefix(p, " ") && strings.HasSuffix(p, " ") {
			p = " " + p + " " // Markdown takes one from either side
		}
		parts[i] = ticks + p + ticks
	}
	return strings.Join(parts, `\|`)
}

// mdFence is a block of lines that are shown as they are.
func mdFence(lines []string) string {
	longest := 2
	for _, l := range lines {
		longest = max(longest, longestRun(l, '`'))
	}
	fence := strings.Repeat("`", longest+1)
	return fence + "text\n" + strings.Join(lines, "\n") + "\n" + fence
}

func longestRun(s string, of byte) int {
	longest, n := 0, 0
	for i := range len(s) {
		if n++; s[i] != of {
			n = 0
		}
		longest = max(longest, n)
	}
	return longest
}
