package diagnosis

import (
	"net/netip"
	"slices"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// joints are what the other machines saw that a symptom may be held against.
func (p *premises) joints(d diagnosed) []*joint {
	own := p.of[d.check.Machine]
	if own == nil {
		return nil
	}
	var js []*joint
	add := func(j *joint) {
		if j != nil {
			j.own, j.single = own, d.cause
			js = append(js, j)
		}
	}
	if d.check.Kind == "listen" {
		add(p.unreached(d, own))
		return js
	}
	if atServer(d.cause) {
		p.sameAnswer(d)
	}
	if !heldUp(d.cause) && d.cause.Code != result.TCPClosed {
		return nil
	}
	for _, j := range p.sameCheck(d) {
		add(j)
	}
	add(p.atFarEnd(d, own))
	add(p.fromOutside(d, own))
	add(p.back(d, own))
	add(p.anotherAddress(d, own))
	return js
}

// sameCheck holds a symptom against the nearest machines that made the same
// check: further out, and further in.
func (p *premises) sameCheck(d diagnosed) []*joint {
	all := p.alike(d.check)
	at := slices.Index(all, d.check)
	if at < 0 {
		return nil
	}
	var js []*joint
	outermost := true
	var further *result.Check // further out, as far as all fail
	for _, c := range all[at+1:] {
		if p.reaches(c, d.symptom) {
			if outermost {
				js = append(js, &joint{kind: outerPasses, other: p.of[c.Machine], check: c})
			}
			outermost = false
			break
		}
		if o := p.fails(c, d.symptom); o != nil {
			outermost = false
			if hides(o, d) {
				further = c
			}
		}
	}
	for i := at - 1; i >= 0; i-- {
		c := all[i]
		if p.reaches(c, d.symptom) {
			js = append(js, &joint{kind: innerPasses, other: p.of[c.Machine], check: c})
			break
		}
		if o := p.fails(c, d.symptom); o != nil && hides(&d, *o) {
			js = append(js, &joint{kind: innerFails, other: p.of[c.Machine], check: c, outermost: outermost})
			break
		}
	}
	if further != nil && (len(js) == 0 || js[0].kind == innerFails) {
		p.hidden[d.symptom] = hiding{check: further}
	}
	return js
}

// sameAnswer finds the outermost machine to which the server gave the same answer:
// one finding is enough.
func (p *premises) sameAnswer(d diagnosed) {
	all := p.alike(d.check)
	for _, c := range all[slices.Index(all, d.check)+1:] {
		if slices.ContainsFunc(p.wrong[c], func(o diagnosed) bool {
			return o.via == "" && o.cause.Code == d.cause.Code && o.host == d.host && o.addr == d.addr && o.ports.String() == d.ports.String()
		}) {
			p.hidden[d.symptom] = hiding{c, d.cause.Code}
		}
	}
}

// hides tells whether what fails further out leaves nothing to be said of what
// fails further in: that ends at no place of its own.
func hides(outer *diagnosed, inner diagnosed) bool {
	in, out := whereKnown(&inner), whereKnown(outer)
	return !in.IsValid() || in == out
}

// whereKnown is the device of a cause's place, if one is known: that said so, or
// that was the last to let the packets pass.
func whereKnown(d *diagnosed) netip.Addr {
	at := d.cause.At
	if at == nil {
		return netip.Addr{}
	}
	if a, ok := address(at.Address); ok {
		return a
	}
	if len(at.Between) == 2 {
		if a, ok := address(at.Between[0]); ok && !d.view.own(a) {
			return a
		}
	}
	return netip.Addr{}
}

// atFarEnd holds a symptom on the way to another machine of the report against
// what that machine saw of its own ports.
func (p *premises) atFarEnd(d diagnosed, own *party) *joint {
	to := p.far(d.symptom)
	if to == nil {
		to = p.service(d)
	}
	if to == nil || to == own {
		return nil
	}
	for _, c := range p.listen[to] {
		if protoListened(c) != d.proto {
			continue
		}
		heard, not := listened(c)
		switch {
		case d.ports.Count() > 0 && not.And(d.ports).Count() == d.ports.Count():
			p.hidden[d.symptom] = hiding{check: c}
		case d.ports.Count() > 0 && heard.And(d.ports).Count() == d.ports.Count() && p.far(d.symptom) != nil:
			return &joint{kind: listens, other: to, check: c, sockets: sockets(c, d.ports)}
		}
	}
	return nil
}

// service is the machine to which a symptom's port of the public address leads.
func (p *premises) service(d diagnosed) *party {
	if o := p.opening(d); o != nil && o.port.String() == o.local.String() {
		return o.service
	}
	return nil
}

func (p *premises) opening(d diagnosed) *opening {
	for _, o := range p.opened {
		if o.host == d.host && o.port.Overlaps(d.ports) {
			return o
		}
	}
	return nil
}

// unreached holds that nothing listens here against what became of the others
// who came for it: their own findings have nothing to add. Who was refused got as
// far as here.
func (p *premises) unreached(d diagnosed, own *party) *joint {
	if d.res == nil || !slices.Contains([]result.Code{result.ListenNothing, result.ListenLoopbackOnly}, d.cause.Code) {
		return nil
	}
	ports := portset.Parse(d.res.Ports)
	var found *joint
	for _, o := range p.toward[own] {
		if o.proto != protoListened(d.check) || o.ports.And(ports).Count() != o.ports.Count() || o.ports.Count() == 0 || !heldUp(o.cause) && o.cause.Code != result.TCPClosed {
			continue
		}
		j := &joint{kind: notReached, other: p.of[o.check.Machine], check: o.check}
		if o.cause.Code == result.TCPClosed && settled(o.cause) || o.failure == result.FailRefused && o.view.onLink(o.addr) {
			return &joint{kind: notReached, other: j.other, check: o.check, outermost: true}
		}
		if found == nil {
			found = j
		}
	}
	return found
}

// fromOutside holds a symptom on the way into the shop against what reaches the
// service within it.
func (p *premises) fromOutside(d diagnosed, own *party) *joint {
	o := p.opening(d)
	if o == nil || o.service == own || p.far(d.symptom) != nil {
		return nil
	}
	told := p.of[o.check.Machine]
	switch {
	case told == nil || told == own:
	case o.check.Verdict == result.Pass:
		return &joint{kind: comesInElsewhere, other: told, check: o.check, way: o}
	case slices.ContainsFunc(p.wrong[o.check], func(w diagnosed) bool { return w.about == inwardCall || w.about == inwardLine }):
		p.hidden[d.symptom] = hiding{check: o.check} // the helper outside has seen more of it
		return nil
	}
	var j *joint
	for _, c := range p.listen[o.service] {
		if heard, _ := listened(c); protoListened(c) == d.proto && heard.And(o.local).Count() == o.local.Count() {
			j = &joint{kind: comesIn, other: o.service, check: c}
		}
	}
	for _, inside := range p.parties {
		all := p.passed[[2]*party{inside, o.service}]
		i := slices.IndexFunc(all, func(c *result.Check) bool { return opensAt(c, o.service, o.local) })
		if inside == own || inside.place >= own.place || i < 0 {
			continue
		}
		c := all[i]
		if j == nil {
			j = &joint{kind: comesIn, other: o.service, check: c}
		}
		j.inside, j.from = c, inside
	}
	if j != nil {
		j.way = o
	}
	return j
}

// testedAfterAll finds, for a check of the way in that had no helper outside, the
// machine outside that had no way in either.
func (p *premises) testedAfterAll(d diagnosed) {
	i := slices.IndexFunc(p.opened, func(o *opening) bool { return o.check == d.check })
	if d.cause.Code != result.InboundVantageUnreachable || i < 0 {
		return
	}
	o, own := p.opened[i], p.of[d.check.Machine]
	for _, outside := range p.parties {
		for _, c := range p.failed[outside] {
			if outside.place > own.place && slices.ContainsFunc(p.wrong[c], func(w diagnosed) bool {
				return p.opening(w) == o && (heldUp(w.cause) || w.cause.Code == result.TCPClosed)
			}) {
				p.hidden[d.symptom] = hiding{check: c}
				return
			}
		}
	}
}

// opensAt tells whether a check found these ports of a machine open.
func opensAt(c *result.Check, at *party, ports portset.Set) bool {
	return slices.ContainsFunc(c.Results, func(res result.Result) bool {
		a, ok := address(res.Address)
		return ok && at.view.own(a) && res.Via == "" && res.State == result.Open && portset.Parse(res.Ports).And(ports).Count() == ports.Count()
	})
}

// back holds a symptom on the way to another machine against the way that the
// other has to this one.
func (p *premises) back(d diagnosed, own *party) *joint {
	to := p.far(d.symptom)
	if to == nil || len(p.passed[[2]*party{to, own}]) == 0 {
		return nil
	}
	return &joint{kind: otherWay, other: to, check: p.passed[[2]*party{to, own}][0]}
}

// anotherAddress finds that the machine at the other end, which a check names
// by its role, has none of the addresses that were asked. Of several items each
// may be another machine.
func (p *premises) anotherAddress(d diagnosed, own *party) *joint {
	if len(d.check.Spec.To) != 1 || d.check.ID != d.check.Group || !d.addr.IsPrivate() || p.at[d.addr] != nil {
		return nil
	}
	for _, o := range p.parties {
		if o != own && o.machine.Role == d.check.Spec.To[0] && len(o.view.prefixes) > 0 {
			return &joint{kind: elsewhereIs, other: o, check: d.check}
		}
	}
	return nil
}
