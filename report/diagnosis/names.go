package diagnosis

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"netcheck/report/result"
)

// names is what a run heard about names: from each server, by itself, in the
// checks and in what was asked once more.
type names struct {
	words  map[string][]word         // by name
	random map[netip.Addr][]word     // by server, of names that nobody has
	hosts  map[string][]netip.Addr   // by name, what this machine's hosts file says
	longer map[string][]string       // by name that does not exist, what this machine makes of it by its search suffixes
	ways   map[netip.Addr]resolveWay // by server
	missed map[netip.Addr]bool       // servers that did not answer a check which did not pass for it, or not well
	there  map[string][]arrival      // by host, where the resolver to compare with sends to
}

// word is what a server answered to one question.
type word struct {
	server    netip.Addr
	reference bool // asked to compare with
	again     bool // in a follow-up
	tcp       bool
	unchecked bool // without DNSSEC
	failure   result.Failure
	addrs     []netip.Addr
	extended  []string
	took      time.Duration
}

// resolveWay is how far questions to a server got, and connects.
type resolveWay struct{ udp, tcp []result.Hop }

// arrival is that a host was looked for at another address.
type arrival struct {
	addr    netip.Addr
	port    string
	open    bool
	shown   bool // and showed a certificate
	trusted bool // which this system trusts for the name
}

func newNames() names {
	return names{map[string][]word{}, map[netip.Addr][]word{}, map[string][]netip.Addr{}, map[string][]string{}, map[netip.Addr]resolveWay{}, map[netip.Addr]bool{}, map[string][]arrival{}}
}

func nameKey(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// hear takes a question's step.
func (n *names) hear(s *result.Step, again bool) {
	server, ok := address(str(s, factHost))
	if !ok || s.Op != result.OpQuery || s.Failure == result.FailCanceled {
		return
	}
	w := word{
		server: server, again: again, reference: str(s, factReference) == "true", tcp: str(s, factTransport) == "tcp" && again, unchecked: str(s, factUnchecked) == "true",
		failure: s.Failure, addrs: addresses(s, factAnswers), extended: texts(s, factExtended), took: time.Duration(s.Duration),
	}
	if str(s, factRandom) == "true" {
		n.random[server] = append(n.random[server], w)
		return
	}
	key := nameKey(str(s, factName))
	n.words[key] = append(n.words[key], w)
}

// learn takes the steps of a check.
func (n *names) learn(c *result.Check, s *result.Step) {
	n.hear(s, false)
	if server, ok := address(str(s, factHost)); ok && c.Verdict != result.Pass && !answered(s.Failure) {
		n.missed[server] = true
	}
}

// follow takes what a follow-up saw.
func (n *names) follow(f *result.Followup) {
	for i := range f.Steps {
		s := &f.Steps[i]
		switch f.Name {
		case "names", "resolver":
			n.hear(s, true)
		}
		peer, _ := address(str(s, factPeer))
		if long, key := nameKey(str(s, factName)), nameKey(f.Host); str(s, factSuffix) != "" && !slices.Contains(n.longer[key], long) {
			n.longer[key] = append(n.longer[key], long)
		}
		switch {
		case f.Name == "names" && s.Op == result.OpInspect:
			n.hosts[nameKey(f.Host)] = append(n.hosts[nameKey(f.Host)], addresses(s, factHostsFile)...)
		case f.Name == "resolver-way" && s.Op == result.OpSweep && s.Evidence != nil:
			way := n.ways[peer]
			if str(s, factTransport) == "tcp" {
				way.tcp = s.Evidence.Hops
			} else {
				way.udp = s.Evidence.Hops
			}
			n.ways[peer] = way
		case f.Name == "elsewhere" && s.Op == result.OpConnect:
			a := arrival{addr: peer, port: str(s, factPeerPort), open: s.Failure == ""}
			a.shown = slices.ContainsFunc(f.Steps, func(h result.Step) bool { return h.Op == result.OpHandshake && h.Failure == "" })
			a.trusted = slices.ContainsFunc(f.Steps, func(h result.Step) bool { return h.Op == result.OpHandshake && str(&h, factTrusted) == "true" })
			n.there[nameKey(f.Host)] = append(n.there[nameKey(f.Host)], a)
		}
	}
}

// vouch lets what a follow-up heard stand for a look-up of which the probe kept
// only how it ended: who said so is known then.
func (v *view) vouch(f *result.Followup) {
	if f.Name != "names" {
		return
	}
	c := &result.Check{Kind: "dns", Machine: f.Machine, Steps: f.Steps}
	for i := range f.Steps {
		s := &f.Steps[i]
		if s.Op != result.OpQuery || s.Failure == "" || str(s, factReference) == "true" || str(s, factUnchecked) == "true" || str(s, factTransport) != "udp" {
			continue
		}
		if key := str(s, factName) + " " + string(s.Failure); v.asked[key].step == nil && answered(s.Failure) {
			v.asked[key] = asked{c, s}
		}
	}
}

// addresses are those of a fact, which has them bare or as "A 192.0.2.1".
func addresses(s *result.Step, key string) []netip.Addr {
	var as []netip.Addr
	for _, t := range texts(s, key) {
		fields := strings.Fields(t)
		if len(fields) == 0 {
			continue
		}
		if a, ok := address(fields[len(fields)-1]); ok {
			as = append(as, a)
		}
	}
	return as
}

// texts are those of a fact.
func texts(s *result.Step, key string) []string {
	switch v := s.Facts[key].(type) {
	case []string:
		return v
	case []any: // as read from JSON
		var all []string
		for _, t := range v {
			if text, ok := t.(string); ok {
				all = append(all, text)
			}
		}
		return all
	}
	return nil
}

// reply is what a server says to a name, all questions taken together.
type reply struct {
	server    netip.Addr
	reference bool
	failure   result.Failure // "" if it gives an address
	addrs     []netip.Addr
}

// replies are what each server says to a name, by UDP, or by TCP where it was
// silent by UDP.
func (n *names) replies(name string) []reply {
	var all []reply
	for _, byTCP := range []bool{false, true} {
		for _, w := range n.words[nameKey(name)] {
			if w.unchecked || w.tcp != byTCP {
				continue
			}
			i := slices.IndexFunc(all, func(r reply) bool { return r.server == w.server })
			if i < 0 {
				all = append(all, reply{server: w.server, reference: w.reference, failure: w.failure})
				i = len(all) - 1
			}
			r := &all[i]
			if byTCP && answered(r.failure) {
				continue
			}
			for _, a := range w.addrs {
				if !a.IsUnspecified() && !slices.Contains(r.addrs, a) {
					r.addrs = append(r.addrs, a)
				}
			}
			switch {
			case len(r.addrs) > 0:
				r.failure = ""
			case r.failure == "" || telling(w.failure) > telling(r.failure):
				r.failure = w.failure
			}
		}
	}
	return all
}

// telling orders what a server may say of a name by how much it tells.
func telling(f result.Failure) int {
	return slices.Index([]result.Failure{result.FailDNSTimeout, "", result.FailNoData, result.FailRCode, result.FailDNSRefused, result.FailServFail, result.FailNXDomain, result.FailNullAddress}, f)
}

// answeredNear tells whether somebody nearer than a server answers in its place, at
// which hop, and which device that is, if it is known.
func (v *view) answeredNear(server netip.Addr) (hop int, device netip.Addr, ok bool) {
	way := v.names.ways[server]
	at := answeredAt(way.udp)
	if at == 0 || v.near(server) || at > 1 && max(answeredAt(way.tcp), v.distance(server)) <= at {
		return 0, netip.Addr{}, false
	}
	for _, h := range way.tcp {
		if h.TTL == at && h.State == result.Expired {
			device, _ = address(h.From)
		}
	}
	if at == 1 && !device.IsValid() {
		device = v.gatewayFor(server)
	}
	return at, device, true
}

// distance is how far away a host is, by ports that have nothing to do with
// DNS; 0 if it is not known.
func (v *view) distance(host netip.Addr) int {
	far := 0
	for _, t := range v.trails {
		if t.to == host && t.port != 53 {
			far = max(far, t.end.TTL)
		}
	}
	return far
}

// forItself tells whether nobody can answer in a server's place: nothing lies
// in between, or it answers from where it is.
func (v *view) forItself(server netip.Addr) bool {
	far := v.distance(server)
	return v.near(server) || far > 0 && answeredAt(v.names.ways[server].udp) == far
}

// answeredAt is the first hop at which somebody answers for a port; 0 if none.
func answeredAt(hops []result.Hop) int {
	for _, h := range hops {
		if h.State == result.Open || h.State == result.Closed {
			return h.TTL
		}
	}
	return 0
}

// lastHop is how far questions to a silent server got: the last device that
// was met, and the next one that a connect met.
func (v *view) lastHop(server netip.Addr) (last, next string, hop int) {
	way := v.names.ways[server]
	for _, h := range way.udp {
		if h.State == result.Expired && h.From != "" {
			last, hop = h.From, h.TTL
		}
	}
	for _, h := range way.tcp {
		if hop > 0 && h.TTL == hop+1 && h.State == result.Expired {
			next = h.From
		}
	}
	return last, next, hop
}

// given are the addresses that a server gives to names that nobody has.
func (v *view) given(server netip.Addr) []netip.Addr {
	var as []netip.Addr
	for _, w := range v.names.random[server] {
		for _, a := range w.addrs {
			if !slices.Contains(as, a) {
				as = append(as, a)
			}
		}
	}
	return as
}

// rewriter is a server of this machine that gives these addresses to names
// that nobody has.
func (v *view) rewriter(as []netip.Addr) (netip.Addr, bool) {
	for server, words := range v.names.random {
		if words[0].reference {
			continue
		}
		if given := v.given(server); slices.ContainsFunc(as, func(a netip.Addr) bool { return slices.Contains(given, a) }) {
			return server, true
		}
	}
	return netip.Addr{}, false
}

// trusted tells whether a server's word can be held against another's: it
// answers for itself, and not to everything.
func (v *view) trusted(r reply) bool {
	_, _, near := v.answeredNear(r.server)
	given := v.given(r.server)
	return !near && !slices.ContainsFunc(r.addrs, func(a netip.Addr) bool { return slices.Contains(given, a) })
}

// elsewhere are the words of other servers than one on a name.
func (v *view) elsewhere(name string, but netip.Addr) []reply {
	return slices.DeleteFunc(v.names.replies(name), func(r reply) bool { return r.server == but || !v.trusted(r) })
}

// inside tells the addresses that no public server has.
func inside(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast()
}
