package diagnosis

import (
	"net/netip"

	"netcheck/report/result"
)

// ownerAt is whose a device on the way is, at a hop if that is known.
func (s *symptom) ownerAt(a netip.Addr, hop int) result.Owner {
	switch {
	case s.view.own(a):
		return result.ThisMachine
	case s.view.isGateway(a):
		return result.Gateway
	case a == s.addr:
		return result.Destination
	case s.view.onLink(a):
		if s.forwards(a) {
			return result.Gateway
		}
		return result.Site
	case private(a) && !s.view.beyondPublic(a, hop):
		return result.Site
	}
	return result.Provider
}

// forwards tells whether a device of the own link answers for an address
// beyond it: then it is a next hop, whatever other address of it the system
// knows.
func (s *symptom) forwards(a netip.Addr) bool {
	return s.addr.IsValid() && !s.view.near(s.addr) && a != s.addr
}

// sender is the device that sent the ICMP error.
func (s *symptom) sender() (netip.Addr, bool) {
	if s.ev.ICMP == nil {
		return netip.Addr{}, false
	}
	return address(s.ev.ICMP.From)
}

// beyondPublic tells whether a router with a public address is nearer than a
// device's hop: what follows is a provider's, whatever its address. Of IPv6
// every router's is public.
func (v *view) beyondPublic(device netip.Addr, hop int) bool {
	for _, t := range v.trails {
		if t.to.Is4() != device.Is4() {
			continue
		}
		for ttl := 1; ttl < hop; ttl++ {
			if a, ok := t.at(ttl); ok && (!private(a) || sharedSpace.Contains(a)) {
				return true
			}
		}
	}
	return false
}

// afterLast is between the last router that let the packets pass and the next
// that let those of a control pass.
func afterLast(s *symptom) *result.Place {
	t := s.trail()
	if t == nil {
		return silent(s)
	}
	p := &result.Place{Between: []string{s.local(), unknownPlace}, Hop: t.last, Owner: result.UnknownOwner}
	if t.last == 0 {
		p.Owner = result.Gateway // it is its side of the link, or its entrance
	} else if a, ok := t.at(t.last); ok {
		p.Between[0], p.Owner = a.String(), s.ownerAt(a, t.last)
	} else {
		p.Between[0] = unknownPlace
	}
	if next := s.nextAfter(t); next.IsValid() {
		p.Between[1] = next.String()
	}
	if t.last > 0 && s.hidden(t) {
		p.Owner = result.UnknownOwner
	}
	if reluctant(s) {
		p.Between[1], p.Owner = unknownPlace, result.UnknownOwner // it may be farther
	}
	if g := s.sameGoal(); t.last > 0 && g != nil && t.last >= g.last && t.last < g.end.TTL-1 {
		p.Between[1], p.Owner = s.addr.String(), result.UnknownOwner // routers in between say nothing
	}
	return p
}

// hidden tells whether a router follows that does not show itself, by a control
// to the destination: it may be that one which drops.
func (s *symptom) hidden(t *trail) bool {
	g := s.goal()
	if g == nil || g.reach() <= t.last+1 {
		return false
	}
	_, shown := g.at(t.last + 1)
	return !shown && g.end.TTL != t.last+1 && t.knowsDevices()
}

// knowsDevices tells whether the system says which routers they are.
func (t *trail) knowsDevices() bool {
	_, ok := t.next(0)
	return ok
}

// nextAfter is the device beyond the end of a way, as controls saw it.
func (s *symptom) nextAfter(t *trail) netip.Addr {
	goal := s.goal()
	if goal != nil && goal.reach() > t.last {
		if a, ok := goal.next(t.last); ok {
			return a
		}
		if goal.to == s.addr && goal.end.TTL == t.last+1 {
			return s.addr
		}
		return netip.Addr{}
	}
	var next netip.Addr
	for _, k := range s.further() {
		a, ok := k.next(t.last)
		if next.IsValid() && a != next || ok && private(s.addr) && !private(a) {
			return netip.Addr{} // the ways part there
		}
		next = a
	}
	return next
}

// beforeDestination is between the last router and the destination.
func beforeDestination(s *symptom) *result.Place {
	p := afterLast(s)
	p.Between = []string{p.Between[0], s.addr.String()}
	p.Owner = result.Destination
	return p
}

// inLoop is between two routers that send packets to each other.
func inLoop(s *symptom) *result.Place {
	a, b, hop, ok := s.trail().loops()
	if !ok {
		return silent(s)
	}
	return &result.Place{Between: []string{a.String(), b.String()}, Hop: hop, Owner: s.ownerAt(a, hop)}
}

// swept places a silence as well as a sweep can.
func swept(s *symptom) *result.Place {
	switch s.stops() {
	case notSwept, cameThrough:
		return silent(s)
	case atTheEnd:
		return beforeDestination(s)
	case goesRound:
		return inLoop(s)
	}
	return afterLast(s)
}

// beyondGateway is between the gateway and its next hop.
func beyondGateway(s *symptom) *result.Place {
	g := s.view.gatewayFor(s.addr)
	if !g.IsValid() {
		g, _ = s.sender() // by another of its addresses
	}
	return &result.Place{Between: []string{g.String(), unknownPlace}, Hop: 1, Owner: result.Gateway}
}

// onOwnLink is somewhere between this machine and its neighbours.
func onOwnLink(s *symptom) *result.Place {
	return &result.Place{Between: []string{s.local(), unknownPlace}, Owner: result.Site}
}
