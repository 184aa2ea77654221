package diagnosis

import (
	"slices"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// refuser is who sent a RST, as far as its distance tells.
type refuser int

const (
	unknownRefuser  refuser = iota
	firstHop                // it came already where packets end at the first hop
	nearer                  // nearer than the destination, without doubt
	nearBefore              // from just before the destination, which may be its own entrance
	entrance                // a router that has the destination's address: a port that it does not forward
	otherDevice             // as far as the destination, but with another TTL
	unlikeAlone             // it is born nearer than it is first seen, and nothing else of the address answers
	destination             // as far as the destination, with the same TTL
	likeDestination         // as far as the destination; its TTL is not known
	plainAlone              // born where it is first seen, and nothing else of the address answers
)

// refuser tells who sent the RST that a connect to the symptom's port met.
func (s *symptom) refuser() refuser {
	t := s.trail()
	if !s.addr.IsValid() || s.view.near(s.addr) || s.view.spokenFor() && (t == nil || !t.firstHop()) {
		return unknownRefuser
	}
	if t == nil || t.end.TTL == 0 {
		return s.refuserUnswept()
	}
	if t.end.State != result.Closed {
		return unknownRefuser
	}
	seen := t.end.TTL
	born := distance(s.answerTTL(t.port))
	if seen == 1 {
		return firstHop
	}
	if born == 1 && seen == 2 {
		return nearer // it has crossed no router
	}
	goal := s.sameGoal()
	if goal == nil {
		return s.refuserAlone(seen, born)
	}
	switch d := goal.end.TTL; {
	case seen < d:
		if a, ok := goal.at(seen); ok && a == s.addr {
			return entrance
		}
		if seen == d-1 && born != seen-1 {
			return nearBefore
		}
		return nearer
	case seen > d:
		return unknownRefuser // ways that differ
	}
	open := distance(s.answerTTL(goal.port))
	switch {
	case born == 0 || open == 0:
		return likeDestination
	case born == open:
		return destination
	case born == seen-1:
		return otherDevice
	}
	return likeDestination
}

// spokenFor tells whether even open ports beyond this link answer where packets
// end at the first hop: a virtual machine's or a container's way out makes all
// connects itself, and passes on what became of them. One that lets other
// packets expire there takes some ports only.
func (v *view) spokenFor() bool {
	return slices.ContainsFunc(v.trails, func(t *trail) bool { return t.end.State == result.Open && t.end.TTL == 1 && !v.near(t.to) })
}

// refuserAlone is the same without a port of the address that is open: a host
// of its network tells the distance too.
func (s *symptom) refuserAlone(seen, born int) refuser {
	mate := s.goal()
	switch {
	case mate != nil && mate.end.TTL > seen && born == seen-1:
		return otherDevice
	case born == 0:
		return unknownRefuser
	case born == seen-1:
		return unlikeAlone
	case born != seen:
		return unknownRefuser
	case mate != nil && mate.end.TTL == seen:
		return destination
	}
	return plainAlone
}

// refuserUnswept goes by the TTLs of the refusal and of an open port's answer
// alone.
func (s *symptom) refuserUnswept() refuser {
	born, open := s.bornAt(s.ports), s.bornAt(s.view.open[s.addr])
	switch {
	case born == 0 || open == 0:
		return unknownRefuser
	case born == open:
		return destination
	case born == open-1:
		return nearBefore
	case born < open:
		return otherDevice
	}
	return unknownRefuser
}

// refusalSwept tells whether a sweep met the refusal. Without one, a refusal
// from just before the destination may well be that of its own entrance.
func refusalSwept(s *symptom) bool {
	t := s.trail()
	return t != nil && t.end.TTL > 0
}

// bornAt is from how many hops away an answer of any of these ports came, 0 if
// not known.
func (s *symptom) bornAt(ports portset.Set) int {
	for _, f := range s.view.followups {
		if (f.Name == followedAnswer || f.Name == followedNmap && f.Proto == "tcp") && f.Address == s.addr.String() && ports.Overlaps(portset.Set{{First: uint16(f.Port), Last: uint16(f.Port)}}) {
			if d := distance(s.answerTTL(f.Port)); d > 0 {
				return d
			}
		}
	}
	return 0
}

// answerTTL is the TTL with which a port of the symptom's address answers, 0 if
// not known.
func (s *symptom) answerTTL(port int) int {
	if f := s.view.followed(followedAnswer, result.Subject{Address: s.addr.String(), Port: port}); f != nil {
		for i := range f.Steps {
			if ev := f.Steps[i].Evidence; ev != nil && ev.AnswerTTL > 0 {
				return ev.AnswerTTL
			}
		}
	}
	return s.ttlByNmap(port)
}

func refusedBy(who ...refuser) cond {
	return func(s *symptom) bool {
		got := s.refuser()
		for _, w := range who {
			if got == w {
				return true
			}
		}
		return false
	}
}

// atResetter is the device that sent the RST: a router answers for others once
// it has let the packet in, so that it is first seen one hop further.
func atResetter(s *symptom) *result.Place {
	t := s.trail()
	if t == nil || t.end.TTL == 0 {
		return s.placeAtHop(s.bornAt(s.ports))
	}
	seen := t.end.TTL
	hop := seen - 1
	switch born := distance(s.answerTTL(t.port)); {
	case seen == 1, born == seen:
		hop = seen
	case born != seen-1 && born > 0 && born < seen:
		hop = born
	case born == 0:
		return s.aroundHop(seen)
	}
	return s.placeAtHop(hop)
}

// placeAtHop is the device at a hop of the way, if a sweep there or to the
// destination's network met it, else around there.
func (s *symptom) placeAtHop(hop int) *result.Place {
	for _, k := range s.sharing() {
		if a, ok := k.at(hop); ok {
			return &result.Place{Address: a.String(), Hop: hop, Owner: s.ownerAt(a, hop)}
		}
	}
	if g := s.view.gatewayFor(s.addr); hop == 1 && g.IsValid() {
		return &result.Place{Address: g.String(), Hop: hop, Owner: result.Gateway}
	}
	return s.aroundHop(hop + 1)
}

// sharing are the trails that show the way of the symptom: its own first.
func (s *symptom) sharing() []*trail {
	var ts []*trail
	if t := s.trail(); t != nil {
		ts = append(ts, t)
	}
	if g := s.goal(); g != nil {
		ts = append(ts, g)
	}
	return append(ts, s.further()...)
}

// aroundHop is at the router before a hop, or at the one there.
func (s *symptom) aroundHop(hop int) *result.Place {
	p := &result.Place{Between: []string{s.local(), unknownPlace}, Hop: hop - 1, Owner: result.UnknownOwner}
	for _, k := range s.sharing() {
		if a, ok := k.at(hop - 1); ok && p.Owner == result.UnknownOwner {
			p.Between[0], p.Owner = a.String(), s.ownerAt(a, hop-1)
		}
		if a, ok := k.at(hop); ok && p.Between[1] == unknownPlace {
			p.Between[1] = a.String()
		}
	}
	return p
}

// atDestination is the destination itself, with its distance.
func atDestination(s *symptom) *result.Place {
	p := atTarget(s)
	if t := s.trail(); t != nil && t.end.TTL > 0 && p != nil && p.Hop == 0 {
		p.Hop = t.end.TTL
	} else if p != nil && p.Hop == 0 {
		p.Hop = s.bornAt(s.ports)
	}
	return p
}

// nearDestination is at the last router before the destination, or there.
func nearDestination(s *symptom) *result.Place {
	p := s.aroundHop(s.trail().end.TTL)
	p.Between[1], p.Owner = s.addr.String(), result.Destination
	return p
}

// liesBeyond tells whether the address is known to be beyond the first router:
// it may be another address of that router's own.
func liesBeyond(s *symptom) bool {
	return slices.ContainsFunc(s.view.trails, func(t *trail) bool { return t.to == s.addr && (t.last > 0 || t.end.TTL > 1) })
}
