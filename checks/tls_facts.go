package checks

import (
	"errors"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
)

// maxNames bounds how many of a certificate's names are recorded: some have
// hundreds.
const maxNames = 20

// noteChain records a certificate chain and what two sets of roots say of it,
// by OpenTelemetry's names where it has them.
func noteChain(s *engine.Step, h *talk.Hello, v *talk.Verification) {
	s.Set("tls.trust.system", v.System == nil)
	if !errors.Is(v.Public, talk.ErrNotAsked) {
		s.Set("tls.trust.public", v.Public == nil)
		s.Set("tls.trust.public_roots", talk.PublicRootsDate)
	}
	if v.ByExtra {
		s.Set("tls.trust.ca_file", true)
	}
	if v.Root != nil {
		s.Set("tls.trust.root", talk.Clean(v.Root.Subject.String(), 200))
	}
	if v.NewRoot {
		s.Set("tls.trust.root_is_newer", true)
	}
	s.Set("tls.server.chain_length", len(h.Chain))
	if v.System != nil {
		s.Set("tls.server.chain_complete", v.Complete)
	}
	if len(h.Chain) == 0 {
		return
	}
	leaf := h.Chain[0]
	s.Set("tls.server.subject", talk.Clean(leaf.Subject.String(), 200))
	s.Set("tls.server.issuer", talk.Clean(leaf.Issuer.String(), 200))
	s.Set("tls.server.not_before", leaf.NotBefore.UTC().Format(time.RFC3339))
	s.Set("tls.server.not_after", leaf.NotAfter.UTC().Format(time.RFC3339))
	s.Set("tls.server.pin", talk.Pin(leaf))
	s.Set("tls.server.logged", v.Logged)
	var names []string
	for _, n := range leaf.DNSNames[:min(len(leaf.DNSNames), maxNames)] {
		names = append(names, talk.Clean(n, 255))
	}
	for _, ip := range leaf.IPAddresses[:min(len(leaf.IPAddresses), maxNames)] {
		names = append(names, ip.String())
	}
	if len(names) > 0 {
		s.Set("tls.server.names", names)
	}
	if n := len(leaf.DNSNames) + len(leaf.IPAddresses); n > len(names) {
		s.Set("tls.server.names_total", n)
	}
}
