package report

import (
	"cmp"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// picture draws a finding's path: one line, of which the middle gives way
// where it is too long.
func (p *printer) picture(indent string, f *result.Finding) {
	w := pathOf(p.r, f)
	if w == nil {
		return
	}
	if len(f.Machines) > 1 {
		w.from = p.machine(f.Machines[0])
	}
	label := p.word("terminal.path")
	lead := indent + p.st.render(p.st.faint, label) + strings.Repeat(" ", max(1, labelWidth-width(label)))
	pad := strings.Repeat(" ", width(indent)+max(labelWidth, width(label)+1))
	if p.wide < 50 {
		p.line(indent, p.st.render(p.st.faint, label))
		pad = indent + "  "
		lead = pad
	}
	for _, l := range p.drawn(w, p.wide-width(pad)) {
		p.line(lead, l)
		lead = pad
	}
}

// drawing is how much of a path is drawn.
type drawing struct {
	all   bool // every device, not only those near the ends and the cut
	named bool // devices by address, and not by whose they are
	owner bool // whose the device before the cut is
	host  bool // the target's name
	next  bool // the device behind the cut
	first bool // the first device
}

// drawn draws a path within so many columns, with as much as fits; on several
// lines if even the least does not.
func (p *printer) drawn(w *path, limit int) []string {
	var words []string
	for _, d := range []drawing{
		{all: true, named: true, owner: true, host: true, next: true, first: true},
		{named: true, owner: true, host: true, next: true, first: true},
		{owner: true, host: true, next: true, first: true},
		{host: true, next: true, first: true},
		{host: true, first: true},
		{first: true},
		{},
	} {
		words = p.pathWords(w, d)
		if width(strings.Join(words, " ")) <= limit {
			break
		}
	}
	var lines []string
	line := ""
	for _, word := range words {
		if line != "" && width(line)+1+width(word) > limit {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// pathWords are a path's devices and the signs between them, none of which is
// to be taken apart.
func (p *printer) pathWords(w *path, d drawing) []string {
	arrow, cross := "->", "-x-"
	if p.o.Unicode {
		arrow, cross = "→", "✗"
	}
	cross = p.st.verdict(result.Fail, cross)
	last := len(w.nodes) - 1
	hidden := func(i int) bool {
		near := i == 0 || i == last || i == w.cut || i == w.cut+1 && d.next || i == 1 && d.first
		return w.nodes[i].gap || !near && !d.all
	}
	var words []string
	said := map[result.Owner]bool{}
	for i := 0; i <= last; i++ {
		n := &w.nodes[i]
		switch {
		case hidden(i):
			for i < last && i != w.cut && hidden(i+1) {
				i++ // one sign for all
			}
			words = append(words, p.text("…"))
		case i == 0 && w.inward, i == last && w.back:
			words = append(words, p.word("path.outside"))
		case i == 0, n.owner == result.ThisMachine:
			words = append(words, cmp.Or(w.from, p.word("owner.this-machine")))
		case n.owner == result.Destination && !d.host:
			words = append(words, p.word("owner.destination"))
		case n.owner == result.Destination:
			host := p.text(w.host)
			if w.more > 0 {
				host = p.say("list.more", i18n.Data{"Some": host, "Count": w.more})
			}
			words = append(words, host)
		default:
			owner := ""
			if known := n.owner != "" && n.owner != result.UnknownOwner; known && !said[n.owner] {
				said[n.owner], owner = true, p.known("path.", string(n.owner))
			}
			around := i == w.cut || i == w.cut+1
			words = append(words, p.device(n, owner, d.named || around, d.named || d.owner && i == w.cut))
		}
		switch {
		case i == w.cut:
			words = append(words, cross)
		case i < last:
			words = append(words, arrow)
		}
	}
	return words
}

// table shows what the packets of a finding met at each hop, those to what
// failed beside those to what answered.
func (p *printer) table(indent string, f *result.Finding) {
	shown := p.sweepsShown(f)
	if len(shown) == 0 {
		return
	}
	indented := indent + strings.Repeat(" ", labelWidth)
	rows := p.tableRows(shown)
	for len(shown) > 2 && tableWidth(indented, rows) > p.wide { // one control that is seen beside it says more than two below
		shown = shown[:len(shown)-1]
		rows = p.tableRows(shown)
	}
	p.para(indent, p.word("terminal.sweep"), p.swept(f, &shown[0]), p.st.faint)
	p.columns(indented, rows)
}

func columnWidths(rows [][]string) []int {
	widths := make([]int, len(rows[0]))
	for i := range widths {
		for _, r := range rows {
			widths[i] = max(widths[i], width(r[i]))
		}
	}
	return widths
}

// tableWidth is how wide rows are in columns.
func tableWidth(indent string, rows [][]string) int {
	total := width(indent) - 2
	for _, w := range columnWidths(rows) {
		total += w + 2
	}
	return total
}

// columns writes rows in columns; where these do not fit, one below the other.
func (p *printer) columns(indent string, rows [][]string) {
	widths := columnWidths(rows)
	fits := tableWidth(indent, rows) <= p.wide
	for n, r := range rows {
		switch {
		case fits:
			line := indent
			for i, cell := range r {
				line += cell + strings.Repeat(" ", widths[i]-width(cell)+2)
			}
			p.line(p.st.render(p.st.faint, strings.TrimRight(line, " ")))
		case n > 0:
			p.para("    ", "", r[0]+" "+r[1], p.st.faint)
			for i, cell := range r[2:] {
				if cell != "" {
					p.para("      ", "", rows[0][i+2]+p.colon()+cell, p.st.faint)
				}
			}
		}
	}
}

// followups lists what was asked once more after the checks.
func (p *printer) followups() {
	if len(p.r.Followups) == 0 {
		return
	}
	p.heading("terminal.followups")
	p.line()
	for i := range p.r.Followups {
		u := &p.r.Followups[i]
		p.para("  ", "", p.asked(u), lipgloss.Style{})
		p.steps(u.Steps)
	}
}
