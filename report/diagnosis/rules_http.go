package diagnosis

import (
	"net/url"
	"slices"

	"netcheck/report/result"
)

// httpRules are about answers to a request. Over TLS with a certificate that
// was verified they are the server's own; else whoever sits in between may
// have given them.
func httpRules() []rule {
	own := anyOf(answerGenuine, nothingBetween)
	genuine := either(own, result.Certain, result.Likely)
	inBetween := []alike{{result.HTTPBlockPage, own}, {result.HTTPCaptivePortal, anyOf(own, anyOf(passesElse, othersServed))}}
	request := []result.Op{result.OpRequest}
	return []rule{
		{
			// A portal answers for every host alike.
			id: "portal-doubtful", failures: []result.Failure{result.FailPortal}, when: []cond{passesElse},
			code: result.HTTPRedirect, sure: always(result.Likely), at: atAnswer, subject: byHost,
			alike: []alike{{result.HTTPCaptivePortal, nil}, {result.HTTPBlockPage, nil}},
		},
		{
			id: "portal", failures: []result.Failure{result.FailPortal},
			code: result.HTTPCaptivePortal, sure: either(portalElse, result.Strong, result.Likely), at: whereTaken, subject: one,
			alike: []alike{{result.HTTPBlockPage, portalElse}, {result.HTTPRedirect, portalElse}}, see: "RFC 8952",
		},
		{
			// Unrelated servers don't send to the same place.
			id: "portal-many", failures: []result.Failure{result.FailRedirect}, when: []cond{sentAlike, not(passesElse)},
			code: result.HTTPCaptivePortal, sure: always(result.Likely), at: whereTaken, subject: one,
			alike: []alike{{result.HTTPBlockPage, nil}, {result.HTTPRedirect, nil}}, see: "RFC 8952",
		},
		{
			id: "block-page", failures: []result.Failure{result.FailBlockPage},
			code: result.HTTPBlockPage, sure: either(othersServed, result.Strong, result.Likely), at: whereTaken, subject: byHost,
			alike: []alike{{result.HTTPStatus, nil}, {result.HTTPCaptivePortal, anyOf(passesElse, othersServed)}},
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
			id: "http-malformed", failures: []result.Failure{result.FailHTTPFormat},
			code: result.HTTPMalformed, sure: genuine, at: atAnswer, subject: byHost, act: vendor, alike: inBetween,
		},
		{
			id: "http-timeout", ops: request, failures: []result.Failure{result.FailTimeout, result.FailConnectTimeout},
			code: result.HTTPTimeout, sure: always(result.Likely), at: silent, subject: byHost,
			alike: []alike{{result.ProtoBlocked, worksNow}, {result.PathMTUBlackhole, notSize}, {result.PathLoss, not(worksNow)}},
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

// atAnswer is whoever answers at the address that was asked: the destination
// where its certificate proves it, or nothing lies in between.
func atAnswer(s *symptom) *result.Place {
	p := atTarget(s)
	if p != nil && p.Owner == result.Destination && !answerGenuine(s) && str(s.step, factPublic) != "true" && !s.view.near(s.addr) {
		p.Owner = result.UnknownOwner
	}
	return p
}

// passesElse tells whether something of this run went past whoever may stand in
// between: this host answers other requests as it should, or a host proved over
// TLS who it is.
func passesElse(s *symptom) bool {
	return s.view.served[s.host] || len(s.view.verified) > 0
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

// nothingBetween tells whether who answers is on this link, where no device
// answers for it.
func nothingBetween(s *symptom) bool { return s.addr.IsValid() && s.view.near(s.addr) }

// othersServed tells whether another, unrelated host answers requests as it
// should.
func othersServed(s *symptom) bool {
	for h := range s.view.served {
		if domain(h) != domain(s.host) {
			return true
		}
	}
	return false
}

// byStatus makes the same status of the same host one finding.
func byStatus(s *symptom) string { return s.host + " " + str(s.step, factStatus) }

// sentTo is the host to which plain HTTP was redirected by another one.
func sentTo(s *result.Step) string {
	location := str(s, factLocation)
	if location == "" {
		return ""
	}
	from, err := url.Parse(str(s, factURL))
	if err != nil || from.Scheme != "http" {
		return ""
	}
	to, err := url.Parse(location)
	if err != nil || to.Hostname() == from.Hostname() {
		return ""
	}
	return to.Hostname()
}

// sentAlike tells whether a host of another domain was redirected to the same
// place: a vendor's own hosts may well have one sign-on.
func sentAlike(s *symptom) bool {
	to := sentTo(s.step)
	return to != "" && slices.ContainsFunc(s.view.sent[to], func(h string) bool { return domain(h) != domain(s.host) && domain(h) != domain(to) })
}
