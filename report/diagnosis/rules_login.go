package diagnosis

import "netcheck/report/result"

// answeredDoubts are about answers that a probe itself could not make sure of.
func answeredDoubts() []rule {
	return []rule{
		{
			id: "client-cert-file", knows: []result.Code{result.KeyMissing, result.KeyUnreadable}, failures: []result.Failure{result.FailTLSClientFile},
			sure: always(result.Certain), at: atThisMachine, subject: byCheck, act: site,
		},
		{
			id: "login-unspoken", knows: []result.Code{result.HTTPStatus}, when: []cond{kind("http"), has(factUnspoken)},
			sure: always(result.Strong), at: atAnswer, subject: byHost, act: vendor,
		},
		{
			// Something lets the upgrade pass, and then nothing more.
			id: "websocket-mute", knows: []result.Code{result.ProtoBlocked}, when: []cond{kind("http"), has(factNoFrames)},
			sure: always(result.Likely), at: silent, subject: byHost, act: network,
			alike: []alike{{result.HTTPTimeout, nil}},
		},
		{
			id: "http-clear-text", knows: []result.Code{result.HTTPClearText},
			sure: always(result.Certain), subject: byHost, act: vendor,
		},
	}
}

// loginRules are about logins, of either side's: who must show one, and who does
// not take it. They stand before those about the way it is shown.
func loginRules() []rule {
	own := anyOf(answerGenuine, nothingBetween)
	genuine := either(own, result.Certain, result.Likely)
	inBetween := []alike{{result.HTTPBlockPage, own}, {result.HTTPCaptivePortal, anyOf(own, anyOf(passesElse, othersServed))}}
	return []rule{
		{
			// The probe knows better; without its word there is the step alone.
			id: "client-cert-unfit", failures: []result.Failure{result.FailTLSClientFile},
			code: result.KeyUnreadable, sure: always(result.Certain), at: atThisMachine, subject: byCheck, act: site,
		},
		{
			id: "client-cert-refused", failures: []result.Failure{result.FailTLSClientRefused},
			code: result.TLSClientCertRefused, sure: always(result.Certain), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.TLSHandshakeReset, anyOf(has(factAlert), has(factStatus))}}, // which a filter may have sent
		},
		{
			id: "no-auth", failures: []result.Failure{result.FailNoAuth}, when: []cond{letIn},
			code: result.HTTPNoAuth, sure: genuine, at: atAnswer, subject: byHost, act: vendor, alike: inBetween,
		},
		{
			// Nobody was let in, as there was nothing to be let in to.
			id: "no-auth-perhaps", failures: []result.Failure{result.FailNoAuth},
			code: result.HTTPNoAuth, sure: always(result.Likely), at: atAnswer, subject: byHost, act: vendor,
			alike: append([]alike{{result.HTTPStatus, nil}}, inBetween...),
		},
		{
			id: "login", failures: []result.Failure{result.FailLogin},
			code: result.HTTPStatus, sure: genuine, at: atAnswer, subject: byHost, act: site, alike: inBetween,
		},
	}
}

// socketRules are about WebSockets that do not open. Over TLS with a certificate
// that was verified nobody on the way can have taken the wish out; a front of
// the server's own can.
func socketRules() []rule {
	own := anyOf(answerGenuine, nothingBetween)
	return []rule{
		{
			// An intermediary that names itself passes on what it understands.
			id: "upgrade-dropped", failures: []result.Failure{result.FailUpgrade}, when: []cond{has(factVia), not(own)},
			code: result.ProtoBlocked, sure: always(result.Likely), at: whereTaken, subject: byHost, act: network,
			alike: []alike{{result.HTTPStatus, nil}}, see: "RFC 9110, 7.8",
		},
		{
			id: "upgrade", failures: []result.Failure{result.FailUpgrade},
			code: result.HTTPStatus, sure: either(own, result.Certain, result.Likely), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.ProtoBlocked, own}, {result.HTTPBlockPage, own}, {result.HTTPCaptivePortal, anyOf(own, anyOf(passesElse, othersServed))}}, see: "RFC 6455, 4.2",
		},
		{
			// The same server answers when it is asked for a page.
			id: "upgrade-cut", ops: []result.Op{result.OpRequest}, failures: []result.Failure{result.FailTimeout, result.FailReset, result.FailEOF},
			when: []cond{has(factUpgrade), worksNow, not(own)},
			code: result.ProtoBlocked, sure: always(result.Likely), at: silent, subject: byHost, act: network,
			alike: []alike{{result.HTTPTimeout, nil}},
		},
	}
}

// startTLSRules are about servers that were asked for TLS in words.
func startTLSRules() []rule {
	declined := []result.Failure{result.FailNoStartTLS}
	return []rule{
		{
			// Cisco's inspection of SMTP, and what does as it does.
			id: "starttls-masked", failures: declined, when: []cond{has(factMasked)},
			code: result.ProtoBlocked, sure: always(result.Strong), at: silent, subject: byHost, act: network,
			alike: []alike{{result.TLSNotTLS, nil}}, see: "RFC 3207, 6",
		},
		{
			id: "no-starttls", failures: declined,
			code: result.TLSNotTLS, sure: either(nothingBetween, result.Certain, result.Likely), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.ProtoBlocked, nothingBetween}}, see: "RFC 3207, 6",
		},
	}
}

// has tells whether the step recorded this fact.
func has(fact string) cond { return func(s *symptom) bool { return str(s.step, fact) != "" } }

// letIn tells whether the answer gave what was asked for.
func letIn(s *symptom) bool {
	status := str(s.step, factStatus)
	return len(status) == 3 && (status[0] == '2' || status == "101")
}
