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
		return w.tcp && w.failure == result.FailDNSTimeout // and not one whose connect was given up
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

// Where.
