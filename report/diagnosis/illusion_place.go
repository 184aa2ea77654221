package diagnosis

import (
	"cmp"
	"net/netip"
	"strings"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// atFirstHop tells whether it is the first device that accepts, and no program
// of this machine.
func atFirstHop(s *symptom) bool {
	looked, _ := s.view.ownHand(s.addr)
	return s.accepter() == 1 && looked
}

// ownHand tells whether it was looked for a program of this machine that
// accepts connects to others, and whether there is one: where that is not known
// of an address, another's stands for it.
func (v *view) ownHand(addr netip.Addr) (looked, here bool) {
	if o := v.origins[addr]; o != nil && o.looked {
		return true, o.here
	}
	for _, o := range v.origins {
		looked, here = looked || o.looked, here || o.here
	}
	return looked, here
}

// accepter is the hop by which the symptom's connects are accepted nearer than
// the host is; 0 if they are not.
func (s *symptom) accepter() int {
	_, hop := s.accepted()
	return hop
}

// accepted is the last hop that let the symptom's connects pass, and the one
// by which they were accepted.
func (s *symptom) accepted() (after, hop int) {
	o := s.view.origins[s.addr]
	if o == nil {
		return 0, 0
	}
	for port, ttl := range o.near {
		if ttl == 0 || !o.all() && (o.takenBy(port) == 0 || !s.ports.Overlaps(portset.Set{{First: uint16(port), Last: uint16(port)}})) {
			continue
		}
		if hop == 0 || ttl < hop {
			hop = ttl
		}
		if p := o.passed[port]; p < ttl {
			after = max(after, p)
		}
	}
	if o.all() && o.nearest > 0 && (hop == 0 || o.nearest < hop) {
		hop = o.nearest
	}
	return min(after, max(hop-1, 0)), hop
}

// accepterAt is the device at that hop, as a packet named it that it let pass:
// of this address, else at the first hop of any.
func (s *symptom) accepterAt(hop int) (netip.Addr, bool) {
	if a, ok := s.view.origins[s.addr].devices[hop]; ok {
		return a, true
	}
	if hop == 1 {
		for to, o := range s.view.origins {
			if a, ok := o.devices[1]; ok && to.Is4() == s.addr.Is4() && a == s.view.gatewayFor(s.addr) {
				return a, true
			}
		}
	}
	return netip.Addr{}, false
}

// atAccepter is the device that answers in the host's place: by its address
// where it sent one, else between the hops beside it.
func atAccepter(s *symptom) *result.Place {
	after, hop := s.accepted()
	if hop == 0 {
		return silent(s)
	}
	looked, here := s.view.ownHand(s.addr)
	switch {
	case hop == 1 && here:
		return atThisMachine(s)
	case hop == 1 && !looked:
		return beforeGateway(s) // or a program of this machine
	}
	born := s.view.origins[s.addr].born
	if born > 0 && born < hop { // it accepts what it has let in, and is one hop nearer than it seems
		hop, after = born, min(after, born-1)
		if _, ok := s.accepterAt(hop); ok {
			after = hop - 1
		}
	} else if born == 0 && hop > 1 {
		return s.beforeAccepter(hop)
	}
	device, named := s.accepterAt(hop)
	if named && after == hop-1 {
		return &result.Place{Address: device.String(), Hop: hop, Owner: s.ownerAt(device, hop)}
	}
	if hop == 1 {
		return beforeGateway(s)
	}
	p := &result.Place{Between: []string{s.local(), unknownPlace}, Hop: after, Owner: result.UnknownOwner}
	if after > 0 {
		p.Between[0] = unknownPlace
		if a, ok := s.accepterAt(after); ok {
			p.Between[0] = a.String()
		}
	}
	if named {
		p.Between[1] = device.String()
	}
	return p
}

// beforeAccepter is at the hop before the one by which connects are accepted,
// or at that one: it is not known which of them it is.
func (s *symptom) beforeAccepter(hop int) *result.Place {
	p := &result.Place{Between: []string{unknownPlace, unknownPlace}, Hop: hop - 1, Owner: result.UnknownOwner}
	for i := range p.Between {
		if a, ok := s.accepterAt(hop - 1 + i); ok {
			p.Between[i] = a.String()
		}
	}
	return p
}

// byAccepter joins what one device accepts.
func byAccepter(s *symptom) string {
	p := atAccepter(s)
	return cmp.Or(p.Address, strings.Join(p.Between, " "))
}

// illusion says what the controls of a connect showed.
func (e *sentences) illusion(s *symptom) {
	o := s.view.origins[s.addr]
	if o == nil {
		return
	}
	var near portset.Set // of the ports those that were looked at
	for port, ttl := range o.near {
		if one := (portset.Set{{First: uint16(port), Last: uint16(port)}}); ttl > 0 && s.ports.Overlaps(one) {
			near = portset.Join(near, one)
		}
	}
	hop := s.accepter()
	device, _ := s.accepterAt(max(hop, 1))
	data := map[string]any{"Address": s.addr.String(), "Ports": shorten(e.lang, near), "Hop": hop, "Device": "", "Count": len(o.random)}
	if hop > 0 && device.IsValid() {
		data["Device"] = device.String()
	}
	switch {
	case o.all():
		e.add("accepts-all", data)
		if hop > 0 && near.Count() > 0 {
			e.add("accepted-near", data)
		}
	case hop > 0 && near.Count() > 0:
		e.add("accepted-near", data)
		e.add("others-go-on", data)
	}
}
