package diagnosis

import (
	"net/netip"
	"slices"

	"netcheck/report/result"
)

// answerer is who answered a call from outside, as far as its distance tells.
type answerer int

const (
	byNobody   answerer = iota
	bySomebody          // it can't be told
	byRouter            // the device that has the public address
	byInside            // a machine behind that device
	byOther             // a device before it
)

// answerer tells whose an answer is. A packet that ends its life at the device
// with the public address was on its way through it; one that is answered one
// hop after another router went no further than there.
func (in *inward) answerer() answerer {
	switch in.state() {
	case result.Open, result.Closed, result.Rejected:
	default:
		return byNobody
	}
	t := in.to
	if t == nil || t.end.TTL == 0 {
		return bySomebody
	}
	if in.passed(t) > 0 {
		return byInside
	}
	if _, nearer := in.forestaller(); nearer {
		return byOther
	}
	before, known := t.at(t.end.TTL - 1)
	same := in.past != nil && in.past.end.TTL == t.end.TTL
	switch {
	case known && before.IsValid():
		return byRouter
	case in.past != nil && in.past.end.TTL > 0 && in.past.end.TTL < t.end.TTL && in.passed(in.past) == 0:
		return byInside // of the two the other was answered nearer
	case same && in.past.end.State == result.Closed && in.state() == result.Closed:
		return byRouter // whoever it is, it refuses whatever it is asked
	}
	return bySomebody
}

// forestaller is the router at which a call is answered, where one to another
// port goes on from there.
func (in *inward) forestaller() (netip.Addr, bool) {
	if in.to == nil || in.past == nil || in.to.end.TTL == 0 || in.state() == result.Rejected {
		return netip.Addr{}, false
	}
	a, ok := in.past.at(in.to.end.TTL)
	return a, ok && a != in.seen
}

// alsoRefuses tells whether the port of which nobody knows is answered by the
// same device, at the same distance and with the same TTL: what the device does
// with the call it does with others too.
func (in *inward) alsoRefuses() bool {
	if in.past == nil || in.to == nil || in.past.end.TTL == 0 || in.past.end.TTL != in.to.end.TTL {
		return false
	}
	a, b := ttlOf(in.call), ttlOf(in.control)
	return a == 0 || b == 0 || distance(a) == distance(b)
}

func ttlOf(s *result.Step) int {
	if s.Evidence == nil {
		return 0
	}
	return s.Evidence.AnswerTTL
}

// passed is how many devices with the shop's own public address let packets of
// a trail pass: a router behind another one shows that same address to the
// outside, as its messages are translated.
func (in *inward) passed(t *trail) int {
	n := 0
	for _, h := range t.hops {
		if from, ok := address(h.From); ok && h.State == result.Expired && from == in.seen && (t.end.TTL == 0 || h.TTL < t.end.TTL) {
			n++
		}
	}
	return n
}

// passesBoth tells whether the call got past two routers of the shop.
func (in *inward) passesBoth() bool { return in.to != nil && in.passed(in.to) >= 2 }

// goesIn tells whether the call got past the device with the public address.
func (in *inward) goesIn() bool { return in.to != nil && in.passed(in.to) > 0 }

// furthest is the last router that let the packets of a trail pass.
func furthest(t *trail) (netip.Addr, int) {
	for ttl := t.last; ttl > 0; ttl-- {
		if a, ok := t.at(ttl); ok {
			return a, ttl
		}
	}
	return netip.Addr{}, 0
}

// Conditions of the rules about calls.

func called(states ...result.State) cond {
	return func(s *symptom) bool { return slices.Contains(states, s.in.state()) }
}

func answeredBy(who ...answerer) cond {
	return func(s *symptom) bool { return slices.Contains(who, s.in.answerer()) }
}

func proof(kinds ...string) cond {
	return func(s *symptom) bool { return slices.Contains(kinds, s.in.proof()) }
}

func sameForAll(s *symptom) bool      { return s.in.alsoRefuses() }
func stoodIn(s *symptom) bool         { return s.in.held() }
func inwardListens(s *symptom) bool   { return s.in.listens() }
func strangersOut(s *symptom) bool    { return s.in.allowList() }
func inwardDirect(s *symptom) bool    { return s.in.direct() }
func elsewhereInside(s *symptom) bool { return !s.in.here() }
func getsIn(s *symptom) bool          { return s.in.goesIn() }
func pastBoth(s *symptom) bool        { return s.in.passesBoth() }

func noMoreRouters(s *symptom) bool {
	n, known := s.in.further()
	return known && n == 0
}

func callSwept(s *symptom) bool { return s.in.to != nil }

// watched tells whether a connection to what listens here would have been seen.
func watched(s *symptom) bool {
	in := s.in
	switch {
	case in.held():
		return true
	case str(in.call, factEnded) == "reset":
		return false // of which nothing is left to be seen
	case str(in.sockets, factListener) == "" && (in.crossed() == 0 || in.to == nil || in.to.end.TTL == 0):
		return false // it may hold the port for a container, and from how far away the answer came is not known
	}
	return in.listens() && in.here() && in.readable() && !in.heldForOthers() && in.check.Verdict == result.Fail
}

// farther tells whether the answer came from farther away than this machine is:
// from a container or a virtual machine behind it, perhaps of its own, or from
// behind another router.
func farther(s *symptom) bool {
	crossed, t := s.in.crossed(), s.in.to
	return crossed > 0 && t != nil && t.end.TTL > crossed+1
}

// nearerThanHere tells whether it came from nearer: then it is another machine.
func nearerThanHere(s *symptom) bool {
	crossed, t := s.in.crossed(), s.in.to
	return crossed > 0 && t != nil && t.end.TTL > 0 && t.end.TTL <= crossed
}

// atHelper tells whether a call seems to have ended where it began: the
// helper's own system rejected it, or it was answered at the first router or
// none beyond that was heard of, while a call to another port went on.
func atHelper(s *symptom) bool {
	t, k := s.in.to, s.in.past
	if t == nil {
		return false
	}
	for _, h := range t.hops {
		if a, ok := address(h.From); ok && h.State == result.Rejected && a == s.in.helperFrom() {
			return true
		}
	}
	return k != nil && t.end.TTL <= 1 && t.last <= 1 && k.last > t.last
}

// nothingHeard tells whether not one device was heard of calls to two ports: the
// helper itself may not get them out, or hear nobody.
func nothingHeard(s *symptom) bool {
	t, k := s.in.to, s.in.past
	return t != nil && k != nil && t.reach() == 0 && k.reach() == 0
}

// atInnerRouter tells whether a call got past the router with the public
// address and not past another one behind it.
func atInnerRouter(s *symptom) bool {
	n, known := s.in.further()
	if !known || n == 0 || !s.in.goesIn() {
		return false
	}
	if t := s.in.to; t.end.TTL > 0 {
		return t.end.TTL <= s.in.crossed()
	}
	return s.in.passed(s.in.to) <= n
}

// reachedUnanswered tells whether the call came in here all the same: a
// datagram, or the first packet of a connection from just where the helper
// called.
func reachedUnanswered(s *symptom) bool {
	if s.in.proto() == "udp" {
		return str(s.in.stood, factCameIn) != ""
	}
	from := s.in.helperFrom()
	return slices.ContainsFunc(texts(s.in.connections, factHalfOpen), func(t string) bool {
		a, ok := address(t)
		return ok && a == from
	})
}

// controlFurther tells whether the call to another port, which was answered, got
// past a router that this one did not get to.
func controlFurther(s *symptom) bool {
	t, k := s.in.to, s.in.past
	if t == nil || k == nil || k.end.TTL == 0 {
		return false
	}
	_, gone := furthest(t)
	_, more := furthest(k)
	return more > gone && t.last < more
}

// controlAnswered tells whether the device with the public address answered for
// another port.
func controlAnswered(s *symptom) bool { return s.in.past != nil && s.in.past.end.TTL > 0 }

// sameEnd tells whether the calls to this port and to another were both silent,
// and neither got past the public address. Routers answer only so many packets:
// a hop that one of the two did not show says nothing.
func sameEnd(s *symptom) bool {
	t, k := s.in.to, s.in.past
	return t != nil && k != nil && t.end.TTL == 0 && k.end.TTL == 0 && !s.in.goesIn() && s.in.passed(k) == 0
}

// routerCounts tells whether the refusal or answer is the router's own for all
// that packets tell: it treats an unused port alike, at the same distance, and
// it does count hops, as this machine's own packets show outside. One that does
// not makes what stands behind it look as near as itself.
func routerCounts(s *symptom) bool { return s.in.alsoRefuses() && noMoreRouters(s) }

// fromInside tells whether an ICMP message came from an address of the inside.
func fromInside(s *symptom) bool {
	a, ok := s.sender()
	return ok && private(a)
}

// beforeShop tells whether whoever sent an ICMP message let packets of a call
// pass before: it stands before the shop's router, and is none of its other
// addresses.
func beforeShop(s *symptom) bool { return atRejecter(s).Owner == result.Provider }

// fromShopRouter tells whether an ICMP message came from the address that was called.
func fromShopRouter(s *symptom) bool {
	a, ok := s.sender()
	return ok && a == s.in.seen
}

// mappedElsewhere tells whether the gateway says that it leads the port to
// another machine or port.
func mappedElsewhere(s *symptom) bool {
	return s.in.mapping.IsValid() && s.in.mapping != s.in.inside() && s.in.inside().Addr().IsValid()
}

// mappedRight tells whether it says that it leads it where it must.
func mappedRight(s *symptom) bool { return s.in.mapping.IsValid() && s.in.mapping == s.in.inside() }

// seenNowhere tells whether it was looked for at every port of this machine, and
// could not have been handed on unseen.
func seenNowhere(s *symptom) bool {
	in := s.in
	return str(in.connections, factWholeTable) == "true" && str(in.call, factEnded) == "" && in.readable() && in.crossed() > 0 && !farther(s)
}

// arrivedElsewhere tells whether the very call was seen at another port of this
// machine.
func arrivedElsewhere(s *symptom) bool { return str(s.in.call, factArrivedAt) != "" }
