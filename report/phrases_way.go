package report

import (
	"netcheck/report/i18n"
	"netcheck/report/result"
)

// direct is the way without a proxy, as a report names it.
const direct = "direct"

// usedWay is the way that a check's verdict rests on; nil where nobody spoke of
// a proxy.
func usedWay(c *result.Check) *result.Way {
	for i := range c.Ways {
		if c.Ways[i].Used {
			return &c.Ways[i]
		}
	}
	return nil
}

// ofWay are the results that a line tells: those of the way that counts, and
// where both failed those of the direct one, which say more.
func ofWay(c *result.Check) []result.Result {
	w := usedWay(c)
	if w == nil {
		return c.Results
	}
	var own, others []result.Result
	for _, r := range c.Results {
		if (r.Via == "") == (w.Via == direct) {
			own = append(own, r)
		} else {
			others = append(others, r)
		}
	}
	if len(own) == 0 {
		return others
	}
	return own
}

// via says in a few words by which way a check went. That a proxy fails where
// the direct way serves is no fault of the product's, and a remark: programs
// that heed the setting will fail there.
func (p *phrases) via(c *result.Check) string {
	w := usedWay(c)
	if w == nil {
		return ""
	}
	passed := c.Verdict == result.Pass || c.Verdict == result.Warn
	if w.Via != direct {
		key := "terminal.via"
		if !passed && len(c.Ways) > 1 {
			key = "terminal.via-neither"
		}
		return p.say(key, i18n.Data{"Proxy": p.text(w.Via)})
	}
	for _, o := range c.Ways {
		switch {
		case o.Via == direct || o.Verdict == result.Pass || o.Verdict == result.Warn:
		case passed:
			return p.say("terminal.via-not", i18n.Data{"Proxy": p.text(o.Via)})
		default:
			return p.say("terminal.via-neither", i18n.Data{"Proxy": p.text(o.Via)})
		}
	}
	return ""
}

// wayLines are the ways that were tried, one to a line.
func (p *phrases) wayLines(c *result.Check) []string {
	var lines []string
	for _, w := range c.Ways {
		data := i18n.Data{"Proxy": p.text(w.Via), "Source": p.heard(w.Source), "Entry": p.text(w.Exempt), "Verdict": p.known("verdict.", string(w.Verdict)), "Personal": w.Personal}
		key := "terminal.way-direct"
		switch {
		case w.Via != direct:
			key = "terminal.way-proxy"
		case w.Exempt != "":
			key = "terminal.way-exempt"
		}
		lines = append(lines, p.say(key, data))
	}
	return lines
}
