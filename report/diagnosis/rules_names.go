package diagnosis

import (
	"cmp"
	"fmt"
	"net/netip"
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

var resolverSilence = []result.Failure{result.FailDNSTimeout, result.FailTimeout, result.FailConnectTimeout, result.FailNoReply}

func resolverAnswersOthers(s *symptom) bool {
	return s.view.resolvers[s.addr] || s.view.wordOf(s.addr, func(w word) bool { return !w.tcp && answered(w.failure) })
}

func anotherResolverAnswers(s *symptom) bool { return len(s.view.working(s.addr)) > 0 }

// working are the resolvers that answered anything, but for one.
func (v *view) working(but netip.Addr) []netip.Addr {
	var as []netip.Addr
	add := func(a netip.Addr) {
		if a != but && !slices.Contains(as, a) {
			as = append(as, a)
		}
	}
	for a := range v.resolvers {
		add(a)
	}
	for _, words := range v.names.words {
		for _, w := range words {
			if answered(w.failure) {
				add(w.server)
			}
		}
	}
	slices.SortFunc(as, netip.Addr.Compare)
	return as
}

// refusesAll tells whether the server refuses whatever it is asked.
func refusesAll(s *symptom) bool { return s.failure == result.FailDNSRefused && ailsAtAll(s) }

// nxSureness: two servers that don't know of each other, of which one is asked
// only to compare and answers for itself, are as good as the name's owner.
func nxSureness(s *symptom) result.Confidence {
	switch {
	case sameAtReference(s):
		return result.Certain
	case sameElsewhere(s), resolversAgree(s):
		return result.Strong
	}
	return result.Likely
}

// deniesName tells whether it is denied that the name exists, or has an
// address: that may well be true.
func deniesName(s *symptom) bool {
	return s.failure == result.FailNXDomain || s.failure == result.FailNoData
}

// halfSilent tells whether the server answered one of two questions about the
// name, asked once more, and not the other.
func halfSilent(s *symptom) bool {
	silent, spoke := false, false
	for _, w := range s.view.names.words[nameKey(s.host)] {
		if w.server == s.addr && w.again && !w.tcp {
			silent = silent || w.failure == result.FailDNSTimeout
			spoke = spoke || answered(w.failure)
		}
	}
	return silent && spoke
}

// refusedThere tells whether the connect was refused by who is on this link, so
// that nothing was lost on the way.
func refusedThere(s *symptom) bool {
	return s.failure == result.FailRefused && !icmp(s) && nothingBetween(s)
}

// sameThere tells whether the one to compare with gives the same addresses.
func sameThere(s *symptom) bool {
	leads := s.leads()
	return slices.ContainsFunc(s.view.names.replies(s.host), func(r reply) bool {
		return r.reference && s.view.trusted(r) && slices.ContainsFunc(r.addrs, func(a netip.Addr) bool { return slices.Contains(leads, a) })
	})
}

// expectedThere tells whether it gives all that the profile expects.
func expectedThere(s *symptom) bool {
	wanted := wants(s.check, "equals")
	return len(wanted) > 0 && slices.ContainsFunc(s.view.names.replies(s.host), func(r reply) bool {
		return r.reference && s.view.trusted(r) && !slices.ContainsFunc(wanted, func(w string) bool {
			a, ok := address(w)
			return !ok || !slices.Contains(r.addrs, a)
		})
	})
}

// wants are the values of a field of the check.
func wants(c *result.Check, field string) []string {
	switch v := c.Spec.Fields[field].(type) {
	case []any:
		all := make([]string, len(v))
		for i := range v {
			all[i] = fmt.Sprint(v[i])
		}
		return all
	case string:
		return []string{v}
	}
	return nil
}

// atAnswerer is the first server of this machine that gives the name an
// address.
func atAnswerer(s *symptom) *result.Place {
	for _, r := range s.view.names.replies(s.host) {
		if !r.reference && len(r.addrs) > 0 {
			return s.serverPlace(r.server)
		}
	}
	return nil
}

// senderDenies tells whether the server that leads there says of names that
// nobody has that they don't exist.
func senderDenies(s *symptom) bool {
	server, ok := s.ledBy()
	return ok && slices.ContainsFunc(s.view.names.random[server], func(w word) bool { return w.failure == result.FailNXDomain })
}

// byRewriter makes all that one resolver rewrites one finding.
func byRewriter(s *symptom) string {
	server, _ := s.view.rewriter(s.leads())
	return server.String()
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

func atReplacer(s *symptom) *result.Place {
	server, _ := s.ledBy()
	return s.replacer(server)
}

// slowOnce tells whether a resolver took long for the name.
func slowOnce(s *symptom) bool {
	_, ok := s.view.slowFor(s.host)
	return ok
}

func atSlow(s *symptom) *result.Place {
	server, _ := s.view.slowFor(s.host)
	return s.serverPlace(server)
}

// slowFor is the resolver that took long for a name, whenever it was asked.
func (v *view) slowFor(name string) (netip.Addr, bool) {
	for _, w := range v.names.words[nameKey(name)] {
		if !w.reference && !w.tcp && w.took >= longAnswer && answered(w.failure) {
			return w.server, true
		}
	}
	return netip.Addr{}, false
}

// bySlowness makes all that one server is slow with one finding.
func bySlowness(s *symptom) string {
	if s.addr.IsValid() {
		return s.addr.String()
	}
	return s.host
}

// bySilence makes all that is asked in vain one finding, but for resolvers
// beside one that works: there each is a fault of its own.
func bySilence(s *symptom) string {
	if anotherResolverAnswers(s) {
		return s.addr.String()
	}
	return ""
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
	if !s.addr.IsValid() {
		return nil
	}
	return s.serverPlace(s.addr)
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

// toResolver is between this machine and a resolver that is silent: beyond the
// last router that a question met, if one is known.
func toResolver(s *symptom) *result.Place {
	if !s.addr.IsValid() {
		return silent(s)
	}
	if last, next, hop := s.view.lastHop(s.addr); hop > 0 {
		a, _ := address(last)
		p := s.placeOf(a)
		return &result.Place{Between: []string{last, cmp.Or(next, s.addr.String())}, Hop: hop, Owner: p.Owner}
	}
	p := &result.Place{Between: []string{s.local(), s.addr.String()}, Owner: result.UnknownOwner}
	switch {
	case s.view.isGateway(s.addr):
		p.Owner, p.Hop = result.Gateway, 1
	case s.view.onLink(s.addr):
		p.Owner = result.Site
	}
	return p
}
