package diagnosis

import (
	"net/netip"
	"slices"
	"time"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// The follow-ups that tell of the path, by name, and what they record.
const (
	followedSweep  = "sweep"
	followedAnswer = "answer"

	factSeen = "seen"
)

// trail is how far packets to a port got, as a sweep showed.
type trail struct {
	to    netip.Addr
	port  int
	proto string
	hops  []result.Hop  // by TTL
	last  int           // the highest TTL with which a packet expired; 0: none did
	end   result.Hop    // who answered for the port; its TTL is 0 if nobody did
	quiet bool          // nobody was heard of beyond the last
	again time.Duration // how long the end was left alone before it was asked once more; 0: not known
}

// learnPath takes from a follow-up how far packets got.
func (v *view) learnPath(f *result.Followup) {
	a, ok := address(f.Address)
	if f.Name != followedSweep || !ok {
		return
	}
	for i := range f.Steps {
		if ev := f.Steps[i].Evidence; ev != nil && len(ev.Hops) > 0 {
			t := trailOf(a, f.Port, f.Proto, ev.Hops)
			if ms, ok := num(&f.Steps[i], factAskedAgain); ok {
				t.again = time.Duration(ms) * time.Millisecond
			}
			v.trails = append(v.trails, t)
			return
		}
	}
}

func trailOf(to netip.Addr, port int, proto string, hops []result.Hop) *trail {
	t := &trail{to: to, port: port, proto: proto, hops: slices.Clone(hops)}
	if t.proto == "" {
		t.proto = "tcp"
	}
	slices.SortStableFunc(t.hops, func(a, b result.Hop) int { return a.TTL - b.TTL })
	for _, h := range t.hops {
		switch h.State {
		case result.Expired:
			if t.end.TTL == 0 {
				t.last = h.TTL
			}
		case result.Open, result.Closed, result.Rejected:
			if t.end.TTL == 0 {
				t.end = h
			}
		}
	}
	t.quiet = t.end.TTL == 0 && len(t.hops) > 0 && t.hops[len(t.hops)-1].TTL > t.last
	return t
}

// at is the device at a hop, where it said so.
func (t *trail) at(ttl int) (netip.Addr, bool) {
	for _, h := range t.hops {
		if h.TTL == ttl && h.State == result.Expired {
			return address(h.From)
		}
	}
	return netip.Addr{}, false
}

// next is the first device beyond a hop that said where it is.
func (t *trail) next(ttl int) (netip.Addr, bool) {
	for k := ttl + 1; k <= t.last; k++ {
		if a, ok := t.at(k); ok {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// reach is how far the packets of a trail are known to have got: to who
// answered, else to the last router.
func (t *trail) reach() int { return max(t.last, t.end.TTL) }

// loops are two routers that send packets to each other.
func (t *trail) loops() (a, b netip.Addr, hop int, ok bool) {
	for ttl := 1; ttl+3 <= t.last; ttl++ {
		a, ok1 := t.at(ttl)
		b, ok2 := t.at(ttl + 1)
		c, ok3 := t.at(ttl + 2)
		d, ok4 := t.at(ttl + 3)
		if ok1 && ok2 && ok3 && ok4 && a == c && b == d && a != b {
			return a, b, ttl, true
		}
	}
	return a, b, 0, false
}

// trail is the sweep of the symptom's port.
func (s *symptom) trail() *trail {
	if s.lent != nil {
		return s.lent
	}
	if !s.addr.IsValid() {
		return nil
	}
	for _, t := range s.view.trails {
		if t.to == s.addr && t.proto == s.proto && contains(s, t.port) {
			return t
		}
	}
	return nil
}

// contains tells whether a port is one that the symptom showed.
func contains(s *symptom, port int) bool {
	return port > 0 && port < 1<<16 && slices.ContainsFunc(s.ports, func(r portset.Range) bool {
		return int(r.First) <= port && port <= int(r.Last)
	})
}

// sameNetwork tells whether two addresses are so near to each other that the
// way to both is the same, but for its end.
func sameNetwork(a, b netip.Addr) bool {
	bits := 24
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	return err == nil && a.Is4() == b.Is4() && p.Contains(b)
}

// goal is the control that shows how far the destination is: a port of the same
// address that is open, else one of its network.
func (s *symptom) goal() *trail {
	var same, mate *trail
	for _, t := range s.view.trails {
		switch {
		case t.end.State != result.Open || s.view.near(t.to):
		case t.to == s.addr:
			if same == nil || t.end.TTL > same.end.TTL {
				same = t // one that answers nearer may be a proxy's
			}
		case mate == nil && sameNetwork(t.to, s.addr):
			mate = t
		}
	}
	if same != nil {
		return same
	}
	return mate
}

// sameGoal is the control, if it is of the very address.
func (s *symptom) sameGoal() *trail {
	if g := s.goal(); g != nil && g.to == s.addr {
		return g
	}
	return nil
}

// further are the controls of the same family that went by the same device, or
// came through at the same hop, and got further.
func (s *symptom) further() []*trail {
	t := s.trail()
	if t == nil {
		return nil
	}
	var ts []*trail
	here, known := t.at(t.last)
	for _, k := range s.view.trails {
		if k.end.State != result.Open || k.to.Is4() != s.addr.Is4() || k.reach() <= t.last || s.view.near(k.to) {
			continue
		}
		if there, ok := k.at(t.last); t.last > 0 && known && ok && there != here {
			continue // another way
		}
		ts = append(ts, k)
	}
	return ts
}

// stopped is how the way of a silent port ends.
type stopped int

const (
	notSwept    stopped = iota // or seen too little of
	cameThrough                // the port answered this time
	goesRound                  // two routers send it to each other
	atStart                    // not even the first router saw it, which others showed
	onTheWay                   // before the destination, since a control to there got further
	onTheTrunk                 // where controls to elsewhere got further, and a way to there must lead
	maybeHere                  // where controls to elsewhere got further
	atTheEnd                   // as far as the last router before the destination
	somewhere                  // after some routers, without a control
)

// stops says how the way ends.
func (s *symptom) stops() stopped {
	t := s.trail()
	if t == nil || s.view.near(s.addr) {
		return notSwept
	}
	if _, _, _, round := t.loops(); round {
		return goesRound
	}
	if t.end.State == result.Open {
		return cameThrough
	}
	if !t.quiet {
		if g := s.sameGoal(); g != nil && t.last > 0 && t.end.TTL == 0 && t.last == s.entranceOf(g)-1 {
			return atTheEnd // there was no time to ask more, and nobody left to ask but the host
		}
		return notSwept
	}
	goal, further := s.goal(), s.further()
	if t.last == 0 {
		if !reluctant(s) && slices.ContainsFunc(further, func(k *trail) bool { return k.firstHop() }) {
			return atStart
		}
		return notSwept
	}
	switch {
	case goal != nil && slices.Contains(further, goal):
		switch {
		case t.last >= s.entranceOf(goal)-1:
			return atTheEnd
		case t.last >= goal.last || reluctant(s):
			return maybeHere // what lies beyond says nothing of the control either
		}
		return onTheWay
	case s.onTrunk(t, further):
		return onTheTrunk
	case len(further) > 0:
		return maybeHere
	}
	return somewhere
}

// entranceOf is at which TTL a control reaches what bears the destination's
// address: the host, or a router of its own that has the address and passes on
// what it is told to.
func (s *symptom) entranceOf(goal *trail) int {
	for _, h := range goal.hops {
		if a, ok := goal.at(h.TTL); ok && a == s.addr {
			return h.TTL
		}
	}
	return goal.end.TTL
}

// firstHop tells whether the first router was heard of.
func (t *trail) firstHop() bool {
	return len(t.hops) > 0 && t.hops[0].TTL == 1 && t.hops[0].State == result.Expired
}

// onTrunk tells whether the way ends within the shop's own network while that
// of others leads on to a router that all of them share: a public address lies
// behind it too.
func (s *symptom) onTrunk(t *trail, further []*trail) bool {
	here, ok := t.at(t.last)
	if !ok || !private(here) || private(s.addr) || len(further) == 0 {
		return false
	}
	next, ok := further[0].next(t.last)
	return ok && !slices.ContainsFunc(further, func(k *trail) bool {
		other, ok := k.next(t.last)
		return ok && other != next
	})
}

// private tells the addresses of a site.
func private(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsLoopback()
}

var sharedSpace = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598: a provider's own

// hopOf is at which hop a device is, 0 if not known: as a sweep saw it, else by
// the TTL with which its message came.
func (v *view) hopOf(a netip.Addr, m *result.ICMP) int {
	for _, t := range v.trails {
		for _, h := range t.hops {
			if from, ok := address(h.From); ok && from == a && h.State == result.Expired {
				return h.TTL
			}
		}
	}
	if m != nil && m.TTL > 0 {
		return distance(m.TTL)
	}
	return 0
}

// distance is from how many hops away a packet came that arrived with a TTL:
// systems begin with 64, 128 or 255. It is 0 where that can't be told.
func distance(ttl int) int {
	const plausible = 32
	for _, begin := range []int{64, 128, 255} {
		if d := begin - ttl + 1; ttl <= begin {
			if d <= plausible {
				return d
			}
			break
		}
	}
	return 0
}
