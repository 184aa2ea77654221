package diagnosis

import (
	"slices"

	"netcheck/report/result"
)

// nameRules are about names: what a resolver said, or that it said nothing. A
// single word is held against what others say of the same name, and against
// what the same resolver says of others.
func nameRules() []rule {
	asking := []result.Op{result.OpQuery, result.OpResolve}
	denied := []result.Failure{result.FailNXDomain, result.FailNoData, result.FailDNSRefused}
	said := slices.Concat(denied, []result.Failure{result.FailNullAddress, result.FailServFail, result.FailRCode})
	return []rule{
		{
			id: "no-resolver", failures: []result.Failure{result.FailNoResolver},
			code: result.DNSResolverUnreachable, sure: always(result.Certain), at: atThisMachine, subject: one,
		},
		{
			// The addresses come too late for the system's own patience.
			id: "found-too-late", failures: []result.Failure{result.FailResolve}, when: []cond{slowOnce},
			code: result.DNSSlow, sure: always(result.Likely), at: atSlow, subject: byHost, act: network,
			alike: []alike{{result.DNSResolverUnreachable, nil}},
		},
		{
			// It was UDP that told to come by TCP: the resolver is there.
			id: "dns-tcp-blocked", failures: []result.Failure{result.FailDNSTCP},
			code: result.DNSTCPBlocked, sure: either(tcpDead, result.Certain, result.Strong), at: toResolver, subject: byResolver, see: "RFC 7766",
		},
		{
			// Somebody nearer than the resolver answers for it, and does not
			// say what others say.
			id: "dns-intercepted", failures: said, ops: asking, when: []cond{answeredInItsPlace, not(sameElsewhere)},
			code: result.DNSIntercepted, sure: always(result.Certain), at: inItsPlace, subject: byResolver, act: network,
			alike: []alike{{result.DNSNXDomain, anyOf(knownElsewhere, not(deniesName))}},
		},
		{
			id: "filter-says", failures: said, ops: asking, when: []cond{saysBlocked},
			code: result.DNSFiltered, sure: always(result.Certain), at: atResolver, subject: byHost, act: network, see: "RFC 8914",
		},
		{
			id: "null-address", failures: []result.Failure{result.FailNullAddress},
			code: result.DNSFiltered, sure: either(anyOf(knownElsewhere, denies), result.Strong, result.Likely), at: atResolver, subject: byHost, act: network,
			alike: []alike{{result.DNSHostsOverride, resolverSaid}, {result.DNSRewritten, denies}, {result.DNSNoAddress, knownElsewhere}},
		},
		{
			id: "rebind-blocked", failures: denied, ops: asking, when: []cond{asksAddress, insideElsewhere},
			code: result.DNSRebindBlocked, sure: always(result.Strong), at: atResolver, subject: byHost, act: network,
			alike: []alike{{result.DNSFiltered, nil}},
		},
		{
			// A resolver that serves not this network denies every name.
			id: "filtered-here", failures: denied, ops: asking, when: []cond{asksAddress, knownElsewhere, not(refusesAll)},
			code: result.DNSFiltered, sure: always(result.Strong), at: atResolver, subject: byHost, act: network,
			alike: []alike{{result.DNSMismatch, nil}},
		},
		{
			// It denies what does not exist, and refuses this.
			id: "refuses-name", failures: []result.Failure{result.FailDNSRefused}, ops: asking, when: []cond{denies},
			code: result.DNSFiltered, sure: always(result.Strong), at: atResolver, subject: byHost, act: network,
			alike: []alike{{result.DNSRefused, nil}},
		},
		{
			id: "resolver-rejected", ops: asking, when: []cond{icmp, not(fromTarget), icmpSays(icmpProhibited, icmpPort, icmpProtocol)},
			code: result.DNSResolverUnreachable, sure: always(result.Certain), at: atDevice, request: true,
		},
		{
			id: "resolver-refuses", ops: asking, when: []cond{icmp},
			code: result.DNSResolverUnreachable, sure: always(result.Certain), at: atRefuser, subject: one, act: network,
		},
		{
			id: "resolver-closed", ops: asking,
			failures: []result.Failure{result.FailRefused, result.FailReset, result.FailEOF, result.FailHostUnreachable, result.FailNetUnreachable, result.FailProhibited, result.FailICMP},
			code:     result.DNSResolverUnreachable, sure: always(result.Strong), at: silent, subject: one,
		},
		{
			id: "resolver-late", ops: asking, failures: resolverSilence, when: []cond{late},
			code: result.DNSSlow, sure: always(result.Certain), at: atResolver, subject: byResolver,
		},
		{
			id: "udp-blocked", ops: asking, failures: resolverSilence, when: []cond{tcpAnswers, stillSilent},
			code: result.DNSResolverUnreachable, sure: always(result.Strong), at: toResolver, subject: byResolver, request: true,
			alike: []alike{{result.LocalFirewall, questionsLeave}},
		},
		{
			// It answers at once for one family of addresses, and never for
			// the other.
			id: "half-silent", ops: asking, failures: resolverSilence, when: []cond{halfSilent},
			code: result.DNSSlow, sure: always(result.Strong), at: atResolver, subject: byResolver, see: "RFC 4074",
			alike: []alike{{result.DNSFiltered, nil}},
		},
		{
			// The resolver answers other questions: this one took too long, or
			// somebody drops it.
			id: "resolver-slow", ops: asking, failures: resolverSilence, when: []cond{resolverAnswersOthers},
			code: result.DNSSlow, sure: always(result.Hint), at: silent, subject: byHost,
			alike: []alike{{result.DNSFiltered, nil}, {result.PathLoss, nil}},
		},
		{
			// A forwarder that gets no answer itself is silent, too.
			id: "resolver-hangs", ops: asking, failures: resolverSilence, when: []cond{hangs},
			code: result.DNSResolverUnreachable, sure: always(result.Strong), at: atResolver, subject: bySilence, act: network,
			alike: []alike{{result.DNSSlow, nil}, {result.DNSServFail, nil}},
		},
		{
			id: "resolver-shut", ops: asking, failures: resolverSilence, when: []cond{shut},
			code: result.DNSResolverUnreachable, sure: always(result.Certain), at: atResolver, subject: byResolver, act: network,
		},
		{
			id: "resolver-silent", ops: asking, failures: resolverSilence,
			code: result.DNSResolverUnreachable, sure: either(resolverPlaced, result.Strong, result.Likely), at: toResolver, subject: bySilence,
			alike: []alike{{result.DNSSlow, stillSilent}, {result.LocalFirewall, resolverPlaced}},
		},
		{
			id: "nxdomain", failures: []result.Failure{result.FailNXDomain},
			code: result.DNSNXDomain, sure: nxSureness, at: atResolver, subject: byHost, act: vendor,
			alike: []alike{{result.DNSFiltered, sameAtReference}}, see: "RFC 9499",
		},
		{
			id: "no-data", failures: []result.Failure{result.FailNoData},
			code: result.DNSNoAddress, sure: either(anyOf(sameElsewhere, resolversAgree), result.Strong, result.Likely), at: atResolver, subject: byHost, act: vendor,
			alike: []alike{{result.DNSRebindBlocked, sameAtReference}, {result.DNSFiltered, sameAtReference}}, see: "RFC 9499, NODATA",
		},
		{
			id: "dnssec", failures: []result.Failure{result.FailServFail}, when: []cond{anyOf(signed, saysDNSSEC)},
			code: result.DNSSEC, sure: either(signedAndSaid, result.Certain, result.Strong), at: atResolver, subject: byHost, act: vendor,
			see: "RFC 4035, 3.2.2",
		},
		{
			id: "servfail-always", failures: []result.Failure{result.FailServFail}, when: []cond{ailsAtAll},
			code: result.DNSServFail, sure: always(result.Certain), at: atResolver, subject: byResolver, act: network,
		},
		{
			id: "servfail", failures: []result.Failure{result.FailServFail},
			code: result.DNSServFail, sure: either(unsigned, result.Certain, result.Strong), at: atResolver, subject: byResolver,
			alike: []alike{{result.DNSSEC, unsigned}},
		},
		{
			id: "dns-refused", failures: []result.Failure{result.FailDNSRefused},
			code: result.DNSRefused, sure: either(refusesAll, result.Certain, result.Strong), at: atResolver, subject: byResolver,
			alike: []alike{{result.DNSFiltered, refusesAll}},
		},
		{
			id: "dns-rcode", failures: []result.Failure{result.FailRCode},
			code: result.DNSServFail, sure: always(result.Likely), at: atResolver, subject: byResolver,
			alike: []alike{{result.DNSIntercepted, nil}},
		},
		{
			id: "dns-garbage", failures: []result.Failure{result.FailDNSFormat},
			code: result.ProtoMismatch, sure: always(result.Likely), at: atResolver, subject: byResolver,
			alike: []alike{{result.DNSIntercepted, nil}},
		},
		{
			id: "resolve", failures: []result.Failure{result.FailResolve},
			code: result.DNSResolverUnreachable, sure: always(result.Hint), at: silent, subject: one,
			alike: []alike{{result.DNSNXDomain, nil}, {result.DNSServFail, nil}, {result.DNSNoAddress, nil}},
		},
		{
			id: "dns-mismatch", failures: []result.Failure{result.FailExpectation}, when: []cond{kind("dns")},
			code: result.DNSMismatch, sure: always(result.Strong), at: atResolver, subject: byHost, act: network,
			alike: []alike{{result.DNSHijacked, sameThere}},
		},
	}
}
