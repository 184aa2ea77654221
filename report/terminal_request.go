package report

import (
	"strings"

	"github.com/charmbracelet/lipgloss"

	"netcheck/report/result"
)

// request is the firewall rule to ask for: of what is wrong a block that can
// be copied into a mail and tells whoever gets it all they need; of what is
// only worth a look, a line.
func (p *printer) request(indent string, f *result.Finding) {
	none := lipgloss.Style{}
	if !contains(p.wrong, f) {
		p.para(indent, p.word("terminal.request"), p.requestLine(f.Request), none)
		return
	}
	p.para(indent, p.word("terminal.request"), p.handedOver(f.Request), none)
	lines := p.requestFields(f)
	pad := indent + strings.Repeat(" ", labelWidth)
	if p.wide < 50 {
		pad = indent + "  "
	}
	widest := 0
	for _, l := range lines {
		widest = max(widest, width(p.word("request."+l[0])))
	}
	for _, l := range lines {
		name := p.word("request." + l[0])
		lead := pad + name + strings.Repeat(" ", widest-width(name)+2)
		if l[0] == "see" {
			p.pages(lead, pad+name, indent, p.see(f))
			continue
		}
		for _, text := range wrap(l[1], p.wide-width(lead)) {
			p.line(lead, text)
			lead = strings.Repeat(" ", width(lead))
		}
	}
}

// pages are addresses to be clicked or copied, each in one piece: one that does
// not fit beside its name stands below it.
func (p *printer) pages(lead, name, indent string, urls []string) {
	for _, u := range urls {
		if width(lead)+width(u) <= p.wide {
			p.line(lead, u)
			lead = strings.Repeat(" ", width(lead))
			continue
		}
		if strings.TrimSpace(lead) != "" {
			p.line(name)
			lead = strings.Repeat(" ", width(lead))
		}
		p.line(indent, u)
	}
}
