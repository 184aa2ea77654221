package report

import (
	"netcheck/report/i18n"
	"netcheck/report/result"
)

// direct is the way without a proxy, as a report names it.
const direct = "direct"

// ways lists those that were tried, for -v.
func (p *printer) ways(c *result.Check) {
	for _, w := range c.Ways {
		data := i18n.Data{"Proxy": p.text(w.Via), "Source": p.text(w.Source), "Entry": p.text(w.Exempt), "Verdict": p.known("verdict.", string(w.Verdict)), "Personal": w.Personal}
		switch {
		case w.Via != direct:
			p.para("      ", "", p.say("terminal.way-proxy", data), p.st.faint)
		case w.Exempt != "":
			p.para("      ", "", p.say("terminal.way-exempt", data), p.st.faint)
		default:
			p.para("      ", "", p.say("terminal.way-direct", data), p.st.faint)
		}
	}
}
