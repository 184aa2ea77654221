package report

import (
	"fmt"
	"strings"
	"time"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// program is what made the report.
func (p *phrases) program() string {
	t := &p.r.Tool
	commit, altered := strings.CutSuffix(t.Commit, "+")
	const enough = 12 // to find it by
	if commit = commit[:min(len(commit), enough)]; altered {
		commit += "+"
	}
	return p.text(strings.Join(filled(strings.TrimSpace(t.Name+" "+t.Version), commit, t.Built), ", "))
}

// madeBy is what made a report, and of which text of the profile.
func (p *phrases) madeBy() [][2]string {
	profile := &p.r.Profile
	sum := profile.SHA256
	if sum != "" {
		sum = "sha256 " + sum
	}
	return some([][2]string{
		{p.word("fact.build"), p.program()},
		{p.word("fact.profile"), p.text(strings.Join(filled(profile.ID, profile.Revision, sum), ", "))},
	})
}

// furtherFacts are what a machine's report has beside its addresses: its links,
// and what its clock says.
func (p *phrases) furtherFacts(m *result.Machine) [][2]string {
	var links []string
	for _, i := range m.Interfaces {
		s := p.text(i.Name) + " " + p.known("link.", i.State)
		if i.MTU > 0 {
			s += fmt.Sprintf(", MTU %d", i.MTU)
		}
		links = append(links, s)
	}
	return some([][2]string{
		{p.word("fact.interfaces"), strings.Join(links, p.semicolon())},
		{p.word("fact.zone"), p.text(m.Zone)},
		{p.word("fact.clock"), p.clock(m.Clock)},
	})
}

// clock says how a machine's clock goes. The Date of an answer has no fractions, and
// has been on its way.
func (p *phrases) clock(c *result.Clock) string {
	if c == nil {
		return ""
	}
	off := time.Duration(c.Behind)
	data := i18n.Data{"Hosts": p.text(strings.Join(c.From, ", ")), "Off": p.duration(result.Duration(off.Abs()))}
	switch {
	case c.By != result.ByVantage && off.Abs() <= 2*time.Second:
		return p.say("clock.right", data)
	case off >= 0:
		return p.say("clock.behind", data)
	}
	return p.say("clock.ahead", data)
}

// some are the facts that there are.
func some(all [][2]string) [][2]string {
	var out [][2]string
	for _, f := range all {
		if f[1] != "" {
			out = append(out, f)
		}
	}
	return out
}
