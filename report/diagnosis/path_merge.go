package diagnosis

import (
	"cmp"
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
// it what was not looked at, if nothing else holds up anything there.
func gather(groups []*group) []*group {
	byPlace := map[string]*group{}
	key := func(g *group) string {
		at := g.cause().At
		return strings.Join([]string{g.members[0].check.Machine, string(g.cause().Code), g.members[0].proto, strconv.Itoa(at.Hop), at.Between[0]}, "\x00")
	}
	for _, g := range groups {
		if !g.rule.gathers || g.cause().At == nil || len(g.cause().At.Between) == 0 {
			continue
		}
		if old := byPlace[key(g)]; old == nil || sureness(g.cause().Confidence) > sureness(old.cause().Confidence) {
			byPlace[key(g)] = g
		}
	}
	for _, g := range groups {
		if !g.rule.gathers || g.cause().At == nil || len(g.cause().At.Between) == 0 {
			continue
		}
		if best := byPlace[key(g)]; best != g {
			best.members = append(best.members, g.members...)
			g.members = nil
		}
	}
	for _, g := range groups {
		if g.members == nil || !g.rule.unplaced {
			continue
		}
		var only *group
		alone := true
		for _, p := range byPlace {
			if p.members[0].check.Machine == g.members[0].check.Machine && p.members[0].proto == g.members[0].proto {
				alone = alone && only == nil
				only = p
			}
		}
		if only == nil || !alone || len(only.members) < fewEnds {
			continue
		}
		g.members = slices.DeleteFunc(g.members, func(d diagnosed) bool {
			if d.trail() != nil || d.addr.Is4() != only.members[0].addr.Is4() || d.view.near(d.addr) {
				return false
			}
			lesser := *only.cause()
			lesser.Confidence = cmp.Or(least(lesser.Confidence, result.Likely), result.Likely)
			lesser.NotExcluded = d.cause.NotExcluded
			only.members = append(only.members, diagnosed{symptom: d.symptom, cause: &lesser})
			return true
		})
		if len(g.members) == 0 {
			g.members = nil
		}
	}
	return slices.DeleteFunc(groups, func(g *group) bool { return g.members == nil })
}

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
