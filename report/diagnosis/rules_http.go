package diagnosis

import "netcheck/report/result"

// httpRules are about answers to a request. Over TLS with a certificate that
// was verified they are the server's own; else whoever sits in between may
// have given them.
func httpRules() []rule {
	genuine := either(answerGenuine, result.Certain, result.Likely)
	inBetween := []alike{{result.HTTPBlockPage, answerGenuine}, {result.HTTPCaptivePortal, answerGenuine}}
	request := []result.Op{result.OpRequest}
	return []rule{
		{
			id: "portal", failures: []result.Failure{result.FailPortal},
			code: result.HTTPCaptivePortal, sure: always(result.Likely), at: silent, subject: one,
			alike: []alike{{result.HTTPBlockPage, nil}, {result.HTTPRedirect, nil}}, see: "RFC 8952",
		},
		{
			id: "block-page", failures: []result.Failure{result.FailBlockPage},
			code: result.HTTPBlockPage, sure: always(result.Likely), at: silent, subject: byHost,
			alike: []alike{{result.HTTPStatus, nil}, {result.HTTPCaptivePortal, nil}},
		},
		{
			id: "proxy-auth", failures: []result.Failure{result.FailProxyAuth},
			code: result.ProxyAuthRequired, sure: always(result.Strong), at: atAnswer, subject: byHost, see: "RFC 9110, 15.5.8",
		},
		{
			id: "status", failures: []result.Failure{result.FailStatus},
			code: result.HTTPStatus, sure: genuine, at: atAnswer, subject: byStatus, act: vendor, alike: inBetween,
		},
		{
			id: "header", failures: []result.Failure{result.FailHeader},
			code: result.HTTPHeader, sure: genuine, at: atAnswer, subject: byHost, act: vendor, alike: inBetween,
		},
		{
			id: "body", failures: []result.Failure{result.FailBody},
			code: result.HTTPBody, sure: genuine, at: atAnswer, subject: byHost, act: vendor, alike: inBetween,
		},
		{
			id: "redirect", failures: []result.Failure{result.FailRedirect},
			code: result.HTTPRedirect, sure: genuine, at: atAnswer, subject: byHost, act: vendor, alike: inBetween,
		},
		{
			id: "not-http", failures: []result.Failure{result.FailHTTP},
			code: result.ProtoMismatch, sure: always(result.Strong), at: atAnswer, subject: byHost,
			alike: []alike{{result.ProtoBlocked, nil}},
		},
		{
			id: "http-timeout", ops: request, failures: []result.Failure{result.FailTimeout, result.FailConnectTimeout},
			code: result.HTTPTimeout, sure: always(result.Likely), at: silent, subject: byHost,
			alike: []alike{{result.ProtoBlocked, nil}, {result.PathMTUBlackhole, nil}},
		},
		{
			id: "http-cut", ops: request, failures: []result.Failure{result.FailReset, result.FailEOF},
			code: result.ProtoBlocked, sure: always(result.Hint), at: silent, subject: byHost,
			alike: []alike{{result.ProtoMismatch, nil}, {result.TCPResetByMiddlebox, nil}},
		},
	}
}

// talkRules are about whoever answers with something else than was hoped for,
// or with nothing.
func talkRules() []rule {
	return []rule{
		{
			id: "wrong-reply", failures: []result.Failure{result.FailReply},
			code: result.ProtoMismatch, sure: always(result.Strong), at: atAnswer, subject: byHost,
			alike: []alike{{result.TCPTransparentProxy, overUDP}},
		},
		{
			id: "no-greeting", failures: []result.Failure{result.FailTimeout, result.FailReset, result.FailEOF},
			code: result.ProtoBlocked, sure: always(result.Hint), at: silent, subject: byHost,
			alike: []alike{{result.ProtoMismatch, nil}, {result.TCPAnsweredByFirewall, nil}},
		},
	}
}

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
			id: "address", knows: []result.Code{result.AddressMissing, result.AddressNotStatic, result.AddressNotPublic, result.AddressMAC},
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
			id: "names-differ", knows: []result.Code{result.DNSMismatch},
			sure: always(result.Strong), subject: byHost, act: network,
			alike: []alike{{result.DNSHijacked, nil}, {result.DNSFiltered, nil}},
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

// atAnswer is whoever answers at the address that was asked: the destination
// where its certificate proves it, or nothing lies in between.
func atAnswer(s *symptom) *result.Place {
	p := atTarget(s)
	if p != nil && p.Owner == result.Destination && !answerGenuine(s) && str(s.step, factPublic) != "true" && !s.view.near(s.addr) {
		p.Owner = result.UnknownOwner
	}
	return p
}

// answerGenuine tells whether the answer came over TLS with a certificate that
// this check verified.
func answerGenuine(s *symptom) bool {
	genuine := false
	for i := range s.check.Steps {
		if st := &s.check.Steps[i]; st.Op == result.OpVerify {
			if st.Failure != "" {
				return false
			}
			genuine = true
		}
	}
	return genuine
}

func byCheck(s *symptom) string { return s.check.ID }

// byStatus makes the same status of the same host one finding.
func byStatus(s *symptom) string { return s.host + " " + str(s.step, factStatus) }
