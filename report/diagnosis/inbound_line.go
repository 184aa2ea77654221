package diagnosis

import (
	"cmp"
	"net/netip"
	"slices"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// wan is what a gateway said of its own address towards the internet.
type wan struct {
	protocol string
	gateway  netip.Addr
	address  netip.Addr
	device   string
}

// learnInbound takes from an inbound check what it tells of the line. To the
// outward rules its steps are no controls: the service inside, the shop's own
// public address and whoever answers there say nothing of the way out; but the
// helper that answered as only it can has been reached.
func (v *view) learnInbound(c *result.Check) {
	in := inwardOf(v, c)
	v.cameIn = v.cameIn || in.arrived()
	for i := range c.Steps {
		s := &c.Steps[i]
		if peer, ok := address(peerOf(c, s)); ok && s.Op == result.OpQuery {
			v.learnQuery(c, s, peer)
		}
		v.noWAN = v.noWAN || s.Op == result.OpWAN && str(s, factNone) == "true"
		a, ok := address(str(s, factWANAddress))
		if s.Op != result.OpWAN || s.Failure != "" || !ok || str(s, factWANProtocol) == "stun" {
			continue
		}
		w := wan{protocol: str(s, factWANProtocol), address: a, device: str(s, factWANDevice)}
		w.gateway, _ = address(str(s, factWANGateway))
		if !slices.Contains(v.wans, w) {
			v.wans = append(v.wans, w)
		}
	}
	if in.helper == nil {
		return
	}
	if f := in.helper.Failure; f != "" {
		// checks that only heard of it, from the one that asked for all, have no
		// more than that
		if at := (asked{c, innermost(c, in.helperAt)}); at.step != in.helper {
			if _, known := v.lost[f]; !known {
				v.lost[f] = at
			}
		}
		return
	}
	for i := range c.Steps {
		s := &c.Steps[i]
		if within(c, s, result.OpVantage) && s.Op == result.OpConnect && s.Failure == "" && s.Via == "" {
			if peer, ok := address(peerOf(c, s)); ok {
				v.accepted(cmp.Or(in.helperHost(), peer.String()), peer, portset.Parse(portOf(c, s)))
			}
		}
	}
}

// within tells whether a step is nested in one of an operation.
func within(c *result.Check, s *result.Step, op result.Op) bool {
	return slices.ContainsFunc(ancestry(c, s), func(a *result.Step) bool { return a.Op == op && a != s })
}

// wanOf is what a gateway of this machine says of the family of an address,
// else any device of the link.
func (v *view) wanOf(seen netip.Addr) (wan, bool) {
	var found wan
	for _, w := range v.wans {
		if seen.IsValid() && w.address.Is4() != seen.Is4() {
			continue
		}
		if v.isGateway(w.gateway) {
			return w, true
		}
		if !found.address.IsValid() {
			found = w
		}
	}
	return found, found.address.IsValid()
}

// toldOfLine tells whether a gateway said by its own address that no call can
// come straight to it.
func (v *view) toldOfLine(seen netip.Addr) bool {
	w, ok := v.wanOf(seen)
	return ok && w.address.Is4() && (translated(w.address) || seen.IsValid() && w.address != seen)
}

// translated tells whether an address is none of the internet's.
func translated(a netip.Addr) bool { return private(a) || sharedSpace.Contains(a) }

func wanShared(s *symptom) bool {
	w, ok := s.view.wanOf(s.in.seen)
	return ok && sharedSpace.Contains(w.address)
}

func wanPrivate(s *symptom) bool {
	w, ok := s.view.wanOf(s.in.seen)
	return ok && private(w.address)
}

// wanOfShop tells whether its address is one that routers of shops and homes
// give to what stands behind them, and providers hardly do.
func wanOfShop(s *symptom) bool {
	w, ok := s.view.wanOf(s.in.seen)
	return ok && netip.MustParsePrefix("192.168.0.0/16").Contains(w.address)
}

// wanByGateway tells whether it was this machine's own gateway that said so.
func wanByGateway(s *symptom) bool {
	w, ok := s.view.wanOf(s.in.seen)
	return ok && s.view.isGateway(w.gateway)
}

// wanIsSeen tells whether the gateway itself has the address that the outside
// sees: nobody translates addresses beyond it.
func wanIsSeen(s *symptom) bool {
	w, ok := s.view.wanOf(s.in.seen)
	return ok && s.in.seen.IsValid() && w.address == s.in.seen
}

// straightLine tells whether calls can come to the gateway: it has the address
// that the outside sees, another port was reached, or this machine stands no
// further in than that address.
func straightLine(s *symptom) bool {
	n, known := s.in.further()
	return wanIsSeen(s) || s.view.cameIn || known && n == 0
}

// wanNone tells whether the gateway says that it has no address towards the
// internet, as many do that have a private one.
func wanNone(s *symptom) bool {
	_, told := s.view.wanOf(s.in.seen)
	return s.view.noWAN && !told
}

// hopShared is a router on the way out that has an address of a provider's
// shared line.
func hopShared(s *symptom) (netip.Addr, int) {
	return s.hopOut(func(a netip.Addr, ttl int) bool { return sharedSpace.Contains(a) })
}

// hopPrivate is a router beyond the first one that has a private address, with
// none of the internet's nearer.
func hopPrivate(s *symptom) (netip.Addr, int) {
	return s.hopOut(func(a netip.Addr, ttl int) bool {
		return ttl > 1 && private(a) && !s.view.onLink(a) && !s.view.beyondPublic(a, ttl)
	})
}

func (s *symptom) hopOut(is func(netip.Addr, int) bool) (netip.Addr, int) {
	const near = 4 // what lies beyond is the provider's own affair
	for _, t := range s.view.trails {
		if private(t.to) || t.to.Is4() != s.in.seen.Is4() {
			continue
		}
		for ttl := 1; ttl <= min(t.last, near); ttl++ {
			if a, ok := t.at(ttl); ok && is(a, ttl) {
				return a, ttl
			}
		}
	}
	return netip.Addr{}, 0
}

// A router that calls get past has nothing to do with where they end.

func sharedHop(s *symptom) bool {
	_, ttl := hopShared(s)
	not, known := s.in.notPassed(ttl)
	return ttl > 0 && (not || !known)
}

func privateHop(s *symptom) bool {
	_, ttl := hopPrivate(s)
	not, known := s.in.notPassed(ttl)
	return ttl > 0 && (not || !known)
}

// endsThere tells whether calls are known to get no further than to a router on
// the way out that has a private address.
func endsThere(s *symptom) bool {
	_, ttl := hopPrivate(s)
	not, known := s.in.notPassed(ttl)
	return ttl > 0 && not && known
}

// crossed is how many routers this machine's packets cross on their way to the
// helper, by the TTL with which they arrive there; 0 where that can't be told.
func (in *inward) crossed() int {
	if in.helper == nil {
		return 0
	}
	ttl, _ := num(in.helper, factCallerTTL)
	if ttl <= 0 {
		return 0
	}
	return max(0, distance(int(ttl))-1)
}

// outermost is how many routers let calls pass before they ended.
func (in *inward) outermost() int {
	last := 0
	for _, t := range []*trail{in.to, in.past} {
		if t != nil {
			last = max(last, t.last)
		}
	}
	return last
}

// further is how many routers there are behind the one with the public address:
// those that this machine's packets cross, without those that are before it. It
// is at the distance at which it answers, or comes after the last router but one
// if calls get that far.
func (in *inward) further() (routers int, known bool) {
	crossed, at := in.crossed(), 0 // the hop at which the public address is
	switch {
	case in.direct():
		return 0, false
	case in.goesIn():
		at = in.publicHop()
	case in.past != nil && in.past.end.TTL > 0 && in.passed(in.past) == 0 && in.past.end.State == result.Closed:
		at = in.past.end.TTL
	case in.to != nil && in.answerer() == byRouter:
		at = in.to.end.TTL
	case in.state() == result.Filtered && !in.goesIn() && in.outermost() == crossed-1:
		at = crossed
	}
	if crossed == 0 || at == 0 || crossed < at {
		return 0, false // ways that differ, or hops that are not counted
	}
	return crossed - at, true
}

// publicHop is how far from the helper the public address let a call pass.
func (in *inward) publicHop() int {
	for ttl := 1; ttl <= in.to.last; ttl++ {
		if a, ok := in.to.at(ttl); ok && a == in.seen {
			return ttl
		}
	}
	return 0
}

// notPassed tells whether no call got as far as a router on the way out, counted
// from this machine; and whether that is known.
func (in *inward) notPassed(hop int) (not, known bool) {
	crossed := in.crossed()
	return crossed-in.outermost() >= hop, crossed > 0 && in.to != nil
}

func moreRouters(s *symptom) bool {
	n, known := s.in.further()
	return known && n > 0
}

// keptOut tells whether the call got no further than to the device with the
// public address.
func keptOut(s *symptom) bool {
	return s.in.state() == result.Filtered && !s.in.goesIn() || s.in.answerer() == byRouter && s.in.state() != result.Open
}
