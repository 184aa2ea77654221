package diagnosis

import (
	"slices"
	"strings"
)

// foldBroken makes one finding of exchanges that broke alike at one place: the
// servers are followed one after the other, and those for which no time was left
// broke where the one that was followed did, as far as can be told.
func foldBroken(groups []*group) []*group {
	classes := map[string][]*group{}
	var order []string
	for _, g := range groups {
		class, ok := g.brokenAlike()
		if !ok {
			continue
		}
		if classes[class] == nil {
			order = append(order, class)
		}
		classes[class] = append(classes[class], g)
	}
	for _, class := range order {
		all := classes[class]
		best := mostDefinite(all)
		for _, g := range all {
			if g != best && best.coversBroken(g, all) {
				best.members = append(best.members, g.members...)
				g.members = nil
			}
		}
	}
	return slices.DeleteFunc(groups, func(g *group) bool { return g.members == nil })
}

// brokenAlike is what exchanges must have in common to have broken for one
// reason; false where the place is a device that said so, or none is known of.
func (g *group) brokenAlike() (string, bool) {
	at, first := g.cause().At, g.members[0]
	if !g.rule.follows || at == nil || at.Address != "" || len(at.Between) == 0 || first.view.near(first.addr) {
		return "", false
	}
	how := "cut"
	switch {
	case cut(first.symptom):
	case lost(first.symptom):
		how = "lost"
	default:
		how = "silent"
	}
	family := "4"
	if toIPv6(first.symptom) {
		family = "6"
	}
	return strings.Join([]string{first.check.Machine, g.rule.id, how, family}, "\x00"), true
}

// mostDefinite is the group of whose place most is known, and of those the
// surest.
func mostDefinite(groups []*group) *group {
	return slices.MaxFunc(groups, func(a, b *group) int {
		if d := definite(a) - definite(b); d != 0 {
			return d
		}
		return sureness(a.cause().Confidence) - sureness(b.cause().Confidence)
	})
}

// definite tells how much is known of where it broke: nothing, behind which
// router, or between which two.
func definite(g *group) int {
	at := g.cause().At
	switch {
	case at.Between[1] != unknownPlace:
		return 2
	case at.Hop > 0:
		return 1
	}
	return 0
}

// coversBroken tells whether a group of whose place less is known broke at the
// same place.
func (g *group) coversBroken(o *group, all []*group) bool {
	at, theirs := g.cause().At, o.cause().At
	switch {
	case at.Between[1] == g.members[0].addr.String():
		return false // what is one server's is not another's
	case definite(o) > 0:
		return at.Hop == theirs.Hop && at.Between[0] == theirs.Between[0] && (at.Between[1] == theirs.Between[1] || theirs.Between[1] == unknownPlace)
	case definite(g) == 0: // nobody knows where: packets that get lost alike get lost on the way
		return lost(g.members[0].symptom)
	}
	return !slices.ContainsFunc(all, func(k *group) bool {
		return k != g && k.members != nil && definite(k) > 0 && !g.coversBroken(k, nil)
	})
}
