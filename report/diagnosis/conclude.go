package diagnosis

import (
	"slices"

	"netcheck/report/result"
)

// maxMachines is how many machines are held against each other: a profile has a
// few roles, and a report that comes from anybody may name any number.
const maxMachines = 16

// conclude holds what went wrong on one machine of a merged report against what
// the others saw of the same. Each machine has been diagnosed by itself; a
// conclusion takes over what a finding explains, says which machines it rests
// on, and contradicts no packet that said something else.
func conclude(r *result.Report, vs map[string]*view, groups []*group) []*group {
	if len(r.Machines) < 2 || len(r.Machines) > maxMachines {
		return groups
	}
	p := newPremises(r, vs, groups)
	table := conclusionRules()
	var made []*group
	byKey := map[string]*group{}
	for _, g := range groups {
		var first *group
		g.members = slices.DeleteFunc(g.members, func(d diagnosed) bool {
			j, ru := p.conclusion(table, d)
			if ru == nil {
				return false
			}
			s := *d.symptom
			s.joint = j
			own := diagnosed{symptom: &s, rule: ru, cause: ru.concluded(&s), inferred: d.inferred, with: d.with}
			key := keyOf(ru, own) + "\x00" + j.other.machine.ID
			n := byKey[key]
			if n == nil {
				n = &group{rule: ru}
				byKey[key] = n
				made = append(made, n)
			}
			n.members = append(n.members, own)
			if first == nil {
				first = n
			}
			return true
		})
		if len(g.members) == 0 && first != nil {
			first.under = append(first.under, g.under...)
			g.members = nil
		}
	}
	p.fold(made, groups)
	return slices.DeleteFunc(slices.Concat(made, groups), func(g *group) bool { return g.members == nil })
}

// conclusion is the first rule that fits what another machine saw of a symptom.
func (p *premises) conclusion(table []rule, d diagnosed) (*joint, *rule) {
	if d.about != outward {
		p.testedAfterAll(d)
		return nil, nil
	}
	if d.via != "" || d.beside || d.with != nil {
		return nil, nil // what a proxy reached says nothing of the direct way
	}
	joints := p.joints(d)
	for i := range table {
		for _, j := range joints {
			s := *d.symptom
			if s.joint = j; table[i].fitsJointly(&s) {
				return j, &table[i]
			}
		}
	}
	return nil, nil
}

// fitsJointly is as fits, whatever the probe knew by itself.
func (r *rule) fitsJointly(s *symptom) bool {
	return !slices.ContainsFunc(r.when, func(holds cond) bool { return !holds(s) })
}

// concluded is what the rule says of a symptom that it fits: a cause that is
// left open is the one that the machine's own run gives.
func (r *rule) concluded(s *symptom) *result.Cause {
	c := r.cause(s)
	if r.code == "" {
		c.Code = s.joint.single.Code
	}
	c.NotExcluded = slices.DeleteFunc(c.NotExcluded, func(o result.Code) bool { return o == c.Code })
	if slices.Contains(c.NotExcluded, result.LocalFirewall) {
		c.Confidence = least(c.Confidence, result.Likely) // it is the nearest of all
	}
	if len(c.NotExcluded) == 0 {
		c.Confidence = most(c.Confidence, result.Strong) // nothing else is left that it could be
	}
	if s.joint.single.Confidence == result.Certain && c.Code == s.joint.single.Code {
		c.Confidence, c.NotExcluded = result.Certain, nil // a packet said so
	}
	return c
}

// most is the greater of two confidences.
func most(a, b result.Confidence) result.Confidence {
	if sureness(a) > sureness(b) {
		return a
	}
	return b
}

// fold puts under a conclusion what other machines saw of the same, and what
// nothing can be said of before the conclusion is seen to.
func (p *premises) fold(made, groups []*group) {
	into := map[hiding]*group{}
	add := func(key hiding, g *group) {
		if into[key] == nil {
			into[key] = g
		}
	}
	for _, g := range slices.Concat(made, groups) {
		for _, d := range g.members {
			if d.joint != nil || d.about == inwardCall || d.about == inwardLine {
				add(hiding{check: d.check}, g)
			}
			add(hiding{d.check, d.cause.Code}, g)
		}
	}
	for _, g := range groups {
		var last *group
		g.members = slices.DeleteFunc(g.members, func(d diagnosed) bool {
			to := into[p.hidden[d.symptom]]
			if to == nil || to == g || len(to.members) == 0 {
				return false
			}
			last = to
			s := *d.symptom
			s.joint = &joint{own: p.of[d.check.Machine], other: p.of[to.members[0].check.Machine], single: d.cause}
			d.symptom = &s
			to.under = append(to.under, d)
			return true
		})
		if len(g.members) == 0 && last != nil {
			last.under = append(last.under, g.under...)
			g.members = nil
		}
	}
}
