package report

import (
	"strings"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// shortfall says what is missing from a report that is not whole: the run was
// stopped, or a part of what was saved can't be read. It is "" for one that is.
func (p *phrases) shortfall() string {
	switch {
	case p.r.Lost != nil:
		return p.lost(p.r.Lost)
	case p.r.FollowupsCut:
		return p.word("terminal.closer-cut")
	case !p.r.Complete:
		return p.word("terminal.interrupted")
	}
	return ""
}

// lost says what of a saved report could not be read. Which members those are is
// for whoever looks into the file.
func (p *phrases) lost(l *result.Lost) string {
	var parts []string
	if l.Schema > 0 {
		parts = append(parts, p.say("lost.newer", i18n.Data{"Format": l.Schema, "Own": result.Schema, "Tool": p.text(strings.TrimSpace(p.r.Tool.Name + " " + p.r.Tool.Version))}))
	}
	if l.Cut > 0 {
		parts = append(parts, p.word("lost.cut"))
	}
	if n := len(p.r.Checks); l.Checks > n {
		parts = append(parts, p.say("lost.checks", i18n.Data{"Read": n, "Count": l.Checks}))
	}
	if len(l.Unread) > 0 {
		const few = 5
		names := strings.Join(l.Unread[:min(len(l.Unread), few)], ", ")
		if hidden := len(l.Unread) - few; hidden > 0 {
			names += ", " + p.say("terminal.and-more", i18n.Data{"Count": hidden})
		}
		parts = append(parts, p.say("lost.unread", i18n.Data{"Parts": p.text(names)}))
	}
	return strings.Join(append(parts, p.word("lost.so")), " ")
}

// unreadDetails says that of a saved check no more is left than how it ended.
func (p *phrases) unreadDetails(c *result.Check) string {
	if c.Reason != result.BecauseUnread {
		return ""
	}
	return p.known("verdict.", string(c.Verdict)) + p.semicolon() + p.known("reason.", string(c.Reason))
}
