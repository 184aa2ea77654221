package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"netcheck/checks/talk"
	"netcheck/checks/vantage"
	"netcheck/checks/vantage/server"
)

// writeCertificate writes one that its owner signed, of this age, and returns
// its key's digest.
func writeCertificate(t *testing.T, cert, key string, serial int64, written time.Time) [sha256.Size]byte {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"h.example"}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for path, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, written, written); err != nil {
			t.Fatal(err)
		}
	}
	return sha256.Sum256(public)
}

// TestPin: what the helper prints of its key is what its client takes.
func TestPin(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	sum := writeCertificate(t, cert, key, 1, time.Now())
	s := newStreams(strings.NewReader(""), io.Discard, io.Discard, nil, false)
	c, err := s.certify(&outside{cert: cert, key: key})
	if err != nil {
		t.Fatal(err)
	}
	pin := strings.TrimPrefix(c.what, "TLS, key ")
	if want := "sha256:" + base64.StdEncoding.EncodeToString(sum[:]); pin != want {
		t.Errorf("%s, not %s", pin, want)
	}
	if got, err := vantage.ParsePin(pin); err != nil || got != sum {
		t.Errorf("%x, %v", got, err)
	}
	if _, err := vantage.Open("https://h.example#"+pin, vantage.Options{}); err != nil {
		t.Error(err)
	}
}

// TestCertificateChanges: a certificate that was renewed is used without a
// restart, and one that is broken does not take the place of the last.
func TestCertificateChanges(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	written := time.Now().Add(-time.Hour)
	writeCertificate(t, cert, key, 1, written)
	f := &certificateFiles{cert: cert, key: key}
	if _, err := f.load(); err != nil {
		t.Fatal(err)
	}
	serial := func() int64 {
		t.Helper()
		c, err := f.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return c.Leaf.SerialNumber.Int64()
	}
	writeCertificate(t, cert, key, 2, written.Add(time.Minute))
	if n := serial(); n != 1 {
		t.Errorf("certificate %d: the files are looked at for each connection", n)
	}
	f.looked = time.Now().Add(-2 * lookAgain)
	if n := serial(); n != 2 {
		t.Errorf("certificate %d", n)
	}
	if err := os.WriteFile(cert, []byte("half of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.looked = time.Now().Add(-2 * lookAgain)
	if n := serial(); n != 2 {
		t.Errorf("certificate %d in place of a broken one", n)
	}
}

// TestAutomatic: an authority is asked for the helper's own name alone, at the
// port where it listens, and there is no HTTP/2.
func TestAutomatic(t *testing.T) {
	s := newStreams(strings.NewReader(""), io.Discard, io.Discard, nil, false)
	v := &outside{acme: "h.example", cache: t.TempDir(), o: server.Options{}}
	c, err := s.certify(v)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.config.NextProtos, []string{"http/1.1", "acme-tls/1"}) {
		t.Error(c.config.NextProtos)
	}
	for _, name := range []string{"", "other.example", "127.0.0.1", "h.example.other.example"} {
		if _, err := c.config.GetCertificate(&tls.ClientHelloInfo{ServerName: name, SupportedProtos: []string{"http/1.1"}}); err == nil {
			t.Errorf("a certificate for %q", name)
		}
	}
	entries, err := os.ReadDir(v.cache)
	if err != nil || len(entries) > 0 { // the account's key would be the first
		t.Errorf("%v, %v", entries, err)
	}
}

// TestRootsOfItsOwn: where the system has no authorities, netcheck's own serve.
func TestRootsOfItsOwn(t *testing.T) {
	some := x509.NewCertPool()
	some.AddCert(&x509.Certificate{Raw: []byte{1}, RawSubject: []byte{2}})
	for name, c := range map[string]struct {
		pool *x509.CertPool
		err  error
		want *x509.CertPool
	}{
		"a container":  {x509.NewCertPool(), nil, talk.PublicRoots()},
		"no such file": {nil, os.ErrNotExist, talk.PublicRoots()},
		"a system":     {some, nil, some},
	} {
		if got := rootsOr(func() (*x509.CertPool, error) { return c.pool, c.err }); !got.Equal(c.want) {
			t.Errorf("%s: other roots", name)
		}
	}
}
