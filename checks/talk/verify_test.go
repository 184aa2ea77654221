package talk

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"
	"time"
)

// authority signs certificates for tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

var serial int64

// issue makes a certificate below the authority, or by itself below nil.
func (a *authority) issue(t *testing.T, name string, edit func(*x509.Certificate)) *authority {
	t.Helper()
	serial++
	c := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name, Organization: []string{"Org of " + name}},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if edit != nil {
		edit(c)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parent, by := c, key
	if a != nil {
		parent, by = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert, key}
}

// again is the authority's own certificate issued anew: name and key stay.
func (a *authority) again(t *testing.T, from, to time.Time) *authority {
	t.Helper()
	c := *a.cert
	c.NotBefore, c.NotAfter = from, to
	der, err := x509.CreateCertificate(rand.Reader, &c, &c, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert, a.key}
}

func forHost(c *x509.Certificate) {
	c.IsCA, c.DNSNames, c.KeyUsage = false, []string{"shop.test"}, x509.KeyUsageDigitalSignature
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
}

func old(c *x509.Certificate) {
	c.NotBefore, c.NotAfter = time.Now().Add(-3*time.Hour), time.Now().Add(-2*time.Hour)
}

func both(edits ...func(*x509.Certificate)) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		for _, e := range edits {
			e(c)
		}
	}
}

func logged(c *x509.Certificate) {
	c.ExtraExtensions = []pkix.Extension{{Id: oidTransparency, Value: []byte{4, 2, 0, 0}}}
}

func policy(c *x509.Certificate) {
	c.PolicyIdentifiers = []asn1.ObjectIdentifier{{2, 23, 140, 1, 2, 1}}
	oid, _ := x509.OIDFromInts([]uint64{2, 23, 140, 1, 2, 1})
	c.Policies = []x509.OID{oid}
}

func TestVerify(t *testing.T) {
	root := (*authority)(nil).issue(t, "root", nil)
	mid := root.issue(t, "mid", nil)
	oldMid := root.issue(t, "old mid", old)
	leaf := mid.issue(t, "leaf", forHost)
	alone := (*authority)(nil).issue(t, "alone", forHost)
	stranger := (*authority)(nil).issue(t, "stranger", nil)

	type want struct{ trusted, dates, name, unsigned, incomplete, complete bool }
	for _, c := range []struct {
		name  string
		chain []*authority
		host  string
		extra *authority
		want  want
	}{
		{"good", []*authority{leaf, mid}, "shop.test", root, want{trusted: true}},
		{"good, in a strange order", []*authority{leaf, stranger, root, mid}, "shop.test", root, want{trusted: true}},
		{"another name", []*authority{leaf, mid}, "other.test", root, want{trusted: true, name: true}},
		{"expired", []*authority{mid.issue(t, "x", both(forHost, old)), mid}, "shop.test", root, want{trusted: true, dates: true}},
		{"expired, and the root was issued anew since", []*authority{mid.issue(t, "x", both(forHost, old)), mid}, "shop.test", root.again(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour)), want{trusted: true, dates: true}},
		{"expired as the intermediate is, and the root anew", []*authority{oldMid.issue(t, "x", both(forHost, old)), oldMid}, "shop.test", root.again(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour)), want{trusted: true, dates: true}},
		{"expired, and the root after it", []*authority{mid.issue(t, "x", both(forHost, old)), mid}, "shop.test", root.again(t, time.Now().Add(-24*time.Hour), time.Now().Add(-time.Hour)), want{trusted: true, dates: true}},
		{"expired, of a stranger", []*authority{stranger.issue(t, "x", both(forHost, old))}, "shop.test", root, want{dates: true}},
		{"expired above", []*authority{oldMid.issue(t, "x", forHost), oldMid}, "shop.test", root, want{dates: true}},
		{"a stranger's root, not sent", []*authority{leaf, mid}, "shop.test", stranger, want{}},
		{"a stranger's root, sent", []*authority{leaf, mid, root}, "shop.test", stranger, want{complete: true}},
		{"below the root, not sent", []*authority{stranger.issue(t, "x", forHost)}, "shop.test", root, want{}},
		{"intermediate missing, root known", []*authority{root.issue(t, "mid2", func(c *x509.Certificate) { c.Subject.Organization = []string{"Org of root"} }).issue(t, "x", forHost)}, "shop.test", root, want{incomplete: true}},
		{"intermediate missing, logged", []*authority{stranger.issue(t, "x", both(forHost, logged))}, "shop.test", nil, want{incomplete: true}},
		{"intermediate missing, public policy", []*authority{stranger.issue(t, "x", both(forHost, policy))}, "shop.test", nil, want{incomplete: true}},
		{"intermediate missing, a public organisation", []*authority{(*authority)(nil).issue(t, "y", func(c *x509.Certificate) { c.Subject.Organization = []string{"DigiCert Inc"} }).issue(t, "x", forHost)}, "shop.test", nil, want{incomplete: true}},
		{"self-signed", []*authority{alone}, "shop.test", nil, want{unsigned: true, complete: true}},
		{"self-signed and known", []*authority{alone}, "shop.test", alone, want{trusted: true, unsigned: true}},
		{"a name is no signature", []*authority{stranger.issue(t, "stranger", forHost)}, "shop.test", nil, want{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var chain []*x509.Certificate
			for _, a := range c.chain {
				chain = append(chain, a.cert)
			}
			o := VerifyOptions{Public: true}
			if c.extra != nil {
				o.Extra = x509.NewCertPool()
				o.Extra.AddCert(c.extra.cert)
			}
			v := Verify(chain, c.host, time.Now(), o)
			got := want{v.System == nil, v.Dates != nil, v.Name != nil, v.Unsigned, v.Incomplete, v.Complete}
			if got != c.want {
				t.Errorf("got %+v, want %+v (%v)", got, c.want, v.System)
			}
			if v.Public == nil {
				t.Error("a public root trusts it")
			}
			if v.ByExtra != c.want.trusted {
				t.Errorf("trusted by the extra roots: %v", v.ByExtra)
			}
		})
	}
}

func TestVerifyNothing(t *testing.T) {
	if v := Verify(nil, "shop.test", time.Now(), VerifyOptions{}); v.System == nil || v.Public == nil {
		t.Error("an empty chain is trusted")
	}
}

func TestVerifyPublicNotAsked(t *testing.T) {
	root := (*authority)(nil).issue(t, "root", nil)
	o := VerifyOptions{Extra: x509.NewCertPool()}
	o.Extra.AddCert(root.cert)
	v := Verify([]*x509.Certificate{root.issue(t, "x", forHost).cert}, "shop.test", time.Now(), o)
	if v.System != nil || !errors.Is(v.Public, ErrNotAsked) {
		t.Errorf("%v, %v", v.System, v.Public)
	}
}

func TestPublicRoots(t *testing.T) {
	set := publicRoots()
	//lint:ignore SA1019 the pool is our own
	if n := len(set.pool.Subjects()); n < 100 {
		t.Errorf("%d roots", n)
	}
	if !set.names["Internet Security Research Group"] {
		t.Error("Let's Encrypt's is missing")
	}
}

// A key counts only where its owner signed: anybody can send anybody's
// certificate along.
func TestPinMatches(t *testing.T) {
	root := (*authority)(nil).issue(t, "root", nil)
	mid := root.issue(t, "mid", nil)
	leaf := mid.issue(t, "leaf", forHost)
	stranger := (*authority)(nil).issue(t, "stranger", nil)
	chain := []*x509.Certificate{leaf.cert, stranger.cert, root.cert, mid.cert}
	for name, c := range map[string]struct {
		who  *authority
		want bool
	}{"its own": {leaf, true}, "its issuer's": {mid, true}, "the root's": {root, true}, "sent along": {stranger, false}} {
		t.Run(name, func(t *testing.T) {
			if got := (&Verification{System: errors.New("unknown")}).Pinned(chain, sha256.Sum256(c.who.cert.RawSubjectPublicKeyInfo)); (got != nil) != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
	if (&Verification{}).Pinned(nil, [32]byte{}) != nil {
		t.Error("an empty chain matches")
	}
}
