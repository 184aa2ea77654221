package checktest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"net"
	"sync"
	"time"
)

// Authority is a certification authority of a world: a root and an
// intermediate below it.
type Authority struct {
	Root, Intermediate *x509.Certificate
	rootKey, midKey    *ecdsa.PrivateKey
}

// newAuthority makes an authority whose certificates bear this organisation.
func newAuthority(organisation string) (*Authority, error) {
	a := &Authority{}
	var err error
	ca := func(name string) *x509.Certificate {
		return &x509.Certificate{
			Subject:   pkix.Name{CommonName: organisation + " " + name, Organization: []string{organisation}},
			NotBefore: time.Now().AddDate(-5, 0, 0), NotAfter: time.Now().AddDate(5, 0, 0),
			IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		}
	}
	if a.Root, a.rootKey, err = sign(ca("Root"), nil, nil); err != nil {
		return nil, err
	}
	a.Intermediate, a.midKey, err = sign(ca("Intermediate"), a.Root, a.rootKey)
	return a, err
}

// sign completes a template with a serial number and a new key, and signs it;
// without a parent, by itself.
func sign(template, parent *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62)); err != nil {
		return nil, nil, err
	}
	if parent == nil {
		parent, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		return nil, nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return cert, key, err
}

// chain issues a server's certificate for localhost and the loopback
// addresses, spoilt as the variant says, and returns what the server sends.
func (a *Authority) chain(variant string) (tls.Certificate, error) {
	leaf := &x509.Certificate{
		Subject:   pkix.Name{CommonName: "localhost"},
		DNSNames:  []string{"localhost", "shop.test"},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage:    x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	parent, key, sent := a.Intermediate, a.midKey, [][]byte{a.Intermediate.Raw}
	switch variant {
	case "good":
	case "expired":
		leaf.NotBefore, leaf.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
	case "not-yet":
		leaf.NotBefore = time.Now().Add(24 * time.Hour)
	case "wrong-name":
		leaf.DNSNames, leaf.IPAddresses = []string{"other.test"}, nil
	case "self-signed":
		parent, key, sent = nil, nil, nil
	case "self-signed-expired":
		leaf.NotBefore, leaf.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
		parent, key, sent = nil, nil, nil
	case "no-intermediate":
		sent = nil
	case "with-root":
		sent = append(sent, a.Root.Raw)
	case "logged": // as public CAs mark theirs; the intermediate is missing
		leaf.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}, Value: []byte{4, 2, 0, 0}}}
		sent = nil
	case "client-only":
		leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	case "hostile": // what a terminal would obey, where a name should be
		leaf.Subject.CommonName = "\x1b[2J\x1b]0;owned\x07evil\u202egnp.exe"
		leaf.DNSNames, leaf.IPAddresses = []string{"\x1b[2Jevil.test"}, nil
	default:
		return tls.Certificate{}, fmt.Errorf("no such certificate: %s", variant)
	}
	cert, priv, err := sign(leaf, parent, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: append([][]byte{cert.Raw}, sent...), PrivateKey: priv, Leaf: cert}, nil
}

// The authorities cost some milliseconds and are the same for every world.
var (
	knownCA   = sync.OnceValues(func() (*Authority, error) { return newAuthority("Shop Lab") })
	unknownCA = sync.OnceValues(func() (*Authority, error) { return newAuthority("Nobody Knows") })
)

// Pool is a pool of the authority's root alone.
func (a *Authority) Pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Root)
	return p
}

// trust makes the run trust the world's authority, as --ca-file does.
func trust(w *World, args []string) error {
	if _, _, err := on(args, 0); err != nil {
		return err
	}
	ca, err := knownCA()
	if err != nil {
		return err
	}
	w.Env.Roots = ca.Pool()
	return nil
}
