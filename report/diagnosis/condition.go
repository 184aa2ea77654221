package diagnosis

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"netcheck/report/result"
)

func not(c cond) cond { return func(s *symptom) bool { return !c(s) } }

func kind(names ...string) cond {
	return func(s *symptom) bool { return slices.Contains(names, s.check.Kind) }
}

// scattered tells whether the ports lie in many pieces among others, as rules
// rarely make them, and lost packets do.
func scattered(s *symptom) bool { return len(s.cover) > fewPieces }

// absenceWanted tells whether the name is not to exist.
func absenceWanted(s *symptom) bool {
	expect, _ := s.check.Spec.Fields["expect"].(string)
	return expect == "nxdomain" && s.check.Verdict == result.Fail
}

// permissionOnly tells whether the check asks for the way to be open, whether
// or not a service is there.
func permissionOnly(s *symptom) bool {
	expect, _ := s.check.Spec.Fields["expect"].(string)
	return expect == "allowed"
}

func overTCP(s *symptom) bool { return s.proto == "tcp" }
func overUDP(s *symptom) bool { return s.proto == "udp" }

// Whom it concerns.

func toOwn(s *symptom) bool { return s.addr.IsValid() && s.view.own(s.addr) }

// led tells whether it was a name that led to the address, and not one that
// means this machine, or that is made to by a resolver that was named for it.
func led(s *symptom) bool {
	_, literal := address(s.host)
	return !literal && s.host != "" && !s.view.meant[s.host] && s.host != "localhost" && !strings.HasSuffix(s.host, ".localhost")
}

func toLoopback(s *symptom) bool { return s.addr.IsLoopback() }

func toLink(s *symptom) bool    { return s.addr.IsValid() && s.view.onLink(s.addr) }
func toGateway(s *symptom) bool { return s.addr.IsValid() && s.view.isGateway(s.addr) }
func toIPv6(s *symptom) bool    { return s.addr.Is6() }

// Who said so.

func icmp(s *symptom) bool { return s.ev.ICMP != nil }

func icmpSays(kinds ...icmpKind) cond {
	return func(s *symptom) bool { return s.ev.ICMP != nil && slices.Contains(kinds, kindOf(s.ev.ICMP)) }
}

func fromOwn(s *symptom) bool {
	a, ok := address(s.ev.ICMP.From)
	return ok && s.view.own(a)
}

func fromTarget(s *symptom) bool {
	a, ok := address(s.ev.ICMP.From)
	return ok && a == s.addr
}

// ownPortClosed is how this machine itself says that nothing listens for a
// datagram.
func ownPortClosed(s *symptom) bool { return overUDP(s) && toOwn(s) && icmpSays(icmpPort)(s) }

// afterWaiting tells an error that came after neighbour discovery had given
// up, about three seconds, from one that a rule gives at once.
func afterWaiting(s *symptom) bool { return waited(s) >= time.Second }

// afterDiscovery is the same of a router's neighbour discovery, which the
// first packet to an address starts. Our own repeats and limits on ICMP make
// later answers late too.
func afterDiscovery(s *symptom) bool {
	device, _ := address(s.ev.ICMP.From)
	first, ok := s.view.firstSaid[said{device, s.addr}]
	return ok && first.waited >= 2500*time.Millisecond
}

func waited(s *symptom) time.Duration {
	waited := max(time.Duration(s.ev.Waited), time.Duration(s.step.Duration))
	if s.step.Op == result.OpScan { // as long as its slowest port
		waited = time.Duration(s.ev.Waited)
	}
	if s.res != nil {
		waited = max(waited, time.Duration(s.res.RTT))
	}
	return waited
}

// onLinux: error numbers mean different things elsewhere.
func onLinux(s *symptom) bool {
	return strings.Contains(strings.ToLower(s.view.machine.OS), "linux")
}

// discoveryFailed tells whether it was neighbour discovery that gave up, and
// not a rule of this machine that says the same: a rule says it at once, and of
// every port. While discovery is under way the system queues only a few
// packets, and those that it drops are silence.
func discoveryFailed(s *symptom) bool {
	return afterWaiting(s) || slices.ContainsFunc(s.check.Results, func(r result.Result) bool {
		return s.res != nil && r.Address == s.res.Address && r.Failure == result.FailConnectTimeout
	})
}

func errno(names ...string) cond {
	return func(s *symptom) bool { return slices.Contains(names, s.ev.Errno) }
}

func notBelieved(s *symptom) bool { return s.res != nil && s.res.State == result.Unknown }

// What else the run showed.

func sameAddressAnswers(s *symptom) bool { return len(s.view.open[s.addr]) > 0 }
func othersAnswer(s *symptom) bool       { return len(s.view.others(s.host, s.addr)) > 0 }
func familyReached(s *symptom) bool      { return s.view.reached(s.addr) }
func addressMadeUpFor(s *symptom) bool   { return s.res != nil && siblingOpen(s.check, s.res) }

// samePortElsewhere tells whether another host is open on the same port: then
// nothing near this machine drops that port altogether.
func samePortElsewhere(s *symptom) bool {
	if !s.view.beyond.Overlaps(s.ports) {
		return false
	}
	for a, open := range s.view.open {
		if a != s.addr && !s.view.near(a) && open.Overlaps(s.ports) {
			return true
		}
	}
	return false
}

// neighboursAnswer tells whether anything beyond or on this link answered, be it
// by a word of the gateway's: the cable and the switch are fine.
func neighboursAnswer(s *symptom) bool {
	if s.view.linkAnswers {
		return true
	}
	for a := range s.view.open {
		if a != s.addr && !s.view.own(a) {
			return true
		}
	}
	return false
}

// notIPv6Broken tells whether it can't be that IPv6 as a whole is broken here.
func notIPv6Broken(s *symptom) bool { return !toIPv6(s) || familyReached(s) }

// noAddress tells whether this machine has no address that reaches beyond its
// link. One that is not described has said nothing about it.
func noAddress(s *symptom) bool {
	if s.view.machine.OS == "" {
		return false
	}
	return !slices.ContainsFunc(s.view.prefixes, func(p netip.Prefix) bool {
		return !p.Addr().IsLinkLocalUnicast() && !p.Addr().IsLoopback()
	})
}

func hasIPv4(s *symptom) bool {
	return slices.ContainsFunc(s.view.prefixes, func(p netip.Prefix) bool { return p.Addr().Is4() && !p.Addr().IsLinkLocalUnicast() })
}

// icmpKind is what an ICMP error says, whichever version of ICMP says it.
type icmpKind string

const (
	icmpNet        icmpKind = "no route to the network"
	icmpHost       icmpKind = "the host does not answer"
	icmpPort       icmpKind = "the port is closed"
	icmpProtocol   icmpKind = "the protocol is not served"
	icmpProhibited icmpKind = "prohibited"
	icmpTTL        icmpKind = "the packet was on its way for too long"
	icmpTooBig     icmpKind = "the packet is too big"
	icmpOther      icmpKind = "something else"
)

// kindOf reads type and code: RFC 792, 1122 and 1812 for IPv4, RFC 4443 for
// IPv6.
func kindOf(m *result.ICMP) icmpKind {
	if m.V6 {
		switch m.Type {
		case 2:
			return icmpTooBig
		case 3:
			return icmpTTL
		case 1:
			switch m.Code {
			case 0, 2:
				return icmpNet
			case 1, 5, 6:
				return icmpProhibited
			case 3:
				return icmpHost
			case 4:
				return icmpPort
			}
		}
		return icmpOther
	}
	switch m.Type {
	case 11:
		return icmpTTL
	case 3:
		switch m.Code {
		case 0, 5, 6:
			return icmpNet
		case 1, 7, 8:
			return icmpHost
		case 2:
			return icmpProtocol
		case 3:
			return icmpPort
		case 4:
			return icmpTooBig
		case 9, 10, 13:
			return icmpProhibited
		}
	}
	return icmpOther
}
