package diagnosis

import (
	"slices"
	"strings"
	"time"

	"netcheck/report/result"
)

// tlsRules are about handshakes and certificates. A certificate is shown by
// whoever answers at the address: its place is that address, whose owner only
// the path can tell.
func tlsRules() []rule {
	return []rule{
		{
			id: "clock", failures: []result.Failure{result.FailExpired, result.FailNotYetValid}, when: []cond{clockExplains},
			code: result.LocalClockSkew, sure: byClocks, at: atThisMachine, subject: one,
			alike: []alike{{result.TLSExpired, notThat(result.FailExpired)}, {result.TLSNotYetValid, notThat(result.FailNotYetValid)}},
		},
		{
			// Certificates of unrelated hosts don't end together.
			id: "clock-many", failures: []result.Failure{result.FailExpired, result.FailNotYetValid}, when: []cond{datedAlike, not(clockNotIt)},
			code: result.LocalClockSkew, sure: always(result.Likely), at: atThisMachine, subject: one,
			alike: []alike{{result.TLSExpired, failed(result.FailNotYetValid)}, {result.TLSNotYetValid, failed(result.FailExpired)}},
		},
		{
			id: "expired", failures: []result.Failure{result.FailExpired},
			code: result.TLSExpired, sure: byClock, at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.LocalClockSkew, clockNotIt}},
		},
		{
			id: "not-yet-valid", failures: []result.Failure{result.FailNotYetValid},
			code: result.TLSNotYetValid, sure: byClock, at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.LocalClockSkew, clockNotIt}},
		},
		{
			id: "expiring", failures: []result.Failure{result.FailExpiring},
			code: result.TLSExpiring, sure: always(result.Certain), at: atAnswer, subject: byHost, act: vendor,
		},
		{
			// A key that the profile does not know, of an authority that no
			// public root knows, and this machine trusts or unrelated hosts show.
			id: "pin-intercepted", failures: []result.Failure{result.FailPin}, when: []cond{notPublic, anyOf(systemTrusts, issuerShared)},
			code: result.TLSIntercepted, sure: either(rootsFresh, result.Certain, result.Likely), at: whereTaken, subject: byIssuer,
			alike: []alike{{result.TLSRootsOutdated, rootsFresh}},
		},
		{
			id: "pin", failures: []result.Failure{result.FailPin},
			code: result.TLSPinMismatch, sure: either(publicRootsTrust, result.Certain, result.Strong), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.TLSIntercepted, anyOf(publicRootsTrust, nothingBetween)}},
		},
		{
			// Two unrelated hosts with one issuer that no public root knows:
			// somebody signs for both.
			id: "intercepted-many", failures: []result.Failure{result.FailIntercepted}, when: []cond{issuerShared},
			code: result.TLSIntercepted, sure: either(rootsFresh, result.Strong, result.Likely), at: whereTaken, subject: byIssuer,
			alike: []alike{{result.TLSRootsOutdated, rootsFresh}},
		},
		{
			id: "intercepted", failures: []result.Failure{result.FailIntercepted},
			code: result.TLSIntercepted, sure: always(result.Likely), at: whereTaken, subject: byIssuer,
			alike: []alike{{result.TLSRootsOutdated, rootsFresh}, {result.TLSUntrusted, nil}},
		},
		{
			id: "roots-outdated", failures: []result.Failure{result.FailUnknownCA}, when: []cond{publicRootsTrust},
			code: result.TLSRootsOutdated, sure: always(result.Certain), at: atThisMachine, subject: one, act: site,
		},
		{
			// The same by an authority that this machine does not trust.
			id: "intercepted-untrusted", failures: []result.Failure{result.FailUnknownCA}, when: []cond{issuerShared},
			code: result.TLSIntercepted, sure: either(rootsFresh, result.Strong, result.Likely), at: whereTaken, subject: byIssuer,
			alike: []alike{{result.TLSRootsOutdated, rootsFresh}},
		},
		{
			// One key for unrelated hosts, and for none of them a certificate.
			id: "one-key", failures: []result.Failure{result.FailNameMismatch, result.FailSelfSigned}, when: []cond{keyShared},
			code: result.HTTPCaptivePortal, sure: always(result.Likely), at: whereTaken, subject: one,
			alike: []alike{{result.DNSHijacked, keyAtAddresses}, {result.TLSIntercepted, nil}, {result.TLSNameMismatch, nil}},
		},
		{
			id: "unknown-ca", failures: []result.Failure{result.FailUnknownCA, result.FailCertificate},
			code: result.TLSUntrusted, sure: always(result.Likely), at: atAnswer, subject: byIssuer,
			alike: []alike{{result.TLSIntercepted, nothingBetween}, {result.TLSRootsOutdated, both(rootsFresh, notPublic)}, {result.TLSIncompleteChain, not(unknownCA)}},
		},
		{
			id: "self-signed", failures: []result.Failure{result.FailSelfSigned},
			code: result.TLSSelfSigned, sure: either(nothingBetween, result.Certain, result.Strong), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.TLSIntercepted, nothingBetween}},
		},
		{
			id: "incomplete-chain", failures: []result.Failure{result.FailIncomplete},
			code: result.TLSIncompleteChain, sure: always(result.Strong), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.TLSUntrusted, nil}}, see: "RFC 8446, 4.4.2",
		},
		{
			id: "name-mismatch", failures: []result.Failure{result.FailNameMismatch},
			code: result.TLSNameMismatch, sure: either(anyOf(publicRootsTrust, nothingBetween), result.Certain, result.Strong), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.DNSHijacked, anyOf(nothingBetween, referenceAgrees)}, {result.HTTPCaptivePortal, anyOf(passesElse, publicRootsTrust, nothingBetween, answersItself)}}, see: "RFC 9525",
		},
		{
			id: "tls-version", failures: []result.Failure{result.FailTLSVersion},
			code: result.TLSVersion, sure: always(result.Strong), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.TLSIntercepted, nothingBetween}},
		},
		{
			id: "alpn", failures: []result.Failure{result.FailALPN},
			code: result.TLSALPN, sure: always(result.Strong), at: atAnswer, subject: byHost, act: vendor,
			alike: []alike{{result.TLSIntercepted, answerGenuine}}, see: "RFC 7301",
		},
		{
			id: "tls-garbage", failures: []result.Failure{result.FailTLSFormat},
			code: result.ProtoMismatch, sure: always(result.Hint), at: atAnswer, subject: byHost,
			alike: []alike{{result.TLSNotTLS, nil}, {result.TLSIntercepted, nil}},
		},
		{
			id: "client-cert", failures: []result.Failure{result.FailTLSClientCert},
			code: result.TLSClientCertRequired, sure: always(result.Certain), at: atAnswer, subject: byHost, act: site,
			alike: []alike{{result.TLSHandshakeReset, not(errno("ECONNRESET"))}}, // which a filter may have sent
		},
		{
			id: "not-tls", failures: []result.Failure{result.FailNotTLS},
			code: result.TLSNotTLS, sure: always(result.Certain), at: atAnswer, subject: byHost,
			alike: []alike{{result.HTTPBlockPage, anyOf(otherProtocol, nothingBetween)}},
		},
		{
			id: "tls-alert", failures: []result.Failure{result.FailTLSAlert},
			code: result.TLSHandshakeReset, sure: always(result.Likely), at: atAnswer, subject: byHost,
			alike: []alike{{result.TLSVersion, nil}, {result.TLSSNIBlocked, notTheName}},
		},
	}
}

// clockExplains tells whether servers say that this machine's clock is wrong,
// and the certificate, where its dates are known, is valid by their time.
func clockExplains(s *symptom) bool {
	ahead, hosts := s.view.skew()
	if len(hosts) == 0 {
		return false
	}
	from, till, known := validity(s.step)
	if !known {
		return true
	}
	now := s.view.now.Add(ahead)
	return !now.Before(from) && !now.After(till)
}

// byClocks is how sure one can be that it is this machine's clock: two servers
// say so, or one that is not the certificate's own.
func byClocks(s *symptom) result.Confidence {
	switch others := otherClocks(s); {
	case others >= 2:
		return result.Certain
	case others == 1:
		return result.Strong
	}
	return result.Likely
}

// otherClocks counts the servers beside the certificate's own that say that
// this machine's clock is wrong.
func otherClocks(s *symptom) int {
	_, hosts := s.view.skew()
	n := 0
	for _, h := range hosts {
		if h != s.host {
			n++
		}
	}
	return n
}

// notThat tells whether it can't be the certificate's date: it is another date
// that is wrong, or a server that has nothing to do with it says that the
// clock is, and the certificate is valid by its time.
func notThat(f result.Failure) cond {
	return func(s *symptom) bool {
		_, _, known := validity(s.step)
		return s.failure != f || known && otherClocks(s) > 0
	}
}

// clockRight tells whether a server's Date says that this machine's clock is
// right.
func clockRight(s *symptom) bool {
	_, hosts := s.view.skew()
	return len(s.view.clocks) > 0 && len(hosts) == 0
}

// clockNotIt tells whether the dates are wrong by the servers' time too.
func clockNotIt(s *symptom) bool {
	_, hosts := s.view.skew()
	_, _, known := validity(s.step)
	return clockRight(s) || len(hosts) > 0 && known && !clockExplains(s)
}

// byClock is how sure one can be of a certificate's dates: as sure as of this
// machine's clock, which also other certificates' validity speaks for.
func byClock(s *symptom) result.Confidence {
	switch {
	case clockNotIt(s):
		return result.Certain
	case len(s.view.verified) >= 2:
		return result.Strong
	}
	return result.Likely
}

func validity(s *result.Step) (from, till time.Time, known bool) {
	from, err := time.Parse(time.RFC3339, str(s, factNotBefore))
	if err != nil {
		return from, till, false
	}
	till, err = time.Parse(time.RFC3339, str(s, factNotAfter))
	return from, till, err == nil
}

// issuerShared tells whether an unrelated host shows the same issuer: one of
// another domain, since a vendor may well have an authority of its own.
func issuerShared(s *symptom) bool {
	return slices.ContainsFunc(s.view.issuers[str(s.step, factIssuer)], func(h string) bool { return domain(h) != domain(s.host) })
}

// domain is the last two labels of a name, so that names of which it can't be
// told are taken for related; of an address all of it.
func domain(host string) string {
	if _, ok := address(host); ok {
		return host
	}
	labels := strings.Split(strings.ToLower(strings.TrimSuffix(host, ".")), ".")
	return strings.Join(labels[max(0, len(labels)-2):], ".")
}

// rootsFresh tells whether the public roots that the chain was held against
// can know the authorities of today.
func rootsFresh(s *symptom) bool {
	date, err := time.Parse(time.DateOnly, str(s.step, factRootsDate))
	return err != nil || s.view.now.Sub(date) < 366*24*time.Hour
}

func byIssuer(s *symptom) string {
	if issuer := str(s.step, factIssuer); issuer != "" {
		return issuer
	}
	return s.host
}

func unknownCA(s *symptom) bool { return s.failure != result.FailUnknownCA }

// publicRootsTrust tells whether the public roots that netcheck brings along
// vouch for a chain that this system's do not.
func publicRootsTrust(s *symptom) bool { return str(s.step, factPublic) == "true" }

// notPublic tells whether the public roots that netcheck brings along were asked
// and do not vouch for the chain.
func notPublic(s *symptom) bool { return str(s.step, factPublic) == "false" }

// systemTrusts tells whether this machine's own roots vouch for the chain.
func systemTrusts(s *symptom) bool { return str(s.step, "tls.trust.system") == "true" }

// otherProtocol tells whether what answers in place of TLS greets as a service
// does that is no web server: no filter's page.
func otherProtocol(s *symptom) bool {
	p := str(s.step, "network.protocol.name")
	return p != "" && p != "http"
}

// referenceAgrees tells whether the resolver that is asked to compare leads to
// the same address.
func referenceAgrees(s *symptom) bool {
	return slices.ContainsFunc(s.view.names.replies(s.host), func(r reply) bool {
		return r.reference && s.view.trusted(r) && slices.Contains(r.addrs, s.addr)
	})
}

// whereTaken is who accepts connects in the host's place, if that is known.
func whereTaken(s *symptom) *result.Place {
	if takenNearer(s) {
		return atAccepter(s)
	}
	return silent(s)
}

// datedAlike tells whether an unrelated host's certificate is out of date too,
// and none was found to be in order.
func datedAlike(s *symptom) bool {
	return len(s.view.verified) == 0 && unrelated(s.view.answers.dated)
}
