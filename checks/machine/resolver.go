package machine

import (
	"net/netip"
	"strings"
)

// Resolver is a name server that this machine asks.
type Resolver struct {
	Addr netip.AddrPort
	Stub netip.Addr // the forwarder on this machine that asks it; zero: it is asked directly
}

func (r Resolver) String() string {
	s := r.Addr.String()
	if r.Addr.Port() == 53 {
		s = r.Addr.Addr().String()
	}
	if r.Stub.IsValid() {
		s += " (behind " + r.Stub.String() + ")"
	}
	return s
}

// Resolvers lists the name servers that this machine asks, in its order. A
// forwarder on this machine is replaced by the servers behind it where they
// can be seen: it would answer for them and hide which of them is dead.
func Resolvers() ([]Resolver, error) { return resolvers() }

// Search lists the suffixes that this machine tries behind a short name.
func Search() []string { return search() }

// isName says whether s is built like a host name: what a DHCP server made up
// must not reach a report otherwise.
func isName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
	}) < 0
}
