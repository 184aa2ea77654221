package diagnosis

import (
	"slices"
	"strconv"
	"strings"

	"netcheck/report/result"
)

// placeKey tells places of silence apart.
func placeKey(p *result.Place) string {
	if p == nil {
		return ""
	}
	return strings.Join(append([]string{p.Address, strconv.Itoa(p.Hop), string(p.Owner)}, p.Between...), " ")
}

// gather makes one finding of what one device on the way holds up, whichever
// hosts and ports it is and however sure each of them is by itself; and gives
// it what is alike and was not seen to be held up elsewhere.
func gather(groups []*group) []*group {
	byPlace := map[string]*group{}
	for _, g := range groups {
		if key := gatheringKey(g); key != "" {
			if old := byPlace[key]; old == nil || sureness(g.cause().Confidence) > sureness(old.cause().Confidence) {
				byPlace[key] = g
			}
		}
	}
	var placed []*group
	for _, g := range groups {
		key := gatheringKey(g)
		switch {
		case key == "":
		case byPlace[key] == g:
			placed = append(placed, g)
		default:
			byPlace[key].take(g.members)
			g.members = nil
		}
	}
	for _, g := range groups {
		if g.members == nil || !g.rule.unplaced {
			continue
		}
		g.members = slices.DeleteFunc(g.members, func(d diagnosed) bool {
			p := holder(placed, g, d)
			if p == nil {
				return false
			}
			lesser := *p.cause()
			lesser.Confidence = least(lesser.Confidence, result.Likely)
			lesser.NotExcluded = slices.DeleteFunc(append([]result.Code{d.cause.Code}, d.cause.NotExcluded...), func(c result.Code) bool { return c == lesser.Code })
			p.members = append(p.members, diagnosed{symptom: d.symptom, rule: d.rule, cause: &lesser})
			return true
		})
		if len(g.members) == 0 {
			g.members = nil
		}
	}
	return slices.DeleteFunc(groups, func(g *group) bool { return g.members == nil })
}

// gatheringKey is what groups have in common that are one finding; "" if the
// group is one by itself. Just before their hosts only the same ports of
// several are one rule.
func gatheringKey(g *group) string {
	at := g.cause().At
	if !g.rule.gathers || at == nil {
		return ""
	}
	where := at.Address
	if len(at.Between) > 0 {
		where = at.Between[0]
	}
	ports := ""
	if at.Owner == result.Destination {
		ports = g.ports().String()
	}
	return strings.Join([]string{g.members[0].check.Machine, string(g.cause().Code), g.members[0].proto, strconv.Itoa(at.Hop), where, ports}, "\x00")
}

// take adds what is held up at the same place. Where that is before several
// destinations, it lies before none of them in particular.
func (g *group) take(members []diagnosed) {
	if own := g.members[0].cause; own.At != nil && own.At.Owner == result.Destination && members[0].addr != g.members[0].addr && len(own.At.Between) == 2 {
		cause, at := *own, *own.At
		at.Between = []string{at.Between[0], unknownPlace}
		cause.At = &at
		g.members[0].cause = &cause
	}
	g.members = append(g.members, members...)
}

// holder is the finding that what was not placed belongs to: the one about the
// same ports, or the only one there is, if it is about several.
func holder(placed []*group, g *group, d diagnosed) *group {
	if t := d.trail(); t != nil && (t.end.TTL > 0 || t.quiet && t.last > 0) || d.view.near(d.addr) {
		return nil
	}
	var alike, only *group
	n, m := 0, 0
	for _, p := range placed {
		first := p.members[0]
		if p == g || p.rule.unplaced || slices.Contains(otherFaults, p.cause().Code) || first.check.Machine != d.check.Machine || first.proto != d.proto || first.addr.Is4() != d.addr.Is4() || refusing(p.cause().Code) != refusing(g.cause().Code) {
			continue
		}
		if only = p; p.ports().Overlaps(d.ports) {
			alike = p
			m++
		}
		n++
	}
	switch {
	case m == 1:
		return alike
	case n == 1 && !refusing(g.cause().Code) && len(only.members) >= fewEnds:
		return only
	}
	return nil
}

// otherFaults end at one place, too, but hold up no port in particular.
var otherFaults = []result.Code{result.PathNoRoute, result.PathLoss, result.LocalGatewayDown}

// refusing tells whether somebody refused, and did not keep silent.
func refusing(c result.Code) bool { return c == result.TCPResetByMiddlebox || c == result.TCPRefused }

// fewEnds is how many ways must end at one place, and none elsewhere, before
// those that nobody looked at are taken to end there too.
const fewEnds = 3

// least is the lesser of two confidences.
func least(a, b result.Confidence) result.Confidence {
	if sureness(a) < sureness(b) {
		return a
	}
	return b
}
