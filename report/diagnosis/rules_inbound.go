package diagnosis

import "netcheck/report/result"

// inboundServiceRules are about the service inside that is to be reached.
func inboundServiceRules() []rule {
	scope := func(names ...string) cond {
		return func(s *symptom) bool {
			for _, n := range names {
				if str(s.step, factScope) == n {
					return true
				}
			}
			return false
		}
	}
	return []rule{
		{
			id: "inbound-only-service-missing", about: inwardService, when: []cond{scope("none"), stoodIn, proof("own", "standin")},
			code: result.InboundNotListening, sure: always(result.Certain), at: atThisMachine, subject: byService,
		},
		{
			id: "inbound-not-listening", about: inwardService, when: []cond{scope("none")},
			code: result.InboundNotListening, sure: always(result.Certain), at: atThisMachine, subject: byService,
		},
		{
			id: "inbound-loopback-only", about: inwardService, when: []cond{scope("loopback")},
			code: result.InboundLoopbackOnly, sure: always(result.Certain), at: atThisMachine, subject: byService,
		},
		{
			id: "inbound-other-address", about: inwardService, when: []cond{scope("other-address")},
			code: result.InboundNotListening, sure: always(result.Certain), at: atThisMachine, subject: byService,
		},
		{
			id: "inbound-poser", about: inwardService, failures: []result.Failure{result.FailExpectation}, ops: []result.Op{result.OpStandin},
			code: result.InboundNotListening, sure: always(result.Certain), at: atThisMachine, subject: byService,
		},
		{
			id: "inbound-not-listening-there", about: inwardService, failures: []result.Failure{result.FailRefused}, ops: []result.Op{result.OpConnect},
			code: result.InboundNotListening, sure: always(result.Strong), at: atInside, subject: byService, act: site,
			alike: []alike{{result.HostFirewall, nil}},
		},
		{
			id: "inbound-port-taken", about: inwardService, failures: []result.Failure{result.FailAddressInUse},
			code: result.LocalExhausted, sure: always(result.Strong), at: atThisMachine, subject: byService, act: site,
		},
		{
			id: "inbound-no-stand-in", about: inwardService,
			code: result.LocalPermission, sure: always(result.Strong), at: atThisMachine, subject: byService, act: site,
		},
	}
}

// inboundHelperRules are about the helper outside. Without it nothing is known
// of the way in.
func inboundHelperRules() []rule {
	unreachable := result.InboundVantageUnreachable
	return []rule{
		{
			id: "inbound-no-vantage", about: inwardHelper, when: []cond{noHelper},
			code: unreachable, sure: always(result.Certain), subject: one, act: site,
		},
		{
			id: "inbound-vantage-refuses", about: inwardHelper, failures: []result.Failure{result.FailVantageRefused},
			code: unreachable, sure: always(result.Certain), subject: byHelper, act: site,
		},
		{
			id: "inbound-no-helper-there", about: inwardHelper, failures: []result.Failure{result.FailNotVantage, result.FailHTTP, result.FailHTTPFormat, result.FailStatus, result.FailBody, result.FailNotTLS},
			code: unreachable, sure: always(result.Strong), subject: byHelper, act: site,
			alike: []alike{{result.HTTPCaptivePortal, nil}, {result.HTTPBlockPage, nil}},
		},
		{
			// It can be reached, and was: no firewall forbids that.
			id: "inbound-vantage-lost", about: inwardHelper, when: []cond{helperAnswered}, failures: []result.Failure{result.FailTimeout, result.FailConnectTimeout, result.FailEOF, result.FailReset},
			code: unreachable, sure: always(result.Likely), subject: byHelper, act: site,
			alike: []alike{{result.PathLoss, nil}},
		},
		{
			// The key that the helper is known by is not the one that answers.
			id: "inbound-vantage-distrusted", about: inwardHelper, ops: []result.Op{result.OpVerify},
			code: unreachable, sure: always(result.Strong), subject: byHelper, act: network,
			alike: []alike{{result.TLSIntercepted, nil}},
		},
		{
			id: "inbound-no-family", about: inwardHelper, failures: []result.Failure{result.FailNoData},
			code: unreachable, sure: always(result.Certain), subject: byHelper, act: site,
		},
		{
			id: "inbound-vantage-silent", about: inwardHelper, ops: []result.Op{result.OpRequest, result.OpVantage},
			code: unreachable, sure: always(result.Strong), subject: byHelper, act: site,
			alike: []alike{{result.ProtoBlocked, nil}},
		},
		{
			// A mistake in its address is likelier than a firewall of which
			// nothing is seen.
			id: "inbound-vantage-not-there", about: inwardHelper, when: []cond{not(icmp), not(endsBeforeHelper)}, failures: []result.Failure{result.FailRefused, result.FailTimeout, result.FailConnectTimeout},
			code: unreachable, sure: always(result.Strong), at: towardsHelper, subject: byHelper, act: site,
			alike: []alike{{result.TCPResetByMiddlebox, not(failed(result.FailRefused))}, {result.TCPFiltered, not(silentFailure)}},
		},
		{
			id: "inbound-vantage-unreachable", about: inwardHelper,
			code: unreachable, sure: always(result.Strong), at: towardsHelper, subject: byHelper, request: true, act: network,
			alike: []alike{
				{result.TCPFiltered, not(silentFailure)},
				{result.TCPRejected, not(icmp)},
				{result.TCPRefused, not(failed(result.FailRefused, result.FailReset))},
				{result.DNSNXDomain, not(failed(result.FailNXDomain, result.FailNoData, result.FailResolve, result.FailServFail, result.FailDNSTimeout))},
			},
		},
		{
			id: "inbound-name-lacks", about: inwardName, when: []cond{leadsNowhere},
			code: result.DNSNoAddress, sure: always(result.Strong), subject: byHost, act: network,
		},
		{
			id: "inbound-another-address", about: inwardName, when: []cond{addressGiven},
			code: result.InboundAddressChanged, sure: either(insideGiven, result.Certain, result.Likely), subject: byHost, act: site,
			alike: []alike{{result.InboundCGNAT, insideGiven}},
		},
		{
			// The resolvers here may answer for the inside alone.
			id: "inbound-name-inside", about: inwardName, when: []cond{leadsInside},
			code: result.DNSMismatch, sure: always(result.Likely), subject: byHost, act: network,
			alike: []alike{{result.InboundAddressChanged, nil}},
		},
		{
			id: "inbound-address-changed", about: inwardName,
			code: result.InboundAddressChanged, sure: always(result.Likely), subject: byHost, act: network,
			alike: []alike{{result.DNSMismatch, nil}},
			see:   "RFC 2136",
		},
	}
}

// inboundLineRules are about lines on which no call comes straight to the
// gateway, as its own address tells.
func inboundLineRules() []rule {
	return []rule{
		{
			id: "inbound-cgnat", about: inwardLine, when: []cond{wanShared},
			code: result.InboundCGNAT, sure: either(wanByGateway, result.Certain, result.Strong), at: atProvider, subject: one, act: "provider",
			see: "RFC 6598",
		},
		{
			id: "inbound-double-nat", about: inwardLine, when: []cond{wanPrivate},
			code: result.InboundDoubleNAT, sure: either(wanByGateway, result.Certain, result.Strong), at: inShop, subject: one, act: network,
			alike: []alike{{result.InboundCGNAT, wanOfShop}},
			see:   "RFC 6886, 3.2",
		},
		{
			// Both are public: the way out is by another line than the gateway
			// speaks of, on which nothing is forwarded, or somebody translates.
			id: "inbound-wan-differs", about: inwardLine,
			code: result.InboundFiltered, sure: always(result.Likely), subject: one, act: network,
			alike: []alike{{result.InboundCGNAT, nil}, {result.InboundDoubleNAT, nil}},
		},
	}
}

func noHelper(s *symptom) bool { return s.in.helper == nil }

// helperAnswered tells whether the helper outside said whom it sees, in this
// very check.
func helperAnswered(s *symptom) bool { return s.in.helper != nil && str(s.in.helper, factSeenAs) != "" }

func byService(s *symptom) string { return s.in.inside().String() + s.in.proto() }
func byHelper(s *symptom) string  { return str(s.in.helper, factHelper) }

// addressGiven tells whether the profile names an address, and not a name.
func addressGiven(s *symptom) bool {
	_, literal := address(s.host)
	return literal
}

// insideGiven tells whether that is one which nobody outside can call.
func insideGiven(s *symptom) bool {
	a, literal := address(s.host)
	return literal && private(a)
}

func leadsNowhere(s *symptom) bool { return len(s.in.leadsTo()) == 0 }

func leadsInside(s *symptom) bool {
	for _, a := range s.in.leadsTo() {
		if !private(a) {
			return false
		}
	}
	return true
}

// atInside is the machine inside that is to be called.
func atInside(s *symptom) *result.Place {
	return &result.Place{Address: s.in.inside().Addr().String(), Owner: result.Site}
}

// endsBeforeHelper tells whether a sweep shows that somebody on the way drops
// what goes to the helper: others got further, or it does not leave the shop.
func endsBeforeHelper(s *symptom) bool {
	if !silentFailure(s) {
		return false
	}
	switch s.stops() {
	case goesRound, atStart, onTheWay, onTheTrunk, maybeHere:
		return true
	case somewhere:
		last, ok := s.trail().at(s.trail().last)
		return ok && (s.view.isGateway(last) || private(last))
	}
	return false
}

// towardsHelper is where the way to the helper ends, as far as a packet says.
func towardsHelper(s *symptom) *result.Place {
	switch {
	case s.ev.ICMP != nil:
		return atDevice(s)
	case s.trail() != nil && silentFailure(s):
		return afterLast(s)
	}
	return silent(s)
}

// atProvider is at the provider, where addresses are translated.
func atProvider(s *symptom) *result.Place { return &result.Place{Owner: result.Provider} }

// inShop is a device of the shop's that is not this machine: another one to
// which calls go, or the router that the gateway stands behind.
func inShop(s *symptom) *result.Place { return &result.Place{Owner: result.Site} }
