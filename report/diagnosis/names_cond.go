package diagnosis

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"netcheck/report/result"
)

func anyOf(cs ...cond) cond {
	return func(s *symptom) bool { return slices.ContainsFunc(cs, func(c cond) bool { return c(s) }) }
}

// What other servers say.

// knownElsewhere tells whether another server gives the name an address of the
// internet.
func knownElsewhere(s *symptom) bool {
	return slices.ContainsFunc(s.view.elsewhere(s.host, s.addr), func(r reply) bool {
		return slices.ContainsFunc(r.addrs, func(a netip.Addr) bool { return !inside(a) })
	})
}

// insideElsewhere tells whether all that other servers give are addresses of
// private networks.
func insideElsewhere(s *symptom) bool {
	some := false
	for _, r := range s.view.elsewhere(s.host, s.addr) {
		for _, a := range r.addrs {
			if !inside(a) {
				return false
			}
			some = true
		}
	}
	return some
}

// sameElsewhere tells whether another server says the same, and none gives an
// address.
func sameElsewhere(s *symptom) bool {
	same := false
	for _, r := range s.view.elsewhere(s.host, s.addr) {
		if len(r.addrs) > 0 {
			return false
		}
		same = same || r.failure == s.failure
	}
	return same
}

// sameAtReference tells whether the one who does so is asked only to compare.
func sameAtReference(s *symptom) bool {
	return sameElsewhere(s) && slices.ContainsFunc(s.view.elsewhere(s.host, s.addr), func(r reply) bool { return r.reference && r.failure == s.failure })
}

// asksAddress tells whether it is an address that the check asks for: other
// types of record are not asked for again.
func asksAddress(s *symptom) bool {
	if s.check.Kind != "dns" {
		return true
	}
	rtype, _ := s.check.Spec.Fields["type"].(string)
	return slices.Contains([]string{"", "A", "AAAA"}, strings.ToUpper(rtype))
}

// What the server says otherwise.

// denies tells whether the server knows how to say that a name does not exist.
func denies(s *symptom) bool {
	return slices.ContainsFunc(s.view.names.random[s.addr], func(w word) bool { return w.failure == result.FailNXDomain })
}

// ailsAtAll tells whether the server says the same to any name that is asked of
// it.
func ailsAtAll(s *symptom) bool {
	some := false
	for _, w := range s.view.names.random[s.addr] {
		if w.failure != s.failure {
			return false
		}
		some = true
	}
	return some
}

// signed tells whether the server answers as soon as it need not check
// signatures.
func signed(s *symptom) bool { return unchecked(s, true) }

func signedAndSaid(s *symptom) bool { return signed(s) && saysDNSSEC(s) }

// unsigned tells whether the server fails also where it need not check them.
func unsigned(s *symptom) bool { return unchecked(s, false) && !unchecked(s, true) }

func unchecked(s *symptom, answers bool) bool {
	return slices.ContainsFunc(s.view.names.words[nameKey(s.host)], func(w word) bool {
		return w.server == s.addr && w.unchecked && (answers && (w.failure == "" || w.failure == result.FailNoData) || !answers && w.failure == result.FailServFail)
	})
}

// says tells whether the server gave one of these reasons (RFC 8914).
func says(codes ...int) cond {
	return func(s *symptom) bool {
		texts := texts(s.step, factExtended)
		for _, w := range s.view.names.words[nameKey(s.host)] {
			if w.server == s.addr {
				texts = append(texts, w.extended...)
			}
		}
		return slices.ContainsFunc(texts, func(t string) bool {
			number, _, _ := strings.Cut(t, " ")
			n, err := strconv.Atoi(number)
			return err == nil && slices.Contains(codes, n)
		})
	}
}

var (
	saysBlocked = says(4, 15, 16, 17)
	saysDNSSEC  = says(1, 2, 5, 6, 7, 8, 9, 10, 11, 12)
)

func answeredInItsPlace(s *symptom) bool {
	_, _, ok := s.view.answeredNear(s.addr)
	return ok
}

// tcpAnswers tells whether the server answers by TCP.
func tcpAnswers(s *symptom) bool {
	return s.view.wordOf(s.addr, func(w word) bool { return w.tcp && answered(w.failure) })
}

// tcpReached tells whether the server's system at least takes or refuses a
// connect.
func tcpReached(s *symptom) bool {
	return s.view.wordOf(s.addr, func(w word) bool {
		return w.tcp && (answered(w.failure) || w.failure == result.FailRefused || w.failure == result.FailReset || w.failure == result.FailEOF)
	})
}

// tcpDead tells whether the server said nothing by TCP once more, though it
// answers by UDP.
func tcpDead(s *symptom) bool {
	silent := s.view.wordOf(s.addr, func(w word) bool { return w.tcp && !answered(w.failure) })
	return silent && !tcpAnswers(s)
}

// hangs tells whether the server accepts a connect and then says nothing: it is
// there, and waits for something itself.
func hangs(s *symptom) bool {
	return s.view.wordOf(s.addr, func(w word) bool {
		return w.tcp && (w.failure == result.FailDNSTimeout || w.failure == result.FailTimeout)
	}) && !tcpAnswers(s)
}

// stillSilent tells whether the server was asked once more, for longer, and
// said nothing again by UDP.
func stillSilent(s *symptom) bool {
	asked := s.view.wordOf(s.addr, func(w word) bool { return w.again && !w.tcp })
	return asked && !hangs(s) && !s.view.wordOf(s.addr, func(w word) bool { return w.again && !w.tcp && answered(w.failure) })
}

// late tells whether the answer to the very question came, after a while.
func late(s *symptom) bool {
	return slices.ContainsFunc(s.view.names.words[nameKey(s.host)], func(w word) bool {
		return w.again && w.server == s.addr && !w.tcp && answered(w.failure) && w.took >= longAnswer
	})
}

// longAnswer is what no healthy server needs to answer, asked once more.
const longAnswer = time.Second

// cameAtLast tells whether the look-up succeeded, late as it was.
func cameAtLast(s *symptom) bool { return s.failure == "" && s.asksName() }

// wordOf tells whether the server said something like that, to any name.
func (v *view) wordOf(server netip.Addr, like func(word) bool) bool {
	for _, words := range v.names.words {
		if slices.ContainsFunc(words, func(w word) bool { return w.server == server && like(w) }) {
			return true
		}
	}
	return slices.ContainsFunc(v.names.random[server], like)
}

// questionsLeave tells whether a router was met by a question to the server:
// then this machine does not hold it back.
func questionsLeave(s *symptom) bool {
	_, _, hop := s.view.lastHop(s.addr)
	return hop > 0
}

// resolverPlaced tells whether it can't be this machine that holds questions
// back. Linux would say so at once.
func resolverPlaced(s *symptom) bool {
	return anotherResolverAnswers(s) || questionsLeave(s) || tcpReached(s) || hangs(s) || onLinux(s) && stillSilent(s)
}

// What the name leads to.

// asForNobody tells whether the address is one that names get which nobody has.
func asForNobody(s *symptom) bool {
	_, ok := s.view.rewriter(s.leads())
	return ok
}

// asksName tells whether the symptom is of a name, and its address a server's.
func (s *symptom) asksName() bool { return s.op() == result.OpQuery || s.op() == result.OpResolve }

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

// Where.

// atRewriter is the server that answers to anything.
func atRewriter(s *symptom) *result.Place {
	server, _ := s.view.rewriter(s.leads())
	return s.serverPlace(server)
}

// rewriterItself tells whether it is that server's own word.
func rewriterItself(s *symptom) bool {
	server, ok := s.view.rewriter(s.leads())
	return ok && s.view.forItself(server)
}

// atSender is the server that leads there.
func atSender(s *symptom) *result.Place {
	if server, ok := s.ledBy(); ok {
		return s.serverPlace(server)
	}
	return nil
}

// serverPlace is where a resolver is. It is nobody's destination: the
// product's lies elsewhere.
func (s *symptom) serverPlace(server netip.Addr) *result.Place {
	p := s.placeOf(server)
	switch {
	case p.Owner == result.Destination, p.Owner == result.UnknownOwner:
		p.Owner = result.UnknownOwner
		if server.IsPrivate() {
			p.Owner = result.Site
		} else if sharedByProvider.Contains(server) {
			p.Owner = result.Provider
		}
	}
	return p
}

// sharedByProvider are the addresses of a provider's own network (RFC 6598).
var sharedByProvider = netip.MustParsePrefix("100.64.0.0/10")

// inItsPlace is the device that answers in a server's place.
func inItsPlace(s *symptom) *result.Place { return s.replacer(s.addr) }

func (s *symptom) replacer(server netip.Addr) *result.Place {
	hop, device, _ := s.view.answeredNear(server)
	if device.IsValid() {
		p := s.serverPlace(device)
		p.Hop = hop
		if p.Owner == result.UnknownOwner {
			p.Owner = result.Provider
		}
		return p
	}
	before := s.local()
	for _, h := range s.view.names.ways[server].udp {
		if h.TTL == hop-1 && h.From != "" {
			before = h.From
		}
	}
	return &result.Place{Between: []string{before, server.String()}, Hop: hop, Owner: result.UnknownOwner}
}
