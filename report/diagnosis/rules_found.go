package diagnosis

import (
	"net/netip"
	"slices"

	"netcheck/report/result"
)

// foundNameRules are about names that lead to a wrong place. What becomes of a
// connection there says nothing of the host.
func foundNameRules() []rule {
	return []rule{
		{
			// The address is one that a name gets which nobody has.
			id: "rewritten", when: []cond{asForNobody},
			code: result.DNSRewritten, sure: always(result.Certain), at: atRewriter, subject: byRewriter, act: network,
			alike: []alike{{result.DNSIntercepted, rewriterItself}},
		},
		{
			id: "hosts-line", when: []cond{byHostsFile, not(noBetterElsewhere)},
			code: result.DNSHostsOverride, sure: either(anyOf(betterElsewhere, impostor), result.Strong, result.Likely), at: atThisMachine, subject: byHost, act: site,
			alike: []alike{
				{result.TCPFiltered, anyOf(betterElsewhere, not(connecting))},
				{result.HostDown, anyOf(betterElsewhere, not(connecting))},
				{result.TLSHandshakeTimeout, anyOf(betterElsewhere, impostor, connecting)},
				{result.ProtoBlocked, anyOf(betterElsewhere, impostor, connecting)},
			},
		},
		{
			// The name does not exist; what this machine makes of it does.
			id: "suffixed", when: []cond{bySuffix},
			code: result.DNSSearchSuffix, sure: always(result.Certain), at: atThisMachine, subject: byHost, act: site, see: "resolv.conf(5), search",
		},
		{
			id: "sinkhole", when: []cond{sunk},
			code: result.DNSFiltered, sure: either(elsewhereByReference, result.Strong, result.Likely), at: atSender, subject: byHost, act: network,
			alike: []alike{{result.DNSMismatch, elsewhereByReference}, {result.DNSRewritten, senderDenies}},
		},
		{
			// Somebody on the way answers in the place of the resolver that
			// leads here, and of the one to compare with if he agrees.
			id: "led-astray", when: []cond{impostor, senderReplaced},
			code: result.DNSIntercepted, sure: always(result.Likely), at: atReplacer, subject: byHost, act: network,
			alike: []alike{
				{result.TLSNameMismatch, not(failed(result.FailNameMismatch))},
				{result.TLSUntrusted, not(failed(result.FailUnknownCA, result.FailCertificate))},
				{result.TLSSelfSigned, not(failed(result.FailSelfSigned))},
				{result.TLSPinMismatch, not(failed(result.FailPin))},
				{result.TLSNotTLS, not(failed(result.FailNotTLS))},
				{result.HTTPBlockPage, not(failed(result.FailBlockPage))},
				{result.HTTPCaptivePortal, not(failed(result.FailPortal))},
			},
		},
		{
			// A device of this network that is off, or gone, as neighbour
			// discovery told. It is as a resolver that it is missed.
			id: "resolver-absent", ops: []result.Op{result.OpQuery, result.OpResolve}, when: []cond{icmp, fromOwn, icmpSays(icmpHost), toLink, not(toOwn), not(toGateway)},
			code: result.DNSResolverUnreachable, sure: either(neighboursAnswer, result.Strong, result.Likely), at: toResolver, subject: byResolver, act: network,
			alike: []alike{{result.LocalWrongNetmask, neighboursAnswer}, {result.LocalFirewall, discoveryFailed}},
		},
		{
			// What answers is not the host, and the one to compare with sends
			// elsewhere; or the host is well there. Of a large service that is
			// at many addresses one may be dead, though.
			id: "hijacked", when: []cond{elsewhereByReference, anyOf(impostor, wellElsewhere), not(falseThereToo)},
			code: result.DNSHijacked, sure: either(plainlyFalse, result.Strong, result.Likely), at: atSender, subject: byHost, act: network,
			alike: []alike{{result.DNSMismatch, provenFalse}, {result.PathAddressDead, anyOf(plainlyFalse, refusedThere)}, {result.TCPFiltered, anyOf(plainlyFalse, refusedThere)}},
		},
		{
			id: "rewritten-answer", knows: []result.Code{result.DNSMismatch, result.DNSRewritten}, when: []cond{asForNobody},
			code: result.DNSRewritten, sure: always(result.Certain), at: atRewriter, subject: byRewriter, act: network,
			alike: []alike{{result.DNSIntercepted, rewriterItself}},
		},
		{
			// The one to compare with gives what the profile expects.
			id: "leads-wrong", knows: []result.Code{result.DNSMismatch}, failures: []result.Failure{result.FailExpectation}, when: []cond{expectedThere, not(absenceWanted)},
			code: result.DNSHijacked, sure: always(result.Likely), at: atAnswerer, subject: byHost, act: network,
			alike: []alike{{result.DNSMismatch, nil}, {result.DNSFiltered, nil}},
		},
		{
			// Elsewhere the name leads out to the internet, and here to this
			// machine itself.
			id: "sinkhole-here", knows: []result.Code{result.DNSRewritten}, when: []cond{knownElsewhere},
			code: result.DNSFiltered, sure: always(result.Strong), subject: byHost, act: network,
		},
	}
}

// senderDenies tells whether the server that leads there says of names that
// nobody has that they don't exist.
func senderDenies(s *symptom) bool {
	server, ok := s.ledBy()
	return ok && slices.ContainsFunc(s.view.names.random[server], func(w word) bool { return w.failure == result.FailNXDomain })
}

func failed(fs ...result.Failure) cond {
	return func(s *symptom) bool { return slices.Contains(fs, s.failure) }
}

// ledBy is the resolver of this machine that leads to the symptom's address.
func (s *symptom) ledBy() (netip.Addr, bool) {
	if s.addr.IsValid() && !s.asksName() {
		for _, r := range s.view.names.replies(s.host) {
			if !r.reference && slices.Contains(r.addrs, s.addr) {
				return r.server, true
			}
		}
	}
	return netip.Addr{}, false
}

// senderReplaced tells whether somebody nearer answers in its place.
func senderReplaced(s *symptom) bool {
	server, ok := s.ledBy()
	if !ok {
		return false
	}
	_, _, near := s.view.answeredNear(server)
	return near
}
