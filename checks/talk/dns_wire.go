package talk

import (
	"crypto/rand"
	"strings"

	"github.com/miekg/dns"
)

// Datagram is a question as it goes over the wire, for whoever only wants to
// see how far it gets and what it meets there.
func Datagram(name string, qtype uint16) ([]byte, error) {
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), qtype)
	return m.Pack()
}

// NobodysName is a name directly under a top-level domain that nobody has: its
// label is random, and longer than what is registered by chance. Who answers
// with an address to it answers to anything.
func NobodysName(top string) string {
	return "nc" + strings.ToLower(rand.Text()[:20]) + "." + top
}
