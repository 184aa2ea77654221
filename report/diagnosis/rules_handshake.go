package diagnosis

import (
	"strings"

	"netcheck/report/result"
)

// handshakeRules are about TLS handshakes and requests that stall or break
// before the other side has said anything. By itself that looks the same
// whatever the reason; which single change makes the exchange work tells.
func handshakeRules() []rule {
	handshake := []result.Op{result.OpHandshake}
	talking := []result.Op{result.OpHandshake, result.OpRequest}
	broken := []result.Failure{result.FailTimeout, result.FailConnectTimeout, result.FailReset, result.FailEOF}
	return []rule{
		{
			// Large packets get lost, in whichever direction TCP's own account
			// says.
			id: "mtu-blackhole", ops: talking, failures: broken, when: []cond{stillFails, works("segments"), not(largeWorks)},
			code: result.PathMTUBlackhole, sure: either(anyOf(lost, gap), result.Certain, result.Strong), at: whereLarge, subject: byPlace(whereLarge), follows: true, act: network,
			alike: []alike{{result.PathLoss, anyOf(lost, gap)}}, see: "RFC 2923, 2.1",
		},
		{
			id: "sni-blocked", ops: handshake, failures: broken, when: []cond{stillFails, nameMatters},
			code: result.TLSSNIBlocked, sure: byNames, at: whereEnds("hello"), subject: byHost, follows: true, request: true,
			alike: []alike{
				{result.TLSHandshakeReset, anyOf(nameProven, not(cut))},
				{result.TLSHandshakeTimeout, anyOf(nameProven, cut)},
			}, see: "RFC 6066, 3",
		},
		{
			id: "large-hello", ops: handshake, failures: broken, when: []cond{stillFails, works("small"), not(largeWorks)},
			code: result.TLSLargeHello, sure: either(fails("segments"), result.Certain, result.Likely), at: whereEnds("large"), subject: byPlace(whereEnds("large")), follows: true,
			alike: []alike{{result.PathMTUBlackhole, fails("segments")}},
		},
		{
			// A server of plain HTTP takes a ClientHello for the beginning of a
			// request, and waits for the rest of it.
			id: "not-tls-silent", ops: handshake, failures: []result.Failure{result.FailTimeout}, when: []cond{stillFails, plainServed, heardOnly, not(works("no-name")), not(otherNameWorks), not(takenNearer)},
			code: result.TLSNotTLS, sure: either(objectsInText, result.Certain, result.Likely), at: whereEnds("hello"), subject: byHost, act: vendor,
			alike: []alike{{result.ProtoBlocked, objectsInText}, {result.TLSHandshakeTimeout, objectsInText}},
		},
		{
			// The port answers HTTP and no TLS, whatever name it is asked for.
			id: "tls-blocked", ops: handshake, failures: broken, when: []cond{stillFails, plainAnswered, not(works("no-name"))},
			code: result.ProtoBlocked, sure: either(anyOf(takenNearer, anyOf(lost, endsNearer)), result.Strong, result.Likely), at: whereEnds("hello"), subject: byHost, follows: true, request: true,
			alike: []alike{
				{result.TLSNotTLS, anyOf(takenNearer, anyOf(lost, endsNearer))},
				{result.TLSHandshakeTimeout, anyOf(takenNearer, anyOf(lost, cut))},
				{result.TLSSNIBlocked, notTheName},
			},
		},
		{
			// Something nearer than the server cuts TLS off, whatever the name.
			id: "tls-blocked-near", ops: handshake, failures: broken, when: []cond{stillFails, endsNearer, notTheName, fails("small")},
			code: result.ProtoBlocked, sure: always(result.Strong), at: whereEnds("hello"), subject: byHost, follows: true, request: true,
		},
		{
			id: "handshake-reset", ops: handshake, failures: []result.Failure{result.FailReset, result.FailEOF, result.FailRefused},
			code: result.TLSHandshakeReset, sure: always(result.Likely), at: whereEnds("hello"), subject: byHost, follows: true, request: true,
			alike: []alike{
				{result.TLSSNIBlocked, notTheName},
				{result.TLSLargeHello, notGreeting},
				{result.TLSVersion, anyOf(worksNow, endsNearer)},
				{result.TLSNotTLS, anyOf(worksNow, endsNearer)},
				{result.ProtoBlocked, not(endsNearer)},
				{result.PathLoss, not(worksNow)},
			},
		},
		{
			id: "handshake-timeout", ops: handshake, failures: []result.Failure{result.FailTimeout, result.FailConnectTimeout},
			code: result.TLSHandshakeTimeout, sure: always(result.Likely), at: whereEnds("hello"), subject: byHost, follows: true,
			alike: []alike{
				{result.PathMTUBlackhole, notSize},
				{result.TLSSNIBlocked, notTheName},
				{result.TLSLargeHello, notGreeting},
				{result.ProtoBlocked, worksNow},
				{result.TLSNotTLS, anyOf(not(saidSome), gap)},
				{result.PathLoss, not(worksNow)},
			},
		},
		{
			// Where a greeting is due, HTTP alone is let through.
			id: "greeting-blocked", ops: []result.Op{result.OpGreeting, result.OpStartTLS}, failures: broken, when: []cond{works("plain")},
			code: result.ProtoBlocked, sure: either(lostGreeting, result.Strong, result.Likely), at: silent, subject: byHost, request: true,
			alike: []alike{{result.ProtoMismatch, lostGreeting}},
		},
	}
}

// takenNearer tells whether connects are accepted nearer than the server is.
func takenNearer(s *symptom) bool { return s.accepter() > 0 }

func cut(s *symptom) bool {
	return s.failure == result.FailReset || s.failure == result.FailEOF
}

// nameMatters tells whether it is the name that the address is asked for: it
// answers to another, or to none, and not to this one. A name that is answered
// elsewhere is not what a filter near this machine objects to.
func nameMatters(s *symptom) bool {
	for _, st := range s.retried().places {
		if answeredStep(st) {
			return false
		}
	}
	return otherNameWorks(s) || works("no-name")(s)
}

// nameProven tells whether it can be nothing but the name on the way: what it
// meets is nearer than the server, or it fares the same at another server.
func nameProven(s *symptom) bool {
	return otherNameWorks(s) && nameFailsElsewhere(s) || (otherNameWorks(s) || works("no-name")(s)) && endsNearer(s)
}

func byNames(s *symptom) result.Confidence {
	switch {
	case nameProven(s):
		return result.Certain
	case otherNameWorks(s):
		return result.Strong
	}
	return result.Likely
}

// largeWorks tells whether an exchange of the usual size worked when it was about
// another name: then it is no packet's size that matters.
func largeWorks(s *symptom) bool { return works("no-name")(s) || otherNameWorks(s) }

// byPlace makes what ends at the same place one finding.
func byPlace(at func(*symptom) *result.Place) func(*symptom) string {
	return func(s *symptom) string { return strings.Join(at(s).Between, " ") }
}

// whereLarge is where large packets end, if it is this machine's that do.
func whereLarge(s *symptom) *result.Place {
	if lost(s) {
		return whereEnds("large")(s)
	}
	return silent(s)
}

// plainAnswered tells whether the port answered a plain HTTP request as a web
// server does.
func plainAnswered(s *symptom) bool {
	st := s.retried().variant["plain"]
	return st != nil && str(st, factStatus) != ""
}

// saidSome tells whether something came after all, though no handshake.
func saidSome(s *symptom) bool {
	n, ok := num(s.step, factReceived)
	return ok && n > 0
}

// plainServed tells whether it answered it as a server does that speaks plain
// HTTP there: those that await TLS say that the request is bad.
func plainServed(s *symptom) bool {
	return plainAnswered(s) && str(s.retried().variant["plain"], factStatus) != "400"
}

// objectsInText tells whether the ClientHello, with the end of a plain request
// after it, was answered in plain HTTP: it came there, and means nothing there.
func objectsInText(s *symptom) bool {
	st := s.retried().variant["as-text"]
	return st != nil && st.Failure == result.FailNotTLS
}

// lostGreeting tells whether TLS gets no answer on the same port either, so that
// only HTTP passes.
func lostGreeting(s *symptom) bool { return fails("tls")(s) && plainAnswered(s) }
