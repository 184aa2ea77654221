package diagnosis

import "netcheck/report/result"

// knownRules are about what a probe knows by itself, or what follows from its
// kind alone.
func knownRules() []rule {
	expectation := []result.Failure{result.FailExpectation}
	ofKind := func(id, name string, code result.Code, at func(*symptom) *result.Place, act string) rule {
		return rule{id: id, failures: expectation, when: []cond{kind(name)}, code: code, sure: always(result.Certain), at: at, subject: byCheck, act: act}
	}
	return []rule{
		{
			id: "port-open", knows: []result.Code{result.TCPOpen},
			sure: always(result.Strong), at: atTarget, subject: byHost, act: network,
			alike: []alike{{result.TCPAnsweredByFirewall, toOwn}, {result.TCPTransparentProxy, toOwn}},
		},
		{
			id: "listen", knows: []result.Code{result.ListenNothing, result.ListenLoopbackOnly, result.ListenWrongProcess},
			sure: always(result.Certain), at: atThisMachine, subject: byCheck,
		},
		{
			id: "mac", knows: []result.Code{result.AddressMAC},
			sure: always(result.Certain), at: atThisMachine, subject: byCheck,
		},
		{
			id: "unwanted-address", knows: []result.Code{result.AddressUnwanted},
			sure: always(result.Certain), at: atThisMachine, subject: byCheck,
		},
		{
			id: "address", knows: []result.Code{result.AddressMissing, result.AddressNotStatic, result.AddressNotPublic},
			sure: always(result.Certain), at: atThisMachine, subject: byCheck,
		},
		{
			id: "key", knows: []result.Code{result.KeyMissing, result.KeyUnreadable, result.KeyType, result.KeyWeak, result.KeyExposed},
			sure: always(result.Certain), at: atThisMachine, subject: byCheck,
		},
		{
			id: "assert", knows: []result.Code{result.AssertViolated},
			sure: always(result.Certain), subject: byCheck, act: site,
		},
		{
			id: "attest", knows: []result.Code{result.AttestNo, result.AttestUnanswered},
			sure: always(result.Certain), subject: byCheck, act: site,
		},
		{
			id: "hosts-file", knows: []result.Code{result.DNSHostsOverride, result.DNSSearchSuffix},
			sure: always(result.Certain), at: atThisMachine, subject: byHost,
		},
		{
			id: "name-exists", knows: []result.Code{result.DNSMismatch}, when: []cond{absenceWanted},
			sure: always(result.Strong), subject: byHost, act: network,
			alike: []alike{{result.DNSHijacked, nil}, {result.DNSRewritten, nil}},
		},
		{
			id: "resolvers-differ", knows: []result.Code{result.DNSMismatch},
			failures: []result.Failure{result.FailNXDomain, result.FailNoData, result.FailServFail, result.FailDNSRefused, result.FailRCode, result.FailNullAddress},
			sure:     always(result.Strong), at: atResolver, subject: byHost, act: network,
			alike: []alike{{result.DNSHijacked, nil}, {result.DNSFiltered, nil}},
		},
		{
			id: "names-differ", knows: []result.Code{result.DNSMismatch},
			sure: always(result.Strong), subject: byHost, act: network,
			alike: []alike{{result.DNSHijacked, sameThere}, {result.DNSFiltered, sameThere}},
		},
		{
			id: "leads-here", knows: []result.Code{result.DNSRewritten},
			sure: always(result.Likely), subject: byHost, act: site,
			alike: []alike{{result.DNSHostsOverride, nil}, {result.DNSFiltered, nil}},
		},
		{
			id: "answers-slow", knows: []result.Code{result.DNSSlow},
			sure: always(result.Strong), at: atResolver, subject: bySlowness, act: network,
			alike: []alike{{result.DNSFiltered, cameAtLast}},
		},
		{
			id: "resolver-ails", knows: []result.Code{result.DNSResolverUnreachable},
			sure: always(result.Strong), subject: byHost, act: network,
		},
		{
			id: "told", knows: result.Codes(),
			sure: always(result.Strong), subject: byHost,
		},
		ofKind("listen-unmet", "listen", result.ListenNothing, atThisMachine, site),
		ofKind("address-unmet", "address", result.AddressMissing, atThisMachine, site),
		ofKind("port-open-unmet", "tcp", result.TCPOpen, atTarget, network),
	}
}

func byCheck(s *symptom) string { return s.check.ID }
