package diagnosis

import "netcheck/report/result"

// deviceRules are about what a device on the way, or the destination, said by
// ICMP: it is the device that is named, and the message that says why.
func deviceRules() []rule {
	rejects := func(proto cond, code result.Code, id string, kinds ...icmpKind) rule {
		return rule{
			id: id, when: []cond{icmp, proto, icmpSays(kinds...)},
			code: code, sure: always(result.Certain), at: atDevice, request: true,
		}
	}
	return []rule{
		{
			id: "too-big", failures: []result.Failure{result.FailMessageSize},
			code: result.UDPRejected, sure: always(result.Certain), at: tooBigAt,
		},
		{
			id: "loop", when: []cond{icmp, icmpSays(icmpTTL)},
			code: result.PathLoop, sure: always(result.Certain), at: atDevice,
		},
		{
			id: "udp-closed-here", failures: []result.Failure{result.FailRefused}, when: []cond{overUDP, toOwn},
			code: result.UDPClosed, sure: always(result.Certain), at: atThisMachine, subject: byHost,
		},
		{
			id: "udp-closed", when: []cond{icmp, overUDP, fromTarget, icmpSays(icmpPort)},
			code: result.UDPClosed, sure: always(result.Certain), at: atDevice,
		},
		{
			// A router that forwards a port has the target's address too, and
			// says so when the host behind it is gone.
			id: "host-down-nat", when: []cond{icmp, fromTarget, icmpSays(icmpHost)},
			code: result.HostDown, sure: always(result.Strong), at: atDevice,
		},
		{
			// TCP answers a closed port with RST: ICMP for it comes from a
			// packet filter, here the destination's own.
			id: "host-refuses", when: []cond{icmp, fromTarget, icmpSays(icmpProhibited)},
			code: result.HostFirewall, sure: always(result.Certain), at: atDevice, request: true,
			see: "RFC 1812, 5.2.7.1",
		},
		{
			id: "host-refuses-port", when: []cond{icmp, overTCP, fromTarget, icmpSays(icmpPort, icmpProtocol)},
			code: result.HostFirewall, sure: always(result.Strong), at: atDevice, request: true,
			alike: []alike{{result.TCPClosed, nil}}, see: "RFC 9293, 3.10.7.1",
		},
		{
			id: "rejected-though-up", when: []cond{icmp, overTCP, icmpSays(icmpHost, icmpNet), sameAddressAnswers},
			code: result.TCPRejected, sure: always(result.Certain), at: atDevice, request: true,
		},
		{
			id: "udp-rejected-though-up", when: []cond{icmp, overUDP, icmpSays(icmpHost, icmpNet), sameAddressAnswers},
			code: result.UDPRejected, sure: always(result.Certain), at: atDevice, request: true,
		},
		{
			// A router looks for a route first, and then at the packet's TTL,
			// and at most of its rules last: one that lets the packet expire
			// has a route.
			id: "rejected-despite-route", when: []cond{icmp, overTCP, icmpSays(icmpNet), letsExpire},
			code: result.TCPRejected, sure: always(result.Certain), at: atDevice, request: true,
			see: "RFC 1812, 5.2.1",
		},
		{
			// Some firewalls reject in these words; where the host answers
			// otherwise there is a route (see above).
			id: "no-route-there", when: []cond{icmp, overTCP, icmpSays(icmpNet)},
			code: result.PathNoRoute, sure: either(expiresNone, result.Certain, result.Likely), at: atDevice, gathers: true,
			alike: []alike{{result.TCPRejected, expiresNone}},
		},
		{
			id: "udp-no-route-there", when: []cond{icmp, overUDP, icmpSays(icmpNet)},
			code: result.PathNoRoute, sure: either(expiresNone, result.Certain, result.Likely), at: atDevice, gathers: true,
			alike: []alike{{result.UDPRejected, expiresNone}},
		},
		{
			// It says so at once, and of packets that would expire there too:
			// a route that leads nowhere.
			id: "route-to-nowhere", when: []cond{icmp, icmpSays(icmpHost), not(fromTarget), not(afterDiscovery), expiresNone},
			code: result.PathNoRoute, sure: always(result.Likely), at: atDevice,
			alike: []alike{{result.TCPRejected, overUDP}, {result.UDPRejected, overTCP}, {result.HostDown, nil}},
		},
		{
			// The gateway asks its next hop in vain, whomever it is for.
			id: "line-down", when: []cond{icmp, icmpSays(icmpHost), not(fromTarget), lineDown},
			code: result.PathNoRoute, sure: always(result.Strong), at: beyondGateway, gathers: true, act: network,
			alike: []alike{{result.TCPRejected, afterDiscovery}},
		},
		{
			// Another address of the name answers: it is this one that is gone.
			id: "address-gone", when: []cond{icmp, overTCP, icmpSays(icmpHost), addressMadeUpFor, afterDiscovery, not(sameAddressAnswers)},
			code: result.PathAddressDead, sure: always(result.Strong), at: beyondDevice, subject: byAddress, act: vendor,
			alike: []alike{{result.TCPRejected, nil}},
			see:   "RFC 8305",
		},
		{
			// The router next to the host asked for it, for about three
			// seconds, and nobody answered. A reject rule says so at once.
			id: "host-down", when: []cond{icmp, icmpSays(icmpHost), afterDiscovery, not(sameAddressAnswers)},
			code: result.HostDown, sure: either(othersAnswer, result.Strong, result.Likely), at: beyondDevice, subject: byHost,
			alike: []alike{{result.TCPRejected, overUDP}, {result.UDPRejected, overTCP}, {result.PathNoRoute, not(perhapsLineDown)}},
		},
		{
			id: "rejected-as-down", when: []cond{icmp, overTCP, icmpSays(icmpHost)},
			code: result.TCPRejected, sure: always(result.Likely), at: atDevice, request: true,
			alike: []alike{{result.HostDown, nil}},
		},
		{
			id: "udp-rejected-as-down", when: []cond{icmp, overUDP, icmpSays(icmpHost)},
			code: result.UDPRejected, sure: always(result.Likely), at: atDevice, request: true,
			alike: []alike{{result.HostDown, nil}},
		},
		rejects(overTCP, result.TCPRejected, "rejected", icmpProhibited, icmpPort, icmpProtocol),
		rejects(overUDP, result.UDPRejected, "udp-rejected", icmpProhibited, icmpPort, icmpProtocol),
		{
			id: "rejected-otherwise", when: []cond{icmp, overTCP},
			code: result.TCPRejected, sure: always(result.Likely), at: atDevice, request: true,
			alike: []alike{{result.PathNoRoute, nil}, {result.HostDown, sameAddressAnswers}},
		},
		{
			id: "udp-rejected-otherwise", when: []cond{icmp, overUDP},
			code: result.UDPRejected, sure: always(result.Likely), at: atDevice, request: true,
			alike: []alike{{result.PathNoRoute, nil}, {result.HostDown, sameAddressAnswers}},
		},
	}
}

// tooBigAt is the router that can't pass the datagram on, else this machine,
// which knows the size of its own link.
func tooBigAt(s *symptom) *result.Place {
	if s.ev.ICMP != nil {
		return atDevice(s)
	}
	return atThisMachine(s)
}
