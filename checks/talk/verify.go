package talk

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"
	"time"

	"netcheck/report/result"
)

// Verification is all that can be said of a certificate chain: each defect by
// itself, since one often hides another.
type Verification struct {
	System   error // nil: this system's roots, or the extra ones, trust the chain
	Public   error // nil: the embedded public roots do; ErrNotAsked
	ByExtra  bool  // it was the extra roots that did
	Dates    error // a certificate of the chain is expired or not yet valid: a *DateError
	Name     error // the server's certificate is for other names: an x509.HostnameError
	Unsigned bool  // the server's certificate signed itself

	// Incomplete: the chain breaks off below its root, and the last
	// certificate bears marks of a public or known CA, so that rather an
	// intermediate is missing than a root unknown.
	Incomplete bool
	Complete   bool // an untrusted chain was sent up to a certificate that signed itself

	Root    *x509.Certificate // that the system or extra roots led to
	Ends    *x509.Certificate // of the way that lasts longest, what ends first below the root; nil: no way
	NewRoot bool              // it is younger than the embedded set, which can't know it
	Logged  bool              // the server's certificate bears proofs of certificate transparency, as public CAs' do
}

// DateError is a certificate outside its validity.
type DateError struct {
	Cert *x509.Certificate
	At   time.Time
}

// Early reports whether the certificate is not yet valid.
func (e *DateError) Early() bool { return e.At.Before(e.Cert.NotBefore) }

func (e *DateError) Error() string {
	if e.Early() {
		return "certificate is not valid before " + e.Cert.NotBefore.UTC().Format(time.RFC3339)
	}
	return "certificate expired on " + e.Cert.NotAfter.UTC().Format(time.RFC3339)
}

// Failure says which.
func (e *DateError) Failure() result.Failure {
	if e.Early() {
		return result.FailNotYetValid
	}
	return result.FailExpired
}

// ErrNotAsked is the public roots' opinion where it was not asked for.
var ErrNotAsked = errors.New("not asked")

// VerifyOptions say by which roots a chain is judged, beside the system's.
type VerifyOptions struct {
	Extra  *x509.CertPool // asked before the system's; nil: none
	Public bool           // ask the public roots also where the extra ones trust already

	// PublicRoots are the public ones; nil: those embedded here. A laboratory
	// has an internet of its own, with authorities of its own.
	PublicRoots *x509.CertPool
}

// Verify judges a chain, server's certificate first, for a host at a time, by
// the system's roots (the extra ones before them, if any) and by the embedded
// public ones. It contacts nobody, but for what the system's own verifier may
// do on Windows and macOS.
func Verify(chain []*x509.Certificate, host string, at time.Time, o VerifyOptions) *Verification {
	v := &Verification{}
	if len(chain) == 0 {
		v.System = errors.New("no certificate")
		v.Public = v.System
		return v
	}
	leaf := chain[0]
	v.Unsigned = selfIssued(leaf)
	v.Logged = publiclyLogged(leaf)
	v.Name = leaf.VerifyHostname(host)
	lookAt := func(roots *x509.CertPool) ([][]*x509.Certificate, error) { return paths(chain, roots, at) }
	if !within(leaf, at) {
		v.Dates = &DateError{leaf, at}
		lookAt = func(roots *x509.CertPool) ([][]*x509.Certificate, error) { return undated(chain, roots, at) }
	}

	var ways [][]*x509.Certificate
	if o.Extra != nil {
		ways, v.System = lookAt(o.Extra)
		v.ByExtra = v.System == nil
	}
	if !v.ByExtra {
		found, err := lookAt(nil)
		// A chain that leads to an extra root and has another fault is told by that.
		if err == nil || o.Extra == nil || noPath(v.System) {
			ways, v.System = found, err
		}
	}
	v.Public = ErrNotAsked
	if !v.ByExtra || o.Public {
		_, v.Public = lookAt(o.public())
	}
	if len(ways) > 0 {
		v.Root = ways[0][len(ways[0])-1]
		date, _ := time.Parse(time.DateOnly, PublicRootsDate)
		v.NewRoot = v.Root.NotBefore.After(date)
		v.Ends = lastingLongest(ways)
	}
	v.readDates(at)
	v.readEnd(chain, o)
	return v
}

func (o VerifyOptions) public() *x509.CertPool {
	if o.PublicRoots != nil {
		return o.PublicRoots
	}
	return publicRoots().pool
}

// knows reports whether the issuer of a certificate is of an organisation that
// runs one of the public roots.
func (o VerifyOptions) knows(c *x509.Certificate) bool {
	if o.PublicRoots != nil {
		return knownOrganisation(o.PublicRoots, c)
	}
	return slices.ContainsFunc(c.Issuer.Organization, func(name string) bool { return publicRoots().names[name] })
}

// paths are the ways from a chain's first certificate to one of the roots.
func paths(chain []*x509.Certificate, roots *x509.CertPool, at time.Time) ([][]*x509.Certificate, error) {
	sent := x509.NewCertPool()
	for _, c := range chain[1:] {
		sent.AddCert(c)
	}
	return chain[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: sent, CurrentTime: at})
}

// undated are the ways of a chain whose first certificate is out of date,
// which is said already: today's, as if what was sent were valid, since a root
// may have been issued anew meanwhile; else those of the time when it was, as
// the root may have ended too. The second is all that systems with a verifier
// of their own can be asked.
func undated(chain []*x509.Certificate, roots *x509.CertPool, at time.Time) ([][]*x509.Certificate, error) {
	valid := make([]*x509.Certificate, len(chain))
	for i, c := range chain {
		valid[i] = c
		if !within(c, at) {
			as := *c
			as.NotBefore, as.NotAfter = at, at
			valid[i] = &as
		}
	}
	if ways, err := paths(valid, roots, at); err == nil {
		return ways, nil
	}
	return paths(chain, roots, inside(chain[0]))
}

// lastingLongest is the certificate by which the way ends that ends last:
// servers still send what an old root signed, beside what has replaced it.
func lastingLongest(ways [][]*x509.Certificate) *x509.Certificate {
	var best *x509.Certificate
	for _, way := range ways {
		ends := way[0]
		for _, c := range way[:len(way)-1] {
			if c.NotAfter.Before(ends.NotAfter) {
				ends = c
			}
		}
		if best == nil || ends.NotAfter.After(best.NotAfter) {
			best = ends
		}
	}
	return best
}

// noPath reports whether a chain was refused because it leads to no root.
func noPath(err error) bool {
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	return unknown
}

// readDates takes an intermediate's or root's date out of the trust errors: it
// is another defect than a missing root.
func (v *Verification) readDates(at time.Time) {
	if v.System == nil || v.Dates != nil {
		return
	}
	for _, err := range []error{v.System, v.Public} {
		invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
		if ok && invalid.Reason == x509.Expired && invalid.Cert != nil && !within(invalid.Cert, at) {
			v.Dates = &DateError{invalid.Cert, at}
			return
		}
	}
}

// readEnd says where an untrusted chain ends.
func (v *Verification) readEnd(chain []*x509.Certificate, o VerifyOptions) {
	if !noPath(v.System) {
		return
	}
	path := signedPath(chain)
	last := path[len(path)-1]
	if v.Complete = selfIssued(last); v.Complete {
		return
	}
	if v.Logged || publicPolicy(chain[0]) {
		v.Incomplete = v.Public != nil // else it is the system's roots that lack one
		return
	}
	if o.knows(last) || o.Extra != nil && knownOrganisation(o.Extra, last) {
		v.Incomplete = v.Public != nil
	}
}

// signedPath follows the signatures from the server's certificate upwards
// through what was sent, in whatever order.
func signedPath(chain []*x509.Certificate) []*x509.Certificate {
	path := chain[:1:1]
	for len(path) < min(len(chain), 16) {
		top := path[len(path)-1]
		if selfIssued(top) {
			break
		}
		next := issuer(top, chain[1:])
		if next == nil {
			break
		}
		path = append(path, next)
	}
	return path
}

func issuer(of *x509.Certificate, among []*x509.Certificate) *x509.Certificate {
	for _, c := range among {
		if c != of && bytes.Equal(of.RawIssuer, c.RawSubject) && of.CheckSignatureFrom(c) == nil {
			return c
		}
	}
	return nil
}

// selfIssued reports whether a certificate signed itself. Its own signature is
// checked, so that a name alone does not make a root; where it is of a kind
// that Go no longer checks (SHA-1 on an old device), the name must do.
func selfIssued(c *x509.Certificate) bool {
	if !bytes.Equal(c.RawIssuer, c.RawSubject) {
		return false
	}
	err := c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	_, insecure := errors.AsType[x509.InsecureAlgorithmError](err)
	return err == nil || insecure
}

func within(c *x509.Certificate, at time.Time) bool {
	return !at.Before(c.NotBefore) && !at.After(c.NotAfter)
}

// inside is a moment at which c is valid: an expired certificate's trust is
// judged as it was.
func inside(c *x509.Certificate) time.Time {
	if t := c.NotAfter.Add(-time.Second); t.After(c.NotBefore) {
		return t
	}
	return c.NotBefore
}

var (
	oidTransparency   = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2} // RFC 6962, section 3.3
	oidBaselinePolicy = asn1.ObjectIdentifier{2, 23, 140, 1}                    // CA/Browser Forum: public CAs alone may state it
)

func publiclyLogged(c *x509.Certificate) bool {
	for _, e := range c.Extensions {
		if e.Id.Equal(oidTransparency) {
			return true
		}
	}
	return false
}

func publicPolicy(c *x509.Certificate) bool {
	for _, p := range c.PolicyIdentifiers {
		if n := len(oidBaselinePolicy); len(p) > n && p[:n].Equal(oidBaselinePolicy) {
			return true
		}
	}
	return false
}
