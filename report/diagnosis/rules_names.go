package diagnosis

import (
	"slices"

	"netcheck/report/result"
)

// nameRules are about names: what a resolver said, or that it said nothing.
func nameRules() []rule {
	asking := []result.Op{result.OpQuery, result.OpResolve}
	return []rule{
		{
			id: "no-resolver", failures: []result.Failure{result.FailNoResolver},
			code: result.DNSResolverUnreachable, sure: always(result.Certain), at: atThisMachine, subject: one,
		},
		{
			// It was UDP that told to come by TCP: the resolver is there.
			id: "dns-tcp-blocked", failures: []result.Failure{result.FailDNSTCP},
			code: result.DNSTCPBlocked, sure: always(result.Strong), at: toResolver, subject: byResolver, see: "RFC 7766",
		},
		{
			id: "null-address", failures: []result.Failure{result.FailNullAddress},
			code: result.DNSFiltered, sure: always(result.Strong), at: atResolver, subject: byHost, act: network,
			alike: []alike{{result.DNSHostsOverride, resolverSaid}, {result.DNSRewritten, nil}},
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
			// The resolver answers other questions: this one took too long, or
			// somebody drops it.
			id: "resolver-slow", ops: asking, failures: resolverSilence, when: []cond{resolverAnswersOthers},
			code: result.DNSSlow, sure: always(result.Hint), at: silent, subject: byHost,
			alike: []alike{{result.DNSFiltered, nil}, {result.PathLoss, nil}},
		},
		{
			id: "resolver-silent", ops: asking, failures: resolverSilence,
			code: result.DNSResolverUnreachable, sure: either(anotherResolverAnswers, result.Strong, result.Likely), at: toResolver, subject: one,
			alike: []alike{{result.DNSSlow, nil}, {result.LocalFirewall, anotherResolverAnswers}},
		},
		{
			id: "nxdomain", failures: []result.Failure{result.FailNXDomain},
			code: result.DNSNXDomain, sure: either(resolversAgree, result.Strong, result.Likely), at: atResolver, subject: byHost, act: vendor,
			alike: []alike{{result.DNSFiltered, nil}}, see: "RFC 9499",
		},
		{
			id: "no-data", failures: []result.Failure{result.FailNoData},
			code: result.DNSNoAddress, sure: either(resolversAgree, result.Strong, result.Likely), at: atResolver, subject: byHost, act: vendor,
			alike: []alike{{result.DNSRebindBlocked, nil}, {result.DNSFiltered, nil}}, see: "RFC 9499, NODATA",
		},
		{
			id: "servfail", failures: []result.Failure{result.FailServFail},
			code: result.DNSServFail, sure: always(result.Strong), at: atResolver, subject: byResolver,
			alike: []alike{{result.DNSSEC, nil}},
		},
		{
			id: "dns-refused", failures: []result.Failure{result.FailDNSRefused},
			code: result.DNSRefused, sure: always(result.Strong), at: atResolver, subject: byResolver,
			alike: []alike{{result.DNSFiltered, nil}},
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
			alike: []alike{{result.DNSHijacked, nil}},
		},
	}
}

var resolverSilence = []result.Failure{result.FailDNSTimeout, result.FailTimeout, result.FailConnectTimeout, result.FailNoReply}

func resolverAnswersOthers(s *symptom) bool { return s.view.resolvers[s.addr] }

func anotherResolverAnswers(s *symptom) bool {
	for a := range s.view.resolvers {
		if a != s.addr {
			return true
		}
	}
	return false
}

// resolversAgree tells whether two resolvers said the same in this check.
func resolversAgree(s *symptom) bool {
	var said []string
	for i := range s.shown.Steps {
		st := &s.shown.Steps[i]
		if st.Op != result.OpQuery {
			continue
		}
		switch peer := peerOf(s.shown, st); {
		case st.Failure == s.failure && peer != "" && !slices.Contains(said, peer):
			said = append(said, peer)
		case st.Failure == "":
			return false
		}
	}
	return len(said) >= 2
}

// resolverSaid tells whether it was a DNS server that said so, and not the
// system's own way.
func resolverSaid(s *symptom) bool { return s.op() == result.OpQuery }

// byResolver makes all that one resolver says one finding: it is the
// resolver's fault, whatever the name.
func byResolver(s *symptom) string { return s.addr.String() }

// atResolver is whoever answers at the resolver's address.
func atResolver(s *symptom) *result.Place {
	p := atTarget(s)
	if p != nil && p.Owner == result.Destination {
		p.Owner = result.UnknownOwner
	}
	return p
}

// atRefuser is the device that sent a question back. A resolver is nobody's
// destination: the product's lies elsewhere.
func atRefuser(s *symptom) *result.Place {
	p := atDevice(s)
	if p.Owner == result.Destination {
		p.Owner = result.UnknownOwner
	}
	return p
}

// toResolver is between this machine and a resolver that is silent.
func toResolver(s *symptom) *result.Place {
	if !s.addr.IsValid() {
		return silent(s)
	}
	p := &result.Place{Between: []string{s.local(), s.addr.String()}, Owner: result.UnknownOwner}
	if s.view.isGateway(s.addr) {
		p.Owner, p.Hop = result.Gateway, 1
	}
	return p
}
