package servers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"time"
)

// Authority is a certification authority: a root and an intermediate below it.
type Authority struct {
	Root, Intermediate *x509.Certificate
	rootKey, midKey    *ecdsa.PrivateKey
	now                time.Time
}

// NewAuthority makes an authority whose certificates bear this organisation,
// and for which it is now.
func NewAuthority(organisation string, now time.Time) (*Authority, error) {
	a := &Authority{now: now}
	var err error
	ca := func(name string) *x509.Certificate {
		return &x509.Certificate{
			Subject:   pkix.Name{CommonName: organisation + " " + name, Organization: []string{organisation}},
			NotBefore: now.AddDate(-5, 0, 0), NotAfter: now.AddDate(5, 0, 0),
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

// Pool is a pool of the authority's root alone.
func (a *Authority) Pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Root)
	return p
}

// PEM is the authority's root as a file has it.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Root.Raw})
}

// PEM is what a server sends and its key, as files have them.
func PEM(cert tls.Certificate) (string, error) {
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		return "", err
	}
	var b []byte
	for _, c := range cert.Certificate {
		b = append(b, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c})...)
	}
	return string(append(b, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)), nil
}

// Issue issues a server's certificate for names and addresses, the first of
// which it bears as its own, spoilt as the variant says, and returns what the
// server sends.
func (a *Authority) Issue(variant string, names ...string) (tls.Certificate, error) {
	day := 24 * time.Hour
	leaf := &x509.Certificate{
		NotBefore: a.now.Add(-day), NotAfter: a.now.Add(90 * day),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	bear := func(names ...string) {
		leaf.Subject, leaf.DNSNames, leaf.IPAddresses = pkix.Name{CommonName: names[0]}, nil, nil
		for _, n := range names {
			if ip, err := netip.ParseAddr(n); err == nil {
				leaf.IPAddresses = append(leaf.IPAddresses, net.IP(ip.AsSlice()))
			} else {
				leaf.DNSNames = append(leaf.DNSNames, n)
			}
		}
	}
	bear(names...)
	parent, key, sent := a.Intermediate, a.midKey, [][]byte{a.Intermediate.Raw}
	switch variant {
	case "good":
	case "expired":
		leaf.NotBefore, leaf.NotAfter = a.now.Add(-2*day), a.now.Add(-day)
	case "not-yet":
		leaf.NotBefore = a.now.Add(day)
	case "wrong-name":
		bear("other.test")
	case "self-signed":
		parent, key, sent = nil, nil, nil
	case "self-signed-expired":
		leaf.NotBefore, leaf.NotAfter = a.now.Add(-2*day), a.now.Add(-day)
		parent, key, sent = nil, nil, nil
	case "no-intermediate":
		sent = nil
	case "with-root":
		sent = append(sent, a.Root.Raw)
	case "logged": // as public CAs mark theirs; the intermediate is missing
		leaf.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}, Value: []byte{4, 2, 0, 0}}}
		sent = nil
	case "expiring":
		leaf.NotBefore, leaf.NotAfter = a.now.Add(-87*day), a.now.Add(3*day)
	case "client", "client-only":
		leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	case "hostile": // what a terminal would obey, where a name should be
		bear("\x1b[2Jevil.test")
		leaf.Subject.CommonName = "\x1b[2J\x1b]0;owned\x07evil\u202egnp.exe"
	default:
		return tls.Certificate{}, fmt.Errorf("no such certificate: %s", variant)
	}
	cert, priv, err := sign(leaf, parent, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: append([][]byte{cert.Raw}, sent...), PrivateKey: priv, Leaf: cert}, nil
}

// ClientPEM is a client's certificate for a name with its chain and its key, as
// a file has them; locked, the key is encrypted; other-key, it belongs to
// another certificate.
func (a *Authority) ClientPEM(variant, spoil, name string) ([]byte, error) {
	cert, err := a.Issue(variant, name)
	if err != nil {
		return nil, err
	}
	if spoil == "other-key" {
		other, err := a.Issue(variant, name)
		if err != nil {
			return nil, err
		}
		cert.PrivateKey = other.PrivateKey
	}
	var b []byte
	for _, der := range cert.Certificate {
		b = append(b, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		return nil, err
	}
	block := &pem.Block{Type: "PRIVATE KEY", Bytes: key}
	if spoil == "locked" {
		block.Type = "ENCRYPTED PRIVATE KEY"
	}
	return append(b, pem.EncodeToMemory(block)...), nil
}
