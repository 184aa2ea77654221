package diagnosis

import (
	"fmt"
	"net/netip"
	"slices"

	"netcheck/report/result"
)

var resolverSilence = []result.Failure{result.FailDNSTimeout, result.FailTimeout, result.FailConnectTimeout, result.FailNoReply}

func resolverAnswersOthers(s *symptom) bool {
	return s.view.resolvers[s.addr] || s.view.wordOf(s.addr, func(w word) bool { return !w.tcp && answered(w.failure) })
}

func anotherResolverAnswers(s *symptom) bool { return len(s.view.working(s.addr)) > 0 }

// working are the resolvers that answered anything, but for one.
func (v *view) working(but netip.Addr) []netip.Addr {
	var as []netip.Addr
	add := func(a netip.Addr) {
		if a != but && !slices.Contains(as, a) {
			as = append(as, a)
		}
	}
	for a := range v.resolvers {
		add(a)
	}
	for _, words := range v.names.words {
		for _, w := range words {
			if answered(w.failure) {
				add(w.server)
			}
		}
	}
	slices.SortFunc(as, netip.Addr.Compare)
	return as
}

// refusesAll tells whether the server refuses whatever it is asked.
func refusesAll(s *symptom) bool { return s.failure == result.FailDNSRefused && ailsAtAll(s) }

// nxSureness: two servers that don't know of each other, of which one is asked
// only to compare and answers for itself, are as good as the name's owner.
func nxSureness(s *symptom) result.Confidence {
	switch {
	case sameAtReference(s):
		return result.Certain
	case sameElsewhere(s), resolversAgree(s):
		return result.Strong
	}
	return result.Likely
}

// deniesName tells whether it is denied that the name exists, or has an
// address: that may well be true.
func deniesName(s *symptom) bool {
	return s.failure == result.FailNXDomain || s.failure == result.FailNoData
}

// halfSilent tells whether the server answered one of two questions about the
// name, asked once more, and not the other.
func halfSilent(s *symptom) bool {
	silent, spoke := false, false
	for _, w := range s.view.names.words[nameKey(s.host)] {
		if w.server == s.addr && w.again && !w.tcp {
			silent = silent || w.failure == result.FailDNSTimeout
			spoke = spoke || answered(w.failure)
		}
	}
	return silent && spoke
}

// refusedThere tells whether the connect was refused by who is on this link, so
// that nothing was lost on the way.
func refusedThere(s *symptom) bool {
	return s.failure == result.FailRefused && !icmp(s) && nothingBetween(s)
}

// sameThere tells whether the one to compare with gives the same addresses.
func sameThere(s *symptom) bool {
	leads := s.leads()
	return slices.ContainsFunc(s.view.names.replies(s.host), func(r reply) bool {
		return r.reference && s.view.trusted(r) && slices.ContainsFunc(r.addrs, func(a netip.Addr) bool { return slices.Contains(leads, a) })
	})
}

// expectedThere tells whether it gives all that the profile expects.
func expectedThere(s *symptom) bool {
	wanted := wants(s.check, "equals")
	return len(wanted) > 0 && slices.ContainsFunc(s.view.names.replies(s.host), func(r reply) bool {
		return r.reference && s.view.trusted(r) && !slices.ContainsFunc(wanted, func(w string) bool {
			a, ok := address(w)
			return !ok || !slices.Contains(r.addrs, a)
		})
	})
}

// wants are the values of a field of the check.
func wants(c *result.Check, field string) []string {
	switch v := c.Spec.Fields[field].(type) {
	case []any:
		all := make([]string, len(v))
		for i := range v {
			all[i] = fmt.Sprint(v[i])
		}
		return all
	case string:
		return []string{v}
	}
	return nil
}

// slowOnce tells whether a resolver took long for the name.
func slowOnce(s *symptom) bool {
	_, ok := s.view.slowFor(s.host)
	return ok
}

// slowFor is the resolver that took long for a name, whenever it was asked.
func (v *view) slowFor(name string) (netip.Addr, bool) {
	for _, w := range v.names.words[nameKey(name)] {
		if !w.reference && !w.tcp && w.took >= longAnswer && answered(w.failure) {
			return w.server, true
		}
	}
	return netip.Addr{}, false
}

// resolversAgree tells whether two resolvers said the same in this check.
func resolversAgree(s *symptom) bool {
	var said []string
	for i := range s.shown.Steps {
		st := &s.shown.Steps[i]
		if st.Op != result.OpQuery {
			continue
		}
		switch peer := peerOf(s.shown, st); {
		case st.Failure == s.failure && peer != "" && !slices.Contains(said, peer):
			said = append(said, peer)
		case st.Failure == "":
			return false
		}
	}
	return len(said) >= 2
}

// resolverSaid tells whether it was a DNS server that said so, and not the
// system's own way.
func resolverSaid(s *symptom) bool { return s.op() == result.OpQuery }
