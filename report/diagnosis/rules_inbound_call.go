package diagnosis

import (
	"slices"

	"netcheck/report/result"
)

// inboundCallRules are about what became of a call from outside. Silence names
// nobody: it only has a last router that let the packets pass.
func inboundCallRules() []rule {
	rs := slices.Concat(inboundHelperSideRules(), inboundAnswerRules(), inboundHintRules(), inboundRefusalRules(), inboundSilenceRules())
	for i := range rs {
		rs[i].about = inwardCall
	}
	return rs
}

// inboundAnswerRules are about calls that somebody took, who is not known to be
// this machine.
func inboundAnswerRules() []rule {
	open := called(result.Open)
	return []rule{
		{
			id: "inbound-foreign", when: []cond{open, proof("foreign")},
			code: result.InboundWrongHost, sure: always(result.Certain), at: inShop, request: true, gathers: true, act: network,
		},
		{
			id: "inbound-wrong-port", when: []cond{open, arrivedElsewhere},
			code: result.ListenWrongProcess, sure: always(result.Certain), at: atThisMachine, request: true, gathers: true, act: network,
		},
		{
			id: "inbound-mapped-elsewhere", when: []cond{mappedElsewhere, not(inwardDirect)},
			code: result.InboundWrongHost, sure: either(answeredBy(byRouter), result.Likely, result.Strong), at: atGateway, request: true, gathers: true, act: network,
			alike: []alike{{result.InboundRouterAnswers, not(answeredBy(byRouter))}},
		},
		{
			id: "inbound-answered-before", when: []cond{open, answeredBy(byOther)},
			code: result.TCPAnsweredByFirewall, sure: always(result.Likely), at: atForestaller, gathers: true, act: "provider",
			alike: []alike{{result.TCPTransparentProxy, nil}},
		},
		{
			id: "inbound-router-answers", when: []cond{open, answeredBy(byRouter), not(inwardDirect)},
			code: result.InboundRouterAnswers, sure: either(routerCounts, result.Strong, result.Likely), at: atShopRouter, request: true, gathers: true, act: network,
			alike: []alike{{result.InboundWrongHost, routerCounts}},
		},
		{
			id: "inbound-wrong-host", when: []cond{open, watched, answeredBy(byInside), not(farther), not(inwardDirect)},
			code: result.InboundWrongHost, sure: either(anyOf(nearerThanHere, seenNowhere), result.Strong, result.Likely), at: inShop, request: true, gathers: true, act: network,
			alike: []alike{{result.ListenWrongProcess, anyOf(nearerThanHere, seenNowhere)}},
		},
		{
			id: "inbound-somebody-else", when: []cond{open, watched, not(farther)},
			code: result.InboundWrongHost, sure: always(result.Likely), at: nearRouter, request: true, gathers: true, act: network,
			alike: []alike{{result.InboundRouterAnswers, inwardDirect}, {result.TCPAnsweredByFirewall, nil}},
		},
		{
			id: "inbound-unproven", when: []cond{open},
			code: result.InboundWrongHost, sure: always(result.Hint), subject: byService, act: site,
			alike: []alike{{result.InboundRouterAnswers, answeredBy(byInside)}, {result.TCPAnsweredByFirewall, nil}},
		},
	}
}

// inboundHelperSideRules are about calls that seem to have gone nowhere.
func inboundHelperSideRules() []rule {
	return []rule{
		{
			// What ends at the helper, or just behind it, says nothing of the shop.
			id: "inbound-at-helper", when: []cond{not(proof("foreign")), atHelper},
			code: result.InboundVantageUnreachable, sure: always(result.Likely), subject: byHelper, act: site,
			alike: []alike{{result.InboundFiltered, nil}},
		},
		{
			id: "inbound-nothing-heard", when: []cond{called(result.Filtered), nothingHeard},
			code: result.InboundVantageUnreachable, sure: always(result.Hint), subject: byHelper, act: site,
			alike: []alike{{result.InboundFiltered, nil}},
		},
	}
}

// inboundHintRules are about calls that got no further than to the public
// address, where something hints at another router behind it, or the provider's.
func inboundHintRules() []rule {
	when := func(hint cond) []cond {
		return []cond{keptOut, hint, not(straightLine), not(strangersOut), not(inwardDirect)}
	}
	open := []alike{{result.InboundFiltered, not(called(result.Filtered))}, {result.InboundRefused, called(result.Filtered)}}
	carrier, double := append([]alike{{result.InboundDoubleNAT, nil}}, open...), append([]alike{{result.InboundCGNAT, nil}}, open...)
	return []rule{
		{
			id: "inbound-cgnat-hop", when: when(sharedHop),
			code: result.InboundCGNAT, sure: always(result.Likely), at: atProvider, subject: one, act: "provider", alike: carrier, see: "RFC 6598",
		},
		{
			// Providers give their own routers private addresses, too.
			id: "inbound-double-nat-hop", when: when(privateHop),
			code: result.InboundDoubleNAT, sure: either(anyOf(moreRouters, endsThere), result.Likely, result.Hint), at: inShop, subject: one, act: network, alike: double,
		},
		{
			// What most gateways run says so of a private address.
			id: "inbound-no-wan-address", when: when(wanNone),
			code: result.InboundDoubleNAT, sure: always(result.Likely), at: inShop, subject: one, act: network, alike: double,
		},
		{
			// A router on the way may set hops anew as well.
			id: "inbound-more-routers", when: when(moreRouters),
			code: result.InboundDoubleNAT, sure: always(result.Likely), at: inShop, subject: one, act: network, alike: append(double[:len(double):len(double)], alike{result.InboundWrongHost, mappedRight}, alike{result.HostFirewall, nil}),
		},
	}
}

// inboundRefusalRules are about calls that somebody refused.
func inboundRefusalRules() []rule {
	closed, rejected := called(result.Closed), called(result.Rejected)
	return []rule{
		{
			id: "inbound-allow-list", when: []cond{strangersOut},
			code: result.InboundAllowList, sure: always(result.Likely), at: whereCallEnds, subject: byService, act: vendor,
			alike: []alike{{result.InboundFiltered, called(result.Closed, result.Rejected)}, {result.InboundRefused, called(result.Filtered)}},
		},
		{
			// The router asked its network for the target, and nobody is there.
			id: "inbound-target-gone", when: []cond{rejected, fromShopRouter, icmpSays(icmpHost), not(sameForAll), not(inwardDirect)},
			code: result.InboundWrongHost, sure: either(elsewhereInside, result.Likely, result.Strong), at: atShopRouter, request: true, act: network,
			alike: []alike{{result.HostDown, not(elsewhereInside)}},
		},
		{
			id: "inbound-inner-router", when: []cond{called(result.Closed, result.Filtered, result.Rejected), atInnerRouter, not(inwardDirect)},
			code: result.InboundDoubleNAT, sure: always(result.Likely), at: inShop, subject: one, act: network,
			alike: []alike{{result.InboundWrongHost, mappedRight}, {result.HostFirewall, nil}},
		},
		{
			id: "inbound-rejected-inside", when: []cond{rejected, anyOf(answeredBy(byInside), fromInside), inwardListens},
			code: result.InboundRefused, sure: always(result.Likely), at: behindRouter, request: true, act: network,
			alike: []alike{{result.HostFirewall, nil}, {result.InboundWrongHost, inwardDirect}},
		},
		{
			id: "inbound-rejected-router", when: []cond{rejected, fromShopRouter},
			code: result.InboundRefused, sure: either(sameForAll, result.Strong, result.Likely), at: atShopRouter, request: true, gathers: true, act: network,
			alike: []alike{{result.HostFirewall, sameForAll}},
		},
		{
			id: "inbound-rejected", when: []cond{rejected, icmp},
			code: result.InboundRefused, sure: either(beforeShop, result.Strong, result.Likely), at: atRejecter, request: true, gathers: true,
			alike: []alike{{result.HostFirewall, beforeShop}},
		},
		{
			id: "inbound-refused-before", when: []cond{closed, answeredBy(byOther)},
			code: result.InboundRefused, sure: always(result.Likely), at: atForestaller, request: true, gathers: true, act: "provider",
			alike: []alike{{result.InboundAllowList, nil}, {result.TCPResetByMiddlebox, nil}},
		},
		{
			id: "inbound-refused-inside", when: []cond{closed, answeredBy(byInside), inwardListens, not(inwardDirect)},
			code: result.InboundWrongHost, sure: always(result.Likely), at: inShop, request: true, gathers: true, act: network,
			alike: []alike{{result.HostFirewall, nil}},
		},
		{
			// Whatever it is asked it refuses: nothing is forwarded.
			id: "inbound-refused-router", when: []cond{closed, answeredBy(byRouter), sameForAll, not(inwardDirect)},
			code: result.InboundRefused, sure: either(routerCounts, result.Strong, result.Likely), at: atShopRouter, request: true, gathers: true, act: network,
			alike: []alike{{result.InboundWrongHost, routerCounts}, {result.InboundCGNAT, straightLine}, {result.InboundDoubleNAT, straightLine}},
		},
		{
			id: "inbound-refused", when: []cond{called(result.Closed, result.Rejected, result.Reset)},
			code: result.InboundRefused, sure: always(result.Likely), at: nearRouter, request: true, gathers: true, act: network,
			alike: []alike{{result.InboundWrongHost, anyOf(inwardDirect, mappedRight)}, {result.HostFirewall, nil}, {result.TCPResetByMiddlebox, nil}},
		},
	}
}

// inboundSilenceRules are about calls that nobody answered.
func inboundSilenceRules() []rule {
	silent := called(result.Filtered)
	line := []alike{{result.InboundCGNAT, straightLine}, {result.InboundDoubleNAT, straightLine}}
	inside := []alike{{result.InboundWrongHost, anyOf(inwardDirect, mappedRight)}, {result.HostFirewall, nil}}
	return []rule{
		{
			id: "inbound-answer-lost", when: []cond{silent, reachedUnanswered},
			code: result.InboundFiltered, sure: always(result.Likely), at: wayBack, request: false, subject: byService, act: network,
			alike: []alike{{result.LocalFirewall, nil}},
		},
		{
			// It may well have been taken without a word.
			id: "inbound-datagram", when: []cond{silent, overUDP, not(stoodIn)},
			code: result.InboundFiltered, sure: always(result.Hint), at: whereCallEnds, subject: byService, act: site,
			alike: []alike{{result.UDPNoReply, nil}, {result.InboundWrongHost, inwardDirect}, {result.HostFirewall, nil}},
		},
		{
			id: "inbound-silent-inside", when: []cond{silent, getsIn, not(inwardDirect)},
			code: result.InboundFiltered, sure: always(result.Likely), at: behindRouter, request: true, gathers: true, act: network,
			alike: append(inside[:2:2], alike{result.InboundDoubleNAT, anyOf(wanIsSeen, pastBoth, noMoreRouters)}),
		},
		{
			// It dies where a call to another port goes on.
			id: "inbound-silent-early", when: []cond{silent, controlFurther},
			code: result.InboundFiltered, sure: always(result.Likely), at: whereCallEnds, request: true, gathers: true,
			alike: append(inside[:2:2], alike{result.InboundAllowList, nil}),
		},
		{
			// Others are refused just where this one is met with silence: it is
			// treated in a way of its own.
			id: "inbound-silent-port", when: []cond{silent, controlAnswered, not(inwardDirect)},
			code: result.InboundFiltered, sure: always(result.Likely), at: whereCallEnds, request: true, gathers: true, act: network,
			alike: append(inside[:2:2], alike{result.InboundAllowList, nil}),
		},
		{
			id: "inbound-silent-direct", when: []cond{silent, callSwept, inwardDirect},
			code: result.InboundFiltered, sure: always(result.Likely), at: whereCallEnds, request: true, gathers: true, act: network,
			alike: []alike{{result.HostFirewall, nil}},
		},
		{
			// Nothing that is not asked for gets in.
			id: "inbound-silent-all", when: []cond{silent, sameEnd},
			code: result.InboundFiltered, sure: always(result.Likely), at: whereCallEnds, request: true, gathers: true, act: network,
			alike: append(line, inside...),
		},
		{
			id: "inbound-silent", when: []cond{silent},
			code: result.InboundFiltered, sure: always(result.Hint), at: whereCallEnds, request: true, gathers: true, act: network,
			alike: append(line, inside...),
		},
		{
			// Some helpers only tell that nobody took the call.
			id: "inbound-not-reached", when: []cond{called(result.Unknown)},
			code: result.InboundFiltered, sure: always(result.Hint), at: whereCallEnds, request: true, gathers: true, act: network,
			alike: append([]alike{{result.InboundRefused, nil}}, append(line, inside...)...),
		},
	}
}
