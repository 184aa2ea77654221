package diagnosis

import "netcheck/report/result"

// localRules are about this machine and its link: what the system refused by
// itself, and what its own address said.
func localRules() []rule {
	return []rule{
		{
			id: "no-address", failures: []result.Failure{result.FailNoRoute, result.FailNetUnreachable, result.FailHostUnreachable, result.FailNoResolver, result.FailDNSTimeout},
			when: []cond{noAddress, not(toOwn)},
			code: result.LocalNoAddress, sure: always(result.Certain), at: atThisMachine, subject: one,
		},
		{
			// EINVAL, EACCES and EHOSTUNREACH out of connect itself are what
			// Linux says for blackhole, prohibit and unreachable routes.
			id: "policy-route", failures: []result.Failure{result.FailNoRoute},
			when: []cond{errno("EINVAL", "EACCES", "EHOSTUNREACH")},
			code: result.LocalPolicyRoute, sure: always(result.Strong), at: atThisMachine,
			alike: []alike{{result.LocalFirewall, errno("EINVAL")}},
		},
		{
			id: "no-ipv6", failures: []result.Failure{result.FailNoRoute},
			when: []cond{toIPv6, hasIPv4},
			code: result.LocalNoRoute, sure: always(result.Certain), at: atThisMachine, subject: one,
		},
		{
			id: "no-route", failures: []result.Failure{result.FailNoRoute},
			code: result.LocalNoRoute, sure: always(result.Certain), at: atThisMachine, subject: one,
		},
		{
			id: "own-refusal", when: []cond{icmp, fromOwn, not(icmpSays(icmpHost, icmpTTL)), not(ownPortClosed)},
			code: result.LocalFirewall, sure: always(result.Certain), at: atDevice, subject: one, request: true,
		},
		{
			id: "gateway-silent", when: []cond{icmp, fromOwn, icmpSays(icmpHost), not(toOwn), toGateway},
			code: result.LocalGatewayDown, sure: always(result.Certain), at: beforeGateway, subject: one,
			alike: []alike{{result.LocalFirewall, discoveryFailed}},
		},
		{
			id: "neighbour-silent", when: []cond{icmp, fromOwn, icmpSays(icmpHost), not(toOwn), toLink},
			code: result.HostDown, sure: either(neighboursAnswer, result.Strong, result.Likely), at: beforeTarget, subject: byHost,
			alike: []alike{{result.LocalWrongNetmask, nil}, {result.LocalFirewall, discoveryFailed}},
			see:   "RFC 1122, 2.3.2.2",
		},
		{
			// Another host answers by way of a router of this family: this one
			// is refused here, or has a route of its own through a router that
			// is dead.
			id: "own-refusal-one", when: []cond{icmp, fromOwn, icmpSays(icmpHost), not(toOwn), familyReached},
			code: result.LocalFirewall, sure: always(result.Likely), at: atThisMachine,
			alike: []alike{{result.LocalGatewayDown, nil}, {result.LocalPolicyRoute, nil}},
		},
		{
			id: "gateway-down", when: []cond{icmp, fromOwn, icmpSays(icmpHost), not(toOwn)},
			code: result.LocalGatewayDown, sure: either(discoveryFailed, result.Certain, result.Likely), at: beforeGateway, subject: byFamily,
			alike: []alike{{result.LocalFirewall, discoveryFailed}},
		},
		{
			id: "permission", failures: []result.Failure{result.FailPermission}, ops: []result.Op{result.OpInspect},
			code: result.LocalPermission, sure: always(result.Certain), at: atThisMachine, subject: one,
		},
		{
			// Linux says EACCES for a prohibit route, and EPERM for its packet
			// filter.
			id: "prohibit-route", failures: []result.Failure{result.FailPermission}, when: []cond{onLinux, errno("EACCES")},
			code: result.LocalPolicyRoute, sure: always(result.Strong), at: atThisMachine,
			alike: []alike{{result.LocalFirewall, nil}, {result.LocalPermission, nil}},
		},
		{
			// EPERM for a datagram, or 10013 on Windows: the system's own
			// packet filter refused to send.
			id: "local-firewall", failures: []result.Failure{result.FailPermission},
			code: result.LocalFirewall, sure: always(result.Strong), at: atThisMachine, subject: one, request: true,
			alike: []alike{{result.LocalPermission, nil}},
		},
		{
			id: "exhausted", failures: []result.Failure{result.FailNoSockets, result.FailAddressInUse},
			code: result.LocalExhausted, sure: always(result.Certain), at: atThisMachine, subject: one,
		},
	}
}

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
			// Some firewalls reject in these words; where the host answers
			// otherwise there is a route (see above).
			id: "no-route-there", when: []cond{icmp, overTCP, icmpSays(icmpNet)},
			code: result.PathNoRoute, sure: always(result.Likely), at: atDevice,
			alike: []alike{{result.TCPRejected, nil}},
		},
		{
			id: "udp-no-route-there", when: []cond{icmp, overUDP, icmpSays(icmpNet)},
			code: result.PathNoRoute, sure: always(result.Likely), at: atDevice,
			alike: []alike{{result.UDPRejected, nil}},
		},
		{
			// The router next to the host asked for it, for about three
			// seconds, and nobody answered. A reject rule says so at once.
			id: "host-down", when: []cond{icmp, icmpSays(icmpHost), afterDiscovery, not(sameAddressAnswers)},
			code: result.HostDown, sure: either(othersAnswer, result.Strong, result.Likely), at: beyondDevice, subject: byHost,
			alike: []alike{{result.TCPRejected, overUDP}, {result.UDPRejected, overTCP}},
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

// connectRules are about TCP connects of which nobody said anything by ICMP.
func connectRules() []rule {
	silence := []result.Failure{result.FailConnectTimeout, result.FailTimeout}
	connect := []result.Op{result.OpConnect}
	return []rule{
		{
			// One that answers on any port, or refuses, is not dead.
			id: "address-dead", ops: connect, failures: silence, when: []cond{addressMadeUpFor, not(sameAddressAnswers)},
			code: result.PathAddressDead, sure: always(result.Likely), at: silent, subject: byAddress, act: vendor,
			alike: []alike{{result.PathIPv6Broken, notIPv6Broken}, {result.TCPFiltered, nil}, {result.HostFirewall, nil}},
			see:   "RFC 8305",
		},
		{
			// Whether the name is to lead here is the first question.
			id: "closed-by-name", ops: connect, failures: []result.Failure{result.FailRefused}, when: []cond{toOwn, led},
			code: result.TCPClosed, sure: always(result.Likely), at: atThisMachine, subject: byHost,
			alike: []alike{{result.DNSHostsOverride, nil}, {result.DNSRewritten, nil}},
		},
		{
			id: "closed-here", ops: connect, failures: []result.Failure{result.FailRefused}, when: []cond{toOwn},
			code: result.TCPClosed, sure: always(result.Certain), at: atThisMachine,
		},
		{
			id: "closed-near", ops: connect, failures: []result.Failure{result.FailRefused}, when: []cond{toLink},
			code: result.TCPClosed, sure: always(result.Likely), at: atTarget,
			alike: []alike{{result.HostFirewall, nil}, {result.LocalFirewall, samePortElsewhere}},
		},
		{
			id: "refused-allowed", ops: connect, failures: []result.Failure{result.FailRefused, result.FailReset}, when: []cond{permissionOnly},
			code: result.TCPRefused, sure: always(result.Likely), at: silent, subject: byHost,
			alike: []alike{{result.TCPClosed, nil}, {result.TCPResetByMiddlebox, nil}, {result.LocalFirewall, samePortElsewhere}},
		},
		{
			// A RST looks the same from the destination and from a firewall
			// on the way: only its distance tells.
			id: "refused", ops: connect, failures: []result.Failure{result.FailRefused, result.FailReset},
			code: result.TCPRefused, sure: always(result.Likely), at: silent, subject: byHost,
			alike: []alike{{result.TCPClosed, nil}, {result.TCPResetByMiddlebox, nil}, {result.LocalFirewall, samePortElsewhere}},
		},
		{
			id: "silent-here", ops: connect, failures: silence, when: []cond{toOwn},
			code: result.LocalFirewall, sure: always(result.Likely), at: atThisMachine,
			alike: []alike{{result.TCPFiltered, nil}},
		},
		{
			// Answers still came when the time was over: silence is not yet
			// believed.
			id: "silent-unsure", ops: connect, failures: silence, when: []cond{notBelieved},
			code: result.TCPFiltered, sure: always(result.Hint), at: silent, subject: byHost,
			alike: []alike{{result.PathLoss, nil}, {result.HostDown, sameAddressAnswers}, {result.HostFirewall, nil}, {result.LocalFirewall, samePortElsewhere}},
		},
		{
			// Rules cover ranges; what is silent here and there among ports
			// that answer was more likely lost.
			id: "silent-scattered", ops: connect, failures: silence, when: []cond{scattered, sameAddressAnswers},
			code: result.TCPFiltered, sure: always(result.Hint), at: silent, subject: byHost, request: true,
			alike: []alike{{result.PathLoss, nil}, {result.HostFirewall, nil}, {result.LocalFirewall, samePortElsewhere}},
		},
		{
			id: "silent-near", ops: connect, failures: silence, when: []cond{toLink},
			code: result.TCPFiltered, sure: byControls, at: beforeTarget, subject: byHost, request: true,
			alike: []alike{{result.HostDown, sameAddressAnswers}, {result.HostFirewall, nil}, {result.LocalFirewall, samePortElsewhere}},
		},
		{
			id: "filtered", ops: connect, failures: silence,
			code: result.TCPFiltered, sure: byControls, at: silent, subject: byHost, request: true,
			alike: []alike{{result.HostDown, sameAddressAnswers}, {result.HostFirewall, nil}, {result.LocalFirewall, samePortElsewhere}},
		},
		{
			// From here on the system has an errno but not the message that
			// caused it: who said so is not known.
			id: "near-unreachable", ops: connect, failures: []result.Failure{result.FailHostUnreachable}, when: []cond{toLink},
			code: result.HostDown, sure: always(result.Likely), at: beforeTarget, subject: byHost,
			alike: []alike{{result.HostFirewall, nil}, {result.LocalFirewall, nil}, {result.LocalWrongNetmask, nil}},
		},
		{
			id: "unreachable", failures: []result.Failure{result.FailHostUnreachable, result.FailICMP}, when: []cond{overTCP},
			code: result.TCPRejected, sure: always(result.Hint), at: silent, subject: byHost, request: true,
			alike: []alike{{result.HostDown, sameAddressAnswers}, {result.LocalGatewayDown, othersAnswer}, {result.PathLoop, nil}},
		},
		{
			id: "net-unreachable", failures: []result.Failure{result.FailNetUnreachable},
			code: result.PathNoRoute, sure: always(result.Likely), at: silent, subject: byHost,
			alike: []alike{{result.LocalNoRoute, othersAnswer}, {result.TCPRejected, nil}},
		},
		{
			id: "prohibited", failures: []result.Failure{result.FailProhibited}, when: []cond{overTCP},
			code: result.TCPRejected, sure: always(result.Likely), at: silent, subject: byHost, request: true,
			alike: []alike{{result.LocalFirewall, nil}, {result.LocalPolicyRoute, nil}},
		},
		{
			id: "loop-unplaced", failures: []result.Failure{result.FailTTLExceeded},
			code: result.PathLoop, sure: always(result.Likely), at: silent, subject: byHost,
			alike: []alike{{result.TCPRejected, nil}},
		},
	}
}

// datagramRules are about datagrams of which nobody said anything by ICMP.
func datagramRules() []rule {
	exchange := []result.Op{result.OpExchange}
	return []rule{
		{
			id: "udp-refused", ops: exchange, failures: []result.Failure{result.FailRefused, result.FailReset},
			code: result.UDPClosed, sure: always(result.Likely), at: silent, subject: byHost,
			alike: []alike{{result.UDPRejected, nil}},
		},
		{
			id: "udp-unreachable", ops: exchange, failures: []result.Failure{result.FailHostUnreachable, result.FailProhibited, result.FailICMP},
			code: result.UDPRejected, sure: always(result.Likely), at: silent, subject: byHost, request: true,
			alike: []alike{{result.HostDown, nil}, {result.LocalFirewall, nil}},
		},
		{
			id: "no-reply", ops: exchange, failures: []result.Failure{result.FailNoReply, result.FailTimeout, result.FailConnectTimeout},
			code: result.UDPNoReply, sure: always(result.Hint), at: silent, subject: byHost, request: true,
			alike: []alike{{result.HostDown, sameAddressAnswers}, {result.UDPRejected, nil}, {result.HostFirewall, nil}},
		},
	}
}

func silentFailure(s *symptom) bool {
	return s.failure == result.FailConnectTimeout || s.failure == result.FailTimeout
}

// What makes several symptoms one finding.

func one(*symptom) string         { return "" }
func byHost(s *symptom) string    { return s.host }
func byAddress(s *symptom) string { return s.addr.String() }

// byFamily keeps IPv4 and IPv6 apart: each has a way of its own.
func byFamily(s *symptom) string {
	if s.addr.Is6() {
		return "IPv6"
	}
	return "IPv4"
}
