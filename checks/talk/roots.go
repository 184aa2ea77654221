package talk

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"sync"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// PublicRootsDate is the day of the embedded set of public roots. It is the
// date in the version of golang.org/x/crypto/x509roots/fallback in go.mod; a
// test keeps the two in step.
const PublicRootsDate = "2026-10-30"

// publicRoots are the roots that browsers trust, each within the constraints
// that its programme sets. They are parsed once, when first needed.
var publicRoots = sync.OnceValue(func() *rootSet {
	set := &rootSet{pool: x509.NewCertPool(), names: make(map[string]bool)}
	for root := range bundle.Roots() {
		cert, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			continue // a key that this Go no longer accepts: no chain could end there
		}
		for _, o := range cert.Subject.Organization {
			set.names[o] = true
		}
		if root.Constraint == nil {
			set.pool.AddCert(cert)
		} else {
			set.pool.AddCertWithConstraint(cert, root.Constraint)
		}
	}
	return set
})

// PublicRoots are the roots that netcheck brings along, for a machine that has
// none.
func PublicRoots() *x509.CertPool { return publicRoots().pool }

// rootSet is a set of roots and the organisations that run them.
type rootSet struct {
	pool  *x509.CertPool
	names map[string]bool
}

// knownOrganisation reports whether the issuer of c is of an organisation that
// runs one of these roots.
func knownOrganisation(roots *x509.CertPool, c *x509.Certificate) bool {
	//lint:ignore SA1019 the pool comes from a file, not from the system, so its subjects are all there
	for _, raw := range roots.Subjects() {
		var names pkix.RDNSequence
		if rest, err := asn1.Unmarshal(raw, &names); err != nil || len(rest) > 0 {
			continue
		}
		var subject pkix.Name
		subject.FillFromRDNSequence(&names)
		for _, o := range subject.Organization {
			if slices.Contains(c.Issuer.Organization, o) {
				return true
			}
		}
	}
	return false
}
