package diagnosis

import "netcheck/report/result"

// pathRules are about connects and datagrams of which nobody said anything by
// ICMP, where sweeps or this machine tell how far they got.
func pathRules() []rule {
	silence := []result.Failure{result.FailConnectTimeout, result.FailTimeout}
	refusal := []result.Failure{result.FailRefused, result.FailReset}
	unanswered := append([]result.Failure{result.FailHostUnreachable}, silence...)
	connect := []result.Op{result.OpConnect}
	return []rule{
		{
			// The system notes that it could not send: whoever refuses, it is
			// nobody on the way.
			id: "own-drop", ops: connect, failures: append(silence, refusal...), when: []cond{not(toOwn), staysHere},
			code: result.LocalFirewall, sure: always(result.Strong), at: atThisMachine, subject: one, request: true,
		},
		{
			id: "loop-seen", ops: connect, failures: silence, when: []cond{stops(goesRound)},
			code: result.PathLoop, sure: always(result.Certain), at: inLoop, subject: byHost,
		},
		{
			id: "tunnel", ops: connect, failures: silence, when: []cond{byTunnel, not(passesRouter)},
			code: result.LocalVPN, sure: always(result.Likely), at: atThisMachine, subject: one, act: site,
			alike: []alike{{result.TCPFiltered, nil}, {result.HostDown, sameAddressAnswers}},
		},
		{
			// Rules cover ranges; what is silent here and there was lost, where
			// others get lost as well.
			id: "silent-by-loss", ops: connect, failures: silence, when: []cond{scattered, lossMeasured},
			code: result.PathLoss, sure: either(lossPlaced, result.Strong, result.Likely), at: whereLost, act: network, gathers: true,
			alike: []alike{{result.TCPFiltered, lossPlaced}},
		},
		{
			id: "answered-later", ops: connect, failures: silence, when: []cond{stops(cameThrough)},
			code: result.PathLoss, sure: always(result.Likely), at: silent, subject: byHost, act: network,
			alike: []alike{{result.TCPFiltered, nil}},
		},
		{
			// On the own link nothing but a switch lies in between, and the
			// host answers there.
			id: "near-firewall", ops: connect, failures: silence, when: []cond{toLink, not(toOwn), not(notBelieved), neighbourSays("answers")},
			code: result.HostFirewall, sure: either(leavesHere, result.Strong, result.Likely), at: beforeTarget, subject: byHost, request: true, act: site,
			alike: []alike{{result.TCPFiltered, nil}, {result.LocalFirewall, leavesHere}},
		},
		{
			id: "near-gone", ops: connect, failures: unanswered, when: []cond{toLink, not(toOwn), not(toGateway), not(sameAddressAnswers), neighbourSays("silent")},
			code: result.HostDown, sure: either(ordinaryNeighbour, result.Strong, result.Likely), at: beforeTarget, subject: byHost,
			alike: []alike{{result.LocalWrongNetmask, ordinaryNeighbour}},
			see:   "RFC 1122, 2.3.2.2",
		},
		{
			id: "first-hop-drops", ops: connect, failures: silence, when: []cond{stops(atStart), leavesHere},
			code: result.TCPFiltered, sure: either(routeKnown, result.Strong, result.Likely), at: afterLast, request: true, gathers: true, unplaced: true,
			alike: []alike{{result.PathNoRoute, routeKnown}},
		},
		{
			// The first router checks a packet's TTL before most of its rules,
			// this machine's own firewall before all: either may drop it.
			id: "first-hop-or-here", ops: connect, failures: silence, when: []cond{stops(atStart)},
			code: result.LocalFirewall, sure: always(result.Likely), at: beforeGateway, request: true, gathers: true, unplaced: true,
			alike: []alike{{result.TCPFiltered, nil}},
		},
		{
			// Any way by IPv6 ends, and the same names answer by IPv4.
			id: "ipv6-broken", ops: connect, failures: silence, when: []cond{toIPv6, not(toLink), not(familyReached), ipv4MadeUp, anyOf(manyIPv6, endsNear)},
			code: result.PathIPv6Broken, sure: either(manyIPv6, result.Strong, result.Likely), at: swept, subject: one, act: network,
			alike: []alike{{result.PathAddressDead, manyIPv6}, {result.TCPFiltered, nil}},
			see:   "RFC 8305",
		},
		{
			id: "filtered-on-way", ops: connect, failures: silence, when: []cond{stops(onTheWay, onTheTrunk)},
			code: result.TCPFiltered, sure: either(placed, result.Strong, result.Likely), at: afterLast, request: true, gathers: true,
			alike: []alike{{result.HostDown, placed}, {result.HostFirewall, placed}, {result.PathNoRoute, routeKnown}},
		},
		{
			id: "address-silent", ops: connect, failures: silence, when: []cond{addressMadeUpFor, not(sameAddressAnswers), passesRouter},
			code: result.PathAddressDead, sure: either(stops(atTheEnd), result.Strong, result.Likely), at: swept, subject: byAddress, act: vendor,
			alike: []alike{{result.TCPFiltered, nil}, {result.HostFirewall, nil}},
			see:   "RFC 8305",
		},
		{
			// Whatever port is asked, and as far as the last router.
			id: "host-silent", ops: connect, failures: silence, when: []cond{stops(atTheEnd), not(sameAddressAnswers), manyPorts, not(notBelieved)},
			code: result.HostDown, sure: always(result.Likely), at: beforeDestination, subject: byHost, act: vendor,
			alike: []alike{{result.HostFirewall, nil}, {result.TCPFiltered, nil}},
		},
		{
			id: "filtered-at-end", ops: connect, failures: silence, when: []cond{stops(atTheEnd)},
			code: result.TCPFiltered, sure: always(result.Likely), at: beforeDestination, request: true, gathers: true, act: vendor,
			alike: []alike{{result.HostFirewall, nil}, {result.HostDown, sameAddressAnswers}, {result.PathLoss, not(scattered)}, {result.LocalFirewall, samePortElsewhere}},
		},
		{
			id: "filtered-near-here", ops: connect, failures: silence, when: []cond{stops(maybeHere)},
			code: result.TCPFiltered, sure: always(result.Likely), at: afterLast, request: true, gathers: true,
			alike: []alike{{result.HostDown, sameAddressAnswers}, {result.HostFirewall, nil}, {result.PathNoRoute, anyOf(sameAddressAnswers, routeKnown)}},
		},
		{
			id: "filtered-after", ops: connect, failures: silence, when: []cond{stops(somewhere)},
			code: result.TCPFiltered, sure: always(result.Hint), at: afterLast, request: true, gathers: true,
			alike: []alike{{result.HostDown, sameAddressAnswers}, {result.HostFirewall, nil}, {result.PathNoRoute, familyReached}},
		},
		{
			// A RST that is met at the first hop is that router's: what leaves
			// this machine goes no further.
			id: "reset-first-hop", ops: connect, failures: refusal, when: []cond{refusedBy(firstHop), leavesHere},
			code: result.TCPResetByMiddlebox, sure: either(liesBeyond, result.Certain, result.Likely), at: atResetter, request: true, gathers: true,
			alike: []alike{{result.TCPClosed, liesBeyond}},
		},
		{
			id: "reset-first-or-here", ops: connect, failures: refusal, when: []cond{refusedBy(firstHop)},
			code: result.TCPResetByMiddlebox, sure: always(result.Likely), at: beforeGateway, request: true, gathers: true,
			alike: []alike{{result.LocalFirewall, samePortElsewhere}, {result.TCPTransparentProxy, nil}},
		},
		{
			id: "reset-nearer", ops: connect, failures: refusal, when: []cond{refusedBy(nearer)},
			code: result.TCPResetByMiddlebox, sure: always(result.Certain), at: atResetter, request: true, gathers: true,
			see: "RFC 9293, 3.5.2",
		},
		{
			id: "reset-on-way", ops: connect, failures: refusal, when: []cond{refusedBy(otherDevice, nearBefore, unlikeAlone)},
			code: result.TCPResetByMiddlebox, sure: either(anyOf(refusedBy(unlikeAlone), both(refusedBy(nearBefore), not(refusalSwept))), result.Likely, result.Strong), at: atResetter, request: true, gathers: true,
			alike: []alike{{result.TCPClosed, refusedBy(otherDevice)}},
		},
		{
			id: "closed", ops: connect, failures: refusal, when: []cond{refusedBy(destination, entrance)},
			code: result.TCPClosed, sure: always(result.Strong), at: atDestination, subject: byHost,
			alike: []alike{{result.HostFirewall, nil}},
		},
		{
			id: "closed-it-seems", ops: connect, failures: refusal, when: []cond{refusedBy(likeDestination, plainAlone)},
			code: result.TCPClosed, sure: always(result.Likely), at: nearDestination, subject: byHost,
			alike: []alike{{result.TCPResetByMiddlebox, nil}, {result.HostFirewall, nil}},
		},
	}
}

// datagramPathRules are the same for datagrams. That nobody replies may always
// be the service's way.
func datagramPathRules() []rule {
	exchange := []result.Op{result.OpExchange}
	none := []result.Failure{result.FailNoReply, result.FailTimeout, result.FailConnectTimeout}
	return []rule{
		{
			id: "udp-on-way", ops: exchange, failures: none, when: []cond{stops(onTheWay, onTheTrunk, atStart)},
			code: result.UDPNoReply, sure: either(placed, result.Strong, result.Likely), at: afterLast, request: true, gathers: true,
			alike: []alike{{result.HostDown, placed}, {result.HostFirewall, placed}},
		},
		{
			id: "udp-at-end", ops: exchange, failures: none, when: []cond{stops(atTheEnd)},
			code: result.UDPNoReply, sure: always(result.Hint), at: beforeDestination, subject: byHost, request: true, act: vendor,
			alike: []alike{{result.HostDown, sameAddressAnswers}, {result.HostFirewall, nil}},
		},
		{
			id: "udp-after", ops: exchange, failures: none, when: []cond{stops(maybeHere, somewhere)},
			code: result.UDPNoReply, sure: always(result.Hint), at: afterLast, request: true, gathers: true,
			alike: []alike{{result.HostDown, sameAddressAnswers}, {result.HostFirewall, nil}},
		},
	}
}
