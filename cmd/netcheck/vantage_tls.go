package main

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"netcheck/checks/talk"
)

// certification is how a helper shows who it is.
type certification struct {
	config *tls.Config // nil: not at all
	what   string      // for the line at start
}

// certify reads the helper's certificate, or prepares to get one.
func (s *streams) certify(v *outside) (certification, error) {
	switch {
	case v.plain:
		return certification{what: "without TLS"}, nil
	case v.acme != "":
		return s.automatic(v)
	}
	f := &certificateFiles{cert: v.cert, key: v.key}
	c, err := f.load()
	if err != nil {
		return certification{}, usagef("can't use the certificate in %s: %v", v.cert, reason(err))
	}
	return certification{
		config: &tls.Config{GetCertificate: f.get, NextProtos: []string{"http/1.1"}},
		what:   "TLS, key " + pinOf(c.Leaf),
	}, nil
}

// pinOf is a certificate's key as it is named behind the helper's address:
// https://HOST#sha256:…
func pinOf(c *x509.Certificate) string {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return "sha256:" + base64.StdEncoding.EncodeToString(sum[:])
}

// automatic gets the certificate from Let's Encrypt.
func (s *streams) automatic(v *outside) (certification, error) {
	folder := v.cache
	if folder == "" {
		folder = s.getenv("STATE_DIRECTORY")
	}
	if folder == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return certification{}, usagef("there is no folder to keep the certificate in").withHint("name one by --acme-cache")
		}
		folder = filepath.Join(cache, "netcheck-vantage")
	}
	// A container has no roots of its own.
	authority := &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: rootsOr(x509.SystemCertPool)}}}
	m := &autocert.Manager{
		Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(v.acme), Cache: autocert.DirCache(folder),
		Client: &acme.Client{DirectoryURL: autocert.DefaultACMEDirectory, HTTPClient: authority},
	}
	var told sync.Once
	config := m.TLSConfig()
	config.NextProtos = []string{"http/1.1", acme.ALPNProto}
	config.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		c, err := m.GetCertificate(hello)
		if err == nil && c.Leaf != nil && c.Leaf.VerifyHostname(v.acme) == nil && !asksForProof(hello) {
			told.Do(func() { v.o.Log.Info("certificate", "host", v.acme, "key", pinOf(c.Leaf)) })
		}
		return c, err
	}
	return certification{config: config, what: "TLS, certificate of " + v.acme + " in " + folder}, nil
}

// asksForProof tells that it is the authority who asks.
func asksForProof(hello *tls.ClientHelloInfo) bool {
	return len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == acme.ALPNProto
}

// rootsOr are the system's, else those that netcheck brings along.
func rootsOr(system func() (*x509.CertPool, error)) *x509.CertPool {
	if pool, err := system(); err == nil && !pool.Equal(x509.NewCertPool()) {
		return pool
	}
	return talk.PublicRoots()
}

// certificateFiles are read again when they have changed: certificates last for
// weeks, and a helper runs for months.
type certificateFiles struct {
	cert, key string

	mu     sync.Mutex
	loaded *tls.Certificate
	looked time.Time
	stamp  time.Time // of the certificate's file
}

// lookAgain is how often the files are looked at.
const lookAgain = time.Minute

func (f *certificateFiles) load() (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looked = time.Now()
	info, err := os.Stat(f.cert)
	if err != nil {
		return f.loaded, err
	}
	if f.loaded != nil && info.ModTime().Equal(f.stamp) {
		return f.loaded, nil
	}
	c, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return f.loaded, err // the one there was is better than none
	}
	f.loaded, f.stamp = &c, info.ModTime()
	return f.loaded, nil
}

// get is a tls.Config's GetCertificate.
func (f *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	c, fresh := f.loaded, time.Since(f.looked) < lookAgain
	f.mu.Unlock()
	if fresh {
		return c, nil
	}
	c, err := f.load()
	if c != nil {
		return c, nil
	}
	return nil, err
}
