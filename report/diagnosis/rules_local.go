package diagnosis

import "netcheck/report/result"

// localRules are about this machine and its link: what the system refused by
// itself, and what its own address said.
func localRules() []rule {
	silence := []result.Failure{result.FailConnectTimeout, result.FailTimeout}
	gone := append([]result.Failure{result.FailHostUnreachable}, silence...)
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
			code: result.LocalPolicyRoute, sure: either(errno("EINVAL"), result.Certain, result.Strong), at: atThisMachine,
			alike: []alike{{result.LocalFirewall, errno("EINVAL")}},
		},
		{
			id: "no-loopback", failures: []result.Failure{result.FailNoRoute},
			when: []cond{toLoopback},
			code: result.LocalNoRoute, sure: always(result.Certain), at: atThisMachine, subject: one,
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
			code: result.LocalGatewayDown, sure: always(result.Certain), at: beforeGateway, subject: one, gathers: true,
			alike: []alike{{result.LocalFirewall, discoveryFailed}},
		},
		{
			// No network of this site holds public addresses that its router
			// does not lead to: a mask that is too wide makes neighbours of
			// those who are none.
			id: "wrong-netmask", failures: gone, when: []cond{toLink, not(toOwn), not(toGateway), maskDoubtful, askedInVain},
			code: result.LocalWrongNetmask, sure: either(maskWrong, result.Strong, result.Likely), at: atThisMachine, subject: one,
			alike: []alike{{result.HostDown, maskWrong}},
			see:   "RFC 1122, 3.3.1.1",
		},
		{
			// Not one device of the own link answers but the gateway, as where a
			// switch or access point keeps devices apart.
			id: "kept-apart", failures: gone, when: []cond{toLink, not(toOwn), not(toGateway), askedInVain, keptApart},
			code: result.HostDown, sure: always(result.Likely), at: onOwnLink, subject: one, act: network,
			alike: []alike{{result.TCPFiltered, nil}, {result.LocalWrongNetmask, not(farOnLink)}},
		},
		{
			id: "neighbour-silent", when: []cond{icmp, fromOwn, icmpSays(icmpHost), not(toOwn), toLink},
			code: result.HostDown, sure: either(ordinaryNeighbour, result.Strong, result.Likely), at: beforeTarget, subject: byHost,
			alike: []alike{{result.LocalWrongNetmask, ordinaryNeighbour}, {result.LocalFirewall, discoveryFailed}},
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
			code: result.LocalGatewayDown, sure: either(discoveryFailed, result.Certain, result.Likely), at: beforeGateway, subject: byFamily, gathers: true,
			alike: []alike{{result.LocalFirewall, discoveryFailed}},
		},
		{
			// The system forgets only slowly that a gateway answered: packets
			// to it are silence until then.
			id: "gateway-lost", failures: silence, when: []cond{not(toOwn), not(toLink), not(familyReached), gatewaySilent},
			code: result.LocalGatewayDown, sure: always(result.Strong), at: beforeGateway, subject: byFamily, gathers: true,
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
