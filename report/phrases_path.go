package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"netcheck/report/i18n"
)

// device is a node by its address, by whose it is, or both.
func (p *phrases) device(n *node, owner string, named, owned bool) string {
	name := p.text(cmp.Or(n.address, p.say("terminal.hop", i18n.Data{"Hop": n.hop})))
	switch {
	case owner == "" || named && !owned:
		return name
	case !named:
		return owner
	}
	return name + " " + owner
}

// tableRows are a heading and what sweeps met, hop by hop: like hops together.
func (p *phrases) tableRows(shown []sweep) [][]string {
	first := &shown[0]
	rows := [][]string{{p.word("terminal.hops"), p.word("terminal.device")}}
	for i := range shown {
		s := &shown[i]
		name := strings.ToUpper(p.text(s.proto)) + " " + strconv.Itoa(s.port)
		if s.address != first.address {
			name = p.subject(s.host, "", s.port, s.proto)
		}
		if slices.Contains(rows[0], name) || s.address != first.address && s.host == first.host {
			name = p.subject("", s.address, s.port, s.proto)
		}
		rows[0] = append(rows[0], name)
	}
	for ttl := 1; ttl <= longest(shown); ttl++ {
		row := p.tableRow(shown, ttl)
		if row[1] == "?" && !slices.ContainsFunc(row[2:], func(cell string) bool { return cell != "" }) {
			continue // nobody asked there
		}
		if last := rows[len(rows)-1]; slices.Equal(last[1:], row[1:]) {
			from, _, _ := strings.Cut(last[0], "-")
			last[0] = from + "-" + row[0]
			continue
		}
		rows = append(rows, row)
	}
	return rows
}

// longest is the last TTL that any sweep tried.
func longest(sweeps []sweep) int {
	last := 0
	for i := range sweeps {
		for j := range sweeps[i].hops {
			last = max(last, sweeps[i].hops[j].TTL)
		}
	}
	return min(last, maxTTL)
}

// tableRow is what packets met at one TTL.
func (p *phrases) tableRow(sweeps []sweep, ttl int) []string {
	device := ""
	for i := range sweeps {
		device = cmp.Or(device, sweeps[i].router(ttl))
	}
	row := []string{strconv.Itoa(ttl), cmp.Or(p.text(device), "?")}
	for i := range sweeps {
		h, far := sweeps[i].hop(ttl), sweeps[i].distance()
		switch {
		case h == nil, far > 0 && ttl > far: // it had arrived
			row = append(row, "")
		case h.From != "" && h.From != device:
			row = append(row, p.known("hop.", string(h.State))+" ("+p.text(h.From)+")")
		default:
			row = append(row, p.known("hop.", string(h.State)))
		}
	}
	return row
}

// subject is what a follow-up looked at.
func (p *phrases) subject(host, address string, port int, proto string) string {
	s := cmp.Or(host, address)
	if host != "" && address != "" && host != address {
		s += " (" + address + ")"
	}
	if port > 0 {
		s = strings.TrimSpace(s + " " + strings.ToUpper(proto) + " " + strconv.Itoa(port))
	}
	return p.text(s)
}
