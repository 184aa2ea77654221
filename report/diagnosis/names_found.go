package diagnosis

import (
	"net/netip"
	"slices"

	"netcheck/report/result"
)

// leads are the addresses that the symptom is about: the one that was gone to,
// else those that its question was answered with.
func (s *symptom) leads() []netip.Addr {
	if s.addr.IsValid() && !s.asksName() {
		return []netip.Addr{s.addr}
	}
	var as []netip.Addr
	for i := range s.check.Steps {
		as = append(as, addresses(&s.check.Steps[i], factAnswers)...)
	}
	return as
}

// elsewhereByReference tells whether the one to compare with sends to other addresses
// than this machine's resolver, who sent to this one.
func elsewhereByReference(s *symptom) bool {
	if _, literal := address(s.host); literal || s.host == "" || !s.addr.IsValid() || s.asksName() {
		return false
	}
	sent, disjoint := false, false
	var theirs []netip.Addr
	for _, r := range s.view.names.replies(s.host) {
		if r.reference && s.view.trusted(r) {
			theirs = append(theirs, r.addrs...)
		}
	}
	for _, r := range s.view.names.replies(s.host) {
		if !r.reference && slices.Contains(r.addrs, s.addr) {
			sent = true
			disjoint = !slices.ContainsFunc(r.addrs, func(a netip.Addr) bool { return slices.Contains(theirs, a) })
		}
	}
	return sent && disjoint && len(theirs) > 0
}

// wellElsewhere tells whether the host is there where the one to compare with
// sends to: it accepts a connect on the same port.
func wellElsewhere(s *symptom) bool {
	return slices.ContainsFunc(s.view.names.there[nameKey(s.host)], func(a arrival) bool { return a.open && a.addr != s.addr })
}

// falseThereToo tells whether what answers there has no certificate for the
// name either.
func falseThereToo(s *symptom) bool {
	return slices.ContainsFunc(s.view.names.there[nameKey(s.host)], func(a arrival) bool { return a.shown && !a.trusted })
}

func provenElsewhere(s *symptom) bool {
	return slices.ContainsFunc(s.view.names.there[nameKey(s.host)], func(a arrival) bool { return a.trusted && a.addr != s.addr })
}

// impostor tells whether what answers shows by itself that it is not the host.
func impostor(s *symptom) bool {
	return slices.Contains([]result.Failure{
		result.FailNameMismatch, result.FailUnknownCA, result.FailSelfSigned, result.FailPin, result.FailCertificate, result.FailNotTLS,
		result.FailBlockPage, result.FailPortal,
	}, s.failure)
}

// plainlyFalse tells whether the address can't be one of the host's many: what
// is there is not the host, or it is an address of this network.
func plainlyFalse(s *symptom) bool { return impostor(s) || inside(s.addr) && provenElsewhere(s) }

func provenFalse(s *symptom) bool { return plainlyFalse(s) && provenElsewhere(s) }

// notInHosts tells whether this machine's hosts file was seen not to have the
// name.
func notInHosts(s *symptom) bool {
	own, seen := s.view.names.hosts[nameKey(s.host)]
	return seen && len(own) == 0
}

// captured is the longer name by which this machine comes to the address: it
// appended a search suffix to a name that does not exist.
func captured(s *symptom) (string, bool) {
	if !s.addr.IsValid() || s.asksName() || slices.Contains(s.view.names.hosts[nameKey(s.host)], s.addr) {
		return "", false
	}
	if slices.ContainsFunc(s.view.names.replies(s.host), func(r reply) bool { return len(r.addrs) > 0 }) {
		return "", false
	}
	for _, long := range s.view.names.longer[nameKey(s.host)] {
		if slices.ContainsFunc(s.view.names.words[long], func(w word) bool { return slices.Contains(w.addrs, s.addr) }) {
			return long, true
		}
	}
	return "", false
}

func bySuffix(s *symptom) bool {
	_, ok := captured(s)
	return ok
}

// betterElsewhere tells whether the host was seen to do better at another
// address: it accepts a connect, or shows a certificate that is right.
func betterElsewhere(s *symptom) bool {
	return connecting(s) && wellElsewhere(s) || provenElsewhere(s)
}

func connecting(s *symptom) bool { return s.op() == result.OpConnect }

// noBetterElsewhere tells whether it was looked for there, and not found.
func noBetterElsewhere(s *symptom) bool {
	there := s.view.names.there[nameKey(s.host)]
	return len(there) > 0 && !wellElsewhere(s)
}

// shut tells whether a server of this network, where nothing in between can
// answer in its place, refused a question or a connect: nothing serves DNS
// there. Its word may come once only, since systems send few such answers.
func shut(s *symptom) bool {
	return s.addr.IsValid() && s.view.near(s.addr) && s.view.wordOf(s.addr, func(w word) bool { return w.failure == result.FailRefused }) &&
		!s.view.wordOf(s.addr, func(w word) bool { return answered(w.failure) })
}

// byHostsFile tells whether it is this machine's hosts file that leads there,
// and the resolvers lead elsewhere.
func byHostsFile(s *symptom) bool {
	own := s.view.names.hosts[nameKey(s.host)]
	if !s.addr.IsValid() || !slices.Contains(own, s.addr) || s.asksName() {
		return false
	}
	some := false
	for _, r := range s.view.names.replies(s.host) {
		if slices.Contains(r.addrs, s.addr) {
			return false
		}
		some = some || len(r.addrs) > 0
	}
	return some
}

// sunk tells whether a resolver leads to this machine itself, as filters do.
func sunk(s *symptom) bool {
	return s.addr.IsLoopback() && led(s) && slices.ContainsFunc(s.view.names.replies(s.host), func(r reply) bool {
		return !r.reference && slices.Contains(r.addrs, s.addr)
	})
}

// rewriterItself tells whether it is that server's own word.
func rewriterItself(s *symptom) bool {
	server, ok := s.view.rewriter(s.leads())
	return ok && s.view.forItself(server)
}
