package diagnosis

import (
	"slices"

	"netcheck/report/result"
)

// Where, as it was seen from outside. Hops are not counted: they would be
// counted from the helper.

// shopRouter is whose the device with the public address is: the gateway's, if
// nothing stands in between.
func (s *symptom) shopRouter() result.Owner {
	w, told := s.view.wanOf(s.in.seen)
	switch {
	case told && w.address != s.in.seen && s.view.cameIn:
		return result.UnknownOwner
	case told && private(w.address):
		return result.Site
	case told && w.address != s.in.seen:
		return result.Provider
	case straightLine(s):
		return result.Gateway
	}
	return result.UnknownOwner
}

// atShopRouter is the device with the public address, which answered.
func atShopRouter(s *symptom) *result.Place {
	return &result.Place{Address: s.in.seen.String(), Owner: s.shopRouter()}
}

// behindRouter is what the router hands calls on to.
func behindRouter(s *symptom) *result.Place {
	return &result.Place{Between: []string{s.in.seen.String(), s.target()}, Owner: result.Site}
}

// nearRouter is that device or what it hands calls on to.
func nearRouter(s *symptom) *result.Place {
	p := whereCallEnds(s)
	if s.in.to != nil && s.in.to.end.TTL > 0 {
		p = &result.Place{Between: []string{s.in.seen.String(), unknownPlace}, Owner: result.UnknownOwner}
	}
	return p
}

// target is where the service is, for the far end of an interval.
func (s *symptom) target() string {
	if a := s.in.inside().Addr(); a.IsValid() {
		return a.String()
	}
	return unknownPlace
}

// whereCallEnds is between the last router that let the call pass and what
// comes next: the shop's own, where that is the next.
func whereCallEnds(s *symptom) *result.Place {
	p := &result.Place{Between: []string{unknownPlace, s.in.seen.String()}, Owner: result.UnknownOwner}
	t := s.in.to
	if t == nil {
		return p
	}
	last, ttl := furthest(t)
	if k := s.in.past; sameEnd(s) {
		if a, further := furthest(k); further > ttl {
			last, ttl = a, further
		}
	}
	if ttl == 0 {
		return p
	}
	p.Between[0] = last.String()
	if last == s.in.seen {
		p.Between[1], p.Owner = s.target(), result.Site
		return p
	}
	if k := s.in.past; k != nil {
		if next, ok := k.next(ttl); ok && next != s.in.seen {
			p.Between[1], p.Owner = next.String(), result.Provider
		}
	}
	return p
}

// wayBack is between this machine and the outside.
func wayBack(s *symptom) *result.Place {
	return &result.Place{Between: []string{s.target(), unknownPlace}, Owner: result.UnknownOwner}
}

// atRejecter is the device that sent the ICMP message, as the helper saw it. On
// the way to the shop it is the provider's, if nothing but the shop's own router
// comes after it.
func atRejecter(s *symptom) *result.Place {
	a, ok := s.sender()
	if !ok {
		return whereCallEnds(s)
	}
	p := &result.Place{Address: a.String(), Owner: result.UnknownOwner}
	for _, t := range []*trail{s.in.past, s.in.to} {
		if t == nil {
			continue
		}
		if i := slices.IndexFunc(t.hops, func(h result.Hop) bool { return h.State == result.Expired && h.From == a.String() }); i >= 0 && t.hops[i].TTL > 1 {
			p.Owner = result.Provider
		}
	}
	return p
}

// atGateway is this machine's gateway, which said so.
func atGateway(s *symptom) *result.Place {
	w, _ := s.view.wanOf(s.in.seen)
	gw := w.gateway
	if !gw.IsValid() {
		gw = s.view.gatewayFor(s.in.seen)
	}
	if !gw.IsValid() {
		return &result.Place{Owner: result.Gateway}
	}
	return s.placeOf(gw)
}

// atForestaller is the device before the shop's router at which a call is
// answered, as the call for control shows.
func atForestaller(s *symptom) *result.Place {
	a, _ := s.in.forestaller()
	return &result.Place{Address: a.String(), Owner: result.Provider}
}
