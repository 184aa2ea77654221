package diagnosis

import (
	"math/bits"
	"net/netip"
	"slices"
	"time"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// stops tells whether the way ends in one of these manners.
func stops(how ...stopped) cond {
	return func(s *symptom) bool { return slices.Contains(how, s.stops()) }
}

// placed tells whether two things agree that it is there: a port of the very
// address gets further, or one of its network does and others do too.
func placed(s *symptom) bool {
	further, g := s.further(), s.goal()
	if g == nil || !slices.Contains(further, g) {
		return false
	}
	return g.to == s.addr || slices.ContainsFunc(further, func(k *trail) bool { return k.to != g.to })
}

// reluctant tells whether the router beyond the end of the way answered a
// control, too, only when it was asked again: it was short of answers in those
// seconds, and its silence says little, unless it was left alone for longer
// than a router needs for its next answer.
func reluctant(s *symptom) bool {
	const repeated, soon = 900 * time.Millisecond, 450 * time.Millisecond // systems ask again after a second
	const rested = 2 * time.Second                                        // routers send one answer a second, and may count a packet twice
	t, g := s.trail(), s.goal()
	if t == nil || g == nil || t.again >= rested {
		return false
	}
	late, near := false, false
	for _, h := range g.hops {
		late = late || h.TTL == t.last+1 && h.State == result.Expired && time.Duration(h.RTT) >= repeated
		near = near || h.RTT > 0 && time.Duration(h.RTT) < soon
	}
	return late && near
}

// routeKnown tells whether the routers are known to have a route there: a port
// of the address, or of its network, gets further. One without a route says so
// seldom, and is silent for the rest.
func routeKnown(s *symptom) bool {
	g := s.goal()
	return g != nil && slices.Contains(s.further(), g)
}

// passesRouter tells whether the packets were seen beyond this machine.
func passesRouter(s *symptom) bool {
	t := s.trail()
	return t != nil && t.last > 0
}

// staysHere tells whether the system could not send the packets.
func staysHere(s *symptom) bool {
	leaves, known := s.departs()
	return known && !leaves
}

// leavesHere tells whether the packets are known to leave this machine, so that
// its own firewall lets them.
func leavesHere(s *symptom) bool {
	leaves, _ := s.departs()
	return leaves || passesRouter(s)
}

// notHere tells whether it can't be this machine's firewall.
func notHere(s *symptom) bool { return leavesHere(s) || samePortElsewhere(s) }

func neighbourSays(state string) cond {
	return func(s *symptom) bool {
		next, is := s.neighbour()
		return is == state && next == s.addr
	}
}

// gatewaySilent tells whether the link gets no answer from the next hop.
func gatewaySilent(s *symptom) bool {
	next, is := s.neighbour()
	return is == "silent" && next.IsValid() && next != s.addr
}

func byTunnel(s *symptom) bool { return s.tunnelLink() != "" }

// farOnLink tells whether an address counts as on the link by a network that is
// wider than most, and is not near this machine's own, as far as the gateway or
// somebody who answers is at least: a mask that is too wide makes neighbours of
// those who are none.
func farOnLink(s *symptom) bool {
	const usual = 24
	far := false
	for _, p := range s.view.prefixes {
		if !p.Contains(s.addr) || !p.Addr().Is4() {
			continue
		}
		if bits := commonBits(p.Addr(), s.addr); p.Bits() >= usual || bits >= usual || s.view.asFar(p, bits) {
			return false
		}
		far = true
	}
	return far
}

// asFar tells whether a gateway, or somebody else of a network who answers, has
// no more leading bits in common with this machine's address in it than these.
func (v *view) asFar(p netip.Prefix, bits int) bool {
	member := func(a netip.Addr) bool { return p.Contains(a) && commonBits(p.Addr(), a) <= bits }
	if slices.ContainsFunc(v.gateways, member) {
		return true
	}
	for a, answers := range v.spoke {
		if answers && member(a) {
			return true
		}
	}
	return false
}

// ordinaryNeighbour tells whether an address is near this machine's own, in a
// network in which others answer.
func ordinaryNeighbour(s *symptom) bool { return !farOnLink(s) && neighboursAnswer(s) }

// maskDoubtful tells whether all that answers on the link, and the gateway, is
// near this machine's own address, as if the network ended there.
func maskDoubtful(s *symptom) bool {
	if !farOnLink(s) {
		return false
	}
	// nearer than the address in question
	near := func(a netip.Addr) bool {
		return slices.ContainsFunc(s.view.prefixes, func(p netip.Prefix) bool {
			return p.Contains(s.addr) && commonBits(p.Addr(), a) > commonBits(p.Addr(), s.addr)
		})
	}
	for _, g := range s.view.gateways {
		if g.Is4() && !near(g) {
			return false
		}
	}
	for a := range s.view.open {
		if a.Is4() && s.view.onLink(a) && !near(a) {
			return false
		}
	}
	return true
}

// commonBits is how many leading bits two addresses share.
func commonBits(a, b netip.Addr) int {
	if a.Is4() != b.Is4() {
		return 0
	}
	x, y := a.AsSlice(), b.AsSlice()
	for i := range x {
		if d := x[i] ^ y[i]; d != 0 {
			return 8*i + bits.LeadingZeros8(d)
		}
	}
	return a.BitLen()
}

// askedInVain tells whether the link was asked for the address, and nobody
// answered.
func askedInVain(s *symptom) bool {
	return icmp(s) && fromOwn(s) && icmpSays(icmpHost)(s) || neighbourSays("silent")(s)
}

// maskWrong tells whether the network holds public addresses though this
// machine's own is private: nobody's network does.
func maskWrong(s *symptom) bool {
	return !private(s.addr) && s.addr.IsGlobalUnicast() && !sharedSpace.Contains(s.addr)
}

// ipv4MadeUp tells whether the same name answers by IPv4, or another does that
// has an IPv6 address which is as silent.
func ipv4MadeUp(s *symptom) bool {
	return slices.ContainsFunc(s.view.byHost[s.host], netip.Addr.Is4) || len(s.view.lostIPv6) > 0
}

// manyIPv6 tells whether IPv6 addresses of different networks are silent of
// which IPv4 made up for one at least.
func manyIPv6(s *symptom) bool {
	return slices.ContainsFunc(s.view.silentIPv6, func(a netip.Addr) bool { return !sameNetwork(a, s.view.silentIPv6[0]) })
}

// endsNear tells whether the way ends no later than at the first router.
func endsNear(s *symptom) bool {
	t := s.trail()
	return t != nil && t.end.TTL == 0 && t.last <= 1
}

// keptApart tells whether several devices of the own link are silent and none
// answers, while there are answers from beyond the gateway.
func keptApart(s *symptom) bool {
	if !s.view.reached(s.addr) {
		return false
	}
	for a := range s.view.asks {
		if !s.view.onLink(a) || s.view.own(a) || s.view.isGateway(a) {
			continue
		}
		if s.view.spoke[a] {
			return false
		}
	}
	for k := range s.view.firstSaid {
		if s.view.own(k.device) && k.of != s.addr && s.view.onLink(k.of) && !s.view.isGateway(k.of) {
			return true
		}
	}
	return slices.ContainsFunc(s.view.followups, func(f *result.Followup) bool {
		a, _ := address(f.Address)
		_, is := (&symptom{view: s.view, addr: a}).neighbour()
		return f.Name == followedNeighbour && is == "silent" && a != s.addr && s.view.onLink(a) && !s.view.isGateway(a)
	})
}

// learnAsked keeps which ports of an address were asked, and which IPv6
// addresses are silent, and of which IPv4 made up.
func (v *view) learnAsked(c *result.Check) {
	for i := range c.Results {
		res := &c.Results[i]
		a, ok := address(res.Address)
		if ok && res.Proto != "udp" && res.Ports != "" {
			v.asks[a] = append(v.asks[a], res.Ports)
			v.spoke[a] = v.spoke[a] || res.State == result.Open || res.State == result.Closed
		}
		if !ok || !a.Is6() || v.near(a) || res.State != result.Filtered || slices.Contains(v.silentIPv6, a) {
			continue
		}
		v.silentIPv6 = append(v.silentIPv6, a)
		if siblingOpen(c, res) {
			v.lostIPv6 = append(v.lostIPv6, a)
		}
	}
}

// manyPorts tells whether several ports of the address were asked.
func manyPorts(s *symptom) bool {
	asked := map[string]bool{}
	n := 0
	for _, ports := range s.view.asks[s.addr] {
		if !asked[ports] {
			asked[ports] = true
			n += portset.Parse(ports).Count()
		}
	}
	return n > 1
}

// lineDown tells whether a device of the own link says of hosts of several
// networks that they do not answer, and none beyond it does: it is its own next
// hop that is silent.
func lineDown(s *symptom) bool {
	device, ok := s.sender()
	if !ok || s.view.reached(s.addr) || s.view.hopOf(device, s.ev.ICMP) != 1 {
		return false
	}
	for k := range s.view.firstSaid {
		if k.device == device && !sameNetwork(k.of, s.addr) && k.of.Is4() == s.addr.Is4() {
			return true
		}
	}
	return slices.ContainsFunc(s.view.trails, func(t *trail) bool { // or when it was asked once more
		from, _ := address(t.end.From)
		return t.end.ICMP != nil && kindOf(t.end.ICMP) == icmpHost && from == device && !sameNetwork(t.to, s.addr) && t.to.Is4() == s.addr.Is4()
	})
}

// perhapsLineDown tells whether it may be so, though only one host was asked
// for.
func perhapsLineDown(s *symptom) bool {
	device, ok := s.sender()
	return ok && !private(s.addr) && !s.view.reached(s.addr) && s.view.hopOf(device, s.ev.ICMP) == 1
}

// letsExpire tells whether the device that said so by ICMP was seen to let the
// same packet expire: it looked for a route first, and found one.
func letsExpire(s *symptom) bool {
	t, device := s.rejecter()
	if t == nil {
		return false
	}
	for _, h := range t.hops {
		if a, _ := address(h.From); h.State == result.Expired && a == device {
			return true
		}
	}
	return false
}

// expiresNone tells whether that device says so of a packet, too, that ends
// there: it found no route.
func expiresNone(s *symptom) bool {
	t, _ := s.rejecter()
	return t != nil && t.end.ICMP != nil && t.end.TTL == distance(t.end.ICMP.TTL)
}

// rejecter is the sweep that met the device which sent the ICMP error, and the
// device.
func (s *symptom) rejecter() (*trail, netip.Addr) {
	t := s.trail()
	if t == nil || s.ev.ICMP == nil || t.end.State != result.Rejected {
		return nil, netip.Addr{}
	}
	device, ok := address(s.ev.ICMP.From)
	if last, _ := address(t.end.From); !ok || last != device {
		return nil, netip.Addr{}
	}
	return t, device
}
