package firewall

import (
	"slices"
	"strings"

	"netcheck/report/portset"
)

// Ports are a rule's ports: those that are known, and the <names> of those that
// are not.
type Ports struct {
	Known portset.Set
	Open  []string
}

// parsePorts reads 80,8000-8005,<name>.
func parsePorts(s string) Ports {
	var p Ports
	var known []string
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		switch {
		case part == "":
		case len(portset.Parse(part)) == 0:
			p.Open = append(p.Open, part)
		default:
			known = append(known, part)
		}
	}
	p.Known = portset.Parse(strings.Join(known, ","))
	return p
}

func (p Ports) empty() bool { return len(p.Known) == 0 && len(p.Open) == 0 }

// String writes them as one types them.
func (p Ports) String() string {
	parts := p.Open
	if len(p.Known) > 0 {
		parts = append([]string{p.Known.Format("-", ", ")}, p.Open...)
	}
	return strings.Join(parts, ", ")
}

func (p Ports) with(q Ports) Ports {
	out := Ports{Known: portset.Join(p.Known, q.Known), Open: slices.Clone(p.Open)}
	for _, s := range q.Open {
		if !slices.Contains(out.Open, s) {
			out.Open = append(out.Open, s)
		}
	}
	return out
}

// within tells whether all of p is in q.
func (p Ports) within(q Ports) bool {
	return p.Known.And(q.Known).Count() == p.Known.Count() &&
		!slices.ContainsFunc(p.Open, func(s string) bool { return !slices.Contains(q.Open, s) })
}

// without is what of p is not in q.
func (p Ports) without(q Ports) Ports {
	var out Ports
	for _, s := range p.Open {
		if !slices.Contains(q.Open, s) {
			out.Open = append(out.Open, s)
		}
	}
	for _, r := range p.Known {
		first := int(r.First)
		for _, taken := range q.Known {
			if int(taken.Last) < first || taken.First > r.Last {
				continue
			}
			if int(taken.First) > first {
				out.Known = append(out.Known, portset.Range{First: uint16(first), Last: taken.First - 1})
			}
			first = int(taken.Last) + 1
		}
		if first <= int(r.Last) {
			out.Known = append(out.Known, portset.Range{First: uint16(first), Last: r.Last})
		}
	}
	return out
}
