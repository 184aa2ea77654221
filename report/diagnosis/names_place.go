package diagnosis

import (
	"cmp"
	"net/netip"

	"netcheck/report/result"
)

// atAnswerer is the first server of this machine that gives the name an
// address.
func atAnswerer(s *symptom) *result.Place {
	for _, r := range s.view.names.replies(s.host) {
		if !r.reference && len(r.addrs) > 0 {
			return s.serverPlace(r.server)
		}
	}
	return nil
}

// byRewriter makes all that one resolver rewrites one finding.
func byRewriter(s *symptom) string {
	server, _ := s.view.rewriter(s.leads())
	return server.String()
}

func atReplacer(s *symptom) *result.Place {
	server, _ := s.ledBy()
	return s.replacer(server)
}

func atSlow(s *symptom) *result.Place {
	server, _ := s.view.slowFor(s.host)
	return s.serverPlace(server)
}

// bySlowness makes all that one server is slow with one finding.
func bySlowness(s *symptom) string {
	if s.addr.IsValid() {
		return s.addr.String()
	}
	return s.host
}

// bySilence makes all that is asked in vain one finding, but for resolvers
// beside one that works: there each is a fault of its own.
func bySilence(s *symptom) string {
	if anotherResolverAnswers(s) {
		return s.addr.String()
	}
	return ""
}

// byResolver makes all that one resolver says one finding: it is the
// resolver's fault, whatever the name.
func byResolver(s *symptom) string { return s.addr.String() }

// atResolver is whoever answers at the resolver's address.
func atResolver(s *symptom) *result.Place {
	if !s.addr.IsValid() {
		return nil
	}
	return s.serverPlace(s.addr)
}

// atRefuser is the device that sent a question back. A resolver is nobody's
// destination: the product's lies elsewhere.
func atRefuser(s *symptom) *result.Place {
	p := atDevice(s)
	if p.Owner == result.Destination {
		p.Owner = result.UnknownOwner
	}
	return p
}

// toResolver is between this machine and a resolver that is silent: beyond the
// last router that a question met, if one is known.
func toResolver(s *symptom) *result.Place {
	if !s.addr.IsValid() {
		return silent(s)
	}
	if last, next, hop := s.view.lastHop(s.addr); hop > 0 {
		a, _ := address(last)
		p := s.placeOf(a)
		return &result.Place{Between: []string{last, cmp.Or(next, s.addr.String())}, Hop: hop, Owner: p.Owner}
	}
	p := &result.Place{Between: []string{s.local(), s.addr.String()}, Owner: result.UnknownOwner}
	switch {
	case s.view.isGateway(s.addr):
		p.Owner, p.Hop = result.Gateway, 1
	case s.view.onLink(s.addr):
		p.Owner = result.Site
	}
	return p
}

// atRewriter is the server that answers to anything.
func atRewriter(s *symptom) *result.Place {
	server, _ := s.view.rewriter(s.leads())
	return s.serverPlace(server)
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
