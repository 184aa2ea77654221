package diagnosis

import (
	"net/netip"
	"slices"
	"strings"

	"netcheck/report/result"
)

// merge joins what silence says of the same ports of several hosts: one rule
// of one firewall, as far as can be told.
func merge(groups []*group) []*group {
	byKey := map[string]*group{}
	return slices.DeleteFunc(groups, func(g *group) bool {
		if !g.rule.request || g.cause().At == nil || g.cause().At.Address != "" {
			return false
		}
		first := g.members[0]
		key := strings.Join([]string{
			first.check.Machine, g.rule.id, first.proto, g.ports().String(),
			string(first.cause.Confidence), codes(first.cause.NotExcluded), strings.Join(first.cause.At.Between, " "),
		}, "\x00")
		if old := byKey[key]; old != nil {
			old.members = append(old.members, g.members...)
			return true
		}
		byKey[key] = g
		return false
	})
}

// absorb gives the silence of single ports to the device that rejected others
// of the same address: devices answer only so many packets a second. A scan
// has asked its silent ports again, slowly, and is believed.
func absorb(groups []*group) []*group {
	for _, low := range groups {
		if low.members == nil || low.cause().Code != result.TCPRejected || low.members[0].ev.ICMP == nil {
			continue
		}
		answered := map[netip.Addr]int{}
		for _, d := range low.members {
			answered[d.addr]++
		}
		for _, high := range groups {
			if high == low || high.members == nil || high.cause().Code != result.TCPFiltered {
				continue
			}
			high.members = slices.DeleteFunc(high.members, func(d diagnosed) bool {
				if answered[d.addr] < limitShows || d.step.Op == result.OpScan || d.check.Machine != low.members[0].check.Machine {
					return false
				}
				own := *low.cause()
				low.members = append(low.members, diagnosed{symptom: d.symptom, cause: inferred(&own), inferred: true})
				return true
			})
			if len(high.members) == 0 {
				high.members = nil
			}
		}
	}
	return slices.DeleteFunc(groups, func(g *group) bool { return g.members == nil })
}

// limitShows is how many answers a device must have given before its silence
// is taken for a limit.
const limitShows = 3

// explain lets a cause of a lower layer take the symptoms that follow from it.
func explain(groups []*group) []*group {
	for _, e := range explains() {
		for _, low := range groups {
			if low.members == nil || !slices.Contains(e.low, low.rule.id) {
				continue
			}
			for _, high := range groups {
				if high.members == nil || high == low || !slices.Contains(e.high, high.cause().Code) {
					continue
				}
				high.members = slices.DeleteFunc(high.members, func(d diagnosed) bool {
					if d.check.Machine != low.members[0].check.Machine || !e.when(low.members[0].symptom, d.symptom) {
						return false
					}
					cause := d.cause
					if !e.same {
						cause = low.explained(cause)
					}
					low.under = append(low.under, diagnosed{symptom: d.symptom, cause: cause})
					return true
				})
				if len(high.members) == 0 {
					high.members = nil
				}
			}
		}
	}
	return slices.DeleteFunc(groups, func(g *group) bool { return g.members == nil })
}

// explains lists which rules' findings explain which causes.
func explains() []explanation {
	return []explanation{
		{
			low:  []string{"no-address", "no-route", "gateway-down", "gateway-silent", "gateway-lost"},
			high: []result.Code{result.TCPFiltered, result.DNSResolverUnreachable, result.UDPNoReply, result.PathAddressDead},
			when: func(low, s *symptom) bool {
				oneWay := !low.addr.IsValid() || !s.addr.IsValid() || low.addr.Is4() == s.addr.Is4()
				return oneWay && !s.view.reached(low.addr) && !(s.addr.IsValid() && s.view.near(s.addr))
			},
		},
		{
			// Who accepts in the host's place is spoken with, and not the host.
			low:  []string{"transparent-proxy", "answered-by-firewall"},
			high: []result.Code{result.ProtoBlocked, result.HTTPTimeout},
			when: func(low, s *symptom) bool { return low.addr == s.addr && low.ports.Overlaps(s.ports) },
		},
		{
			// It says so seldom, and nothing else gets past it.
			low:  []string{"no-route-there", "udp-no-route-there"},
			high: []result.Code{result.TCPFiltered, result.DNSResolverUnreachable, result.UDPNoReply, result.PathAddressDead, result.PathIPv6Broken},
			when: func(low, s *symptom) bool {
				if !s.addr.IsValid() || low.addr.Is4() != s.addr.Is4() || s.view.near(s.addr) {
					return false
				}
				device, _ := low.sender()
				t, hop := s.trail(), low.view.hopOf(device, low.ev.ICMP)
				switch {
				case t != nil && (t.last >= hop || t.end.TTL > 0):
					return false // it gets further
				case !s.view.reached(low.addr):
					return true
				}
				return t != nil && t.last == hop-1 && sameNetwork(low.addr, s.addr)
			},
		},
		{
			// Devices send only so many answers: other questions get none.
			low:  []string{"resolver-rejected", "resolver-refuses"},
			high: []result.Code{result.DNSResolverUnreachable, result.DNSSlow},
			when: func(low, s *symptom) bool { return low.addr == s.addr && slices.Contains(resolverSilence, s.failure) },
		},
		{
			low:  []string{"rewritten"},
			high: []result.Code{result.DNSRewritten},
			when: func(low, s *symptom) bool { return asForNobody(s) && byRewriter(low) == byRewriter(s) },
		},
		{
			low:  []string{"answers-slow", "resolver-late"},
			high: []result.Code{result.DNSSlow},
			when: func(low, s *symptom) bool {
				at, ok := s.view.slowAgain(s.host, netip.Addr{})
				return ok && at == low.addr
			},
		},
		{
			low:  []string{"hosts-file", "leads-here"},
			high: []result.Code{result.TCPClosed, result.TCPRefused, result.TCPFiltered, result.HostDown, result.DNSHostsOverride},
			when: func(low, s *symptom) bool { return low.host == s.host },
		},
		{
			// What got lost once and got through when it was asked again.
			low:  []string{"loss"},
			high: []result.Code{result.HTTPTimeout, result.TLSHandshakeTimeout},
			when: func(_, s *symptom) bool { return lossMeasured(s) && worksNow(s) },
		},
		{
			// Of the service that calls from outside are for more is known.
			low:  []string{"inbound-only-service-missing", "inbound-not-listening", "inbound-loopback-only"},
			high: []result.Code{result.ListenNothing, result.ListenLoopbackOnly}, same: true,
			when: func(low, s *symptom) bool {
				return listensOn(s.check, low.in.proto(), low.in.inside().Port())
			},
		},
		{
			// One authority signs for all of them, whichever shows it best.
			low:  []string{"pin-intercepted", "intercepted-many", "intercepted-untrusted"},
			high: []result.Code{result.TLSIntercepted},
			when: func(low, s *symptom) bool { return str(low.step, factIssuer) != "" && byIssuer(low) == byIssuer(s) },
		},
		{
			// Until the login nothing else is let through, or answered for.
			low: []string{"portal-shown", "portal", "portal-many", "one-key", "portal-passed"},
			high: []result.Code{
				result.TLSNameMismatch, result.TLSUntrusted, result.TLSSelfSigned, result.TLSExpired, result.TLSIntercepted, result.TLSHandshakeReset, result.TLSHandshakeTimeout, result.TLSNotTLS,
				result.HTTPStatus, result.HTTPRedirect, result.HTTPBody, result.HTTPHeader, result.HTTPTimeout, result.ProtoMismatch, result.ProtoBlocked, result.HTTPCaptivePortal,
				result.TCPFiltered, result.TCPRefused, result.TCPClosed, result.UDPNoReply,
			},
			when: func(_, s *symptom) bool {
				return !passesElse(s) && !s.view.near(s.addr) && !answerGenuine(s) && str(s.step, factPublic) != "true"
			},
		},
		{
			// The same by a word of the gateway, if it is the one that answers.
			low:  []string{"portal-shown", "portal", "portal-many", "portal-passed"},
			high: []result.Code{result.TCPRejected},
			when: func(low, s *symptom) bool {
				device, ok := s.sender()
				by := atAccepter(low).Address
				return ok && s.view.isGateway(device) && (by == "" || by == device.String()) && !passesElse(s)
			},
		},
	}
}

type explanation struct {
	low  []string
	high []result.Code
	same bool                       // it is the same by another name: the cause stays what it was
	when func(low, s *symptom) bool // by the first symptom of the low one
}

// explained is the cause of what a lower cause explains: it, as one among the
// likely, since the symptom by itself said something else.
func (g *group) explained(own *result.Cause) *result.Cause {
	if own.Code == g.cause().Code {
		return own
	}
	c := *g.cause()
	if c.Confidence == result.Certain || c.Confidence == result.Strong {
		c.Confidence = result.Likely
	}
	c.NotExcluded, c.RuledOut = nil, nil
	for _, code := range append([]result.Code{own.Code}, own.NotExcluded...) {
		if code != c.Code && !slices.Contains(c.NotExcluded, code) {
			c.NotExcluded = append(c.NotExcluded, code)
		}
	}
	return &c
}
