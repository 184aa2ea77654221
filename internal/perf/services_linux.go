package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/miekg/dns"

	"netcheck/internal/lab"
	"netcheck/report/result"
)

const (
	endpoints = 100
	questions = 1000
)

// https asks 100 web servers, each with a certificate that is verified.
func (b *bench) https() error {
	cert, ca, err := b.certificate()
	if err != nil {
		return err
	}
	servers, err := b.webServers(cert)
	if err != nil {
		return err
	}
	defer servers()
	profile := []string{"netcheck: 1", "id: web", "revision: 2026-11-21", "title: Web", "checks:"}
	var curl []string
	for i := range endpoints {
		url := fmt.Sprintf("https://%s:%d/", lab.Open, 10000+i)
		profile = append(profile, fmt.Sprintf("  - id: web-%d", i), fmt.Sprintf("    http: {url: %q, status: 200}", url))
		curl = append(curl, fmt.Sprintf("url = %q", url), `output = "/dev/null"`)
	}
	file, err1 := b.write("web.yaml", profile...)
	config, err2 := b.write("curl.cfg", curl...)
	if err1 != nil || err2 != nil {
		return fmt.Errorf("%v, %v", err1, err2)
	}
	for _, c := range []struct {
		name  string
		fault lab.Fault
	}{{"near", lab.Fault{}}, {"80 ms", lab.Fault{Delay: 40 * time.Millisecond}}} {
		if err := b.path.Suffer(c.fault); err != nil {
			return err
		}
		netcheck := &series{
			args: []string{b.netcheck, "run", "--no-input", "--format", "json", "--ca-file", ca, file},
			look: passed(endpoints),
		}
		curl := &series{
			args: []string{"curl", "-s", "--cacert", ca, "--parallel", "--parallel-immediate", "--parallel-max", "100", "-w", `%{http_code}\n`, "-K", config},
			look: func(u used) error {
				if n := bytes.Count(u.out, []byte("200\n")); n != endpoints {
					return fmt.Errorf("%d of %d answered", n, endpoints)
				}
				return nil
			},
		}
		if err := b.race(b.runs, netcheck, curl); err != nil {
			return err
		}
		b.print(c.name, netcheck, "curl", curl)
		if c.fault == (lab.Fault{}) { // far away both wait for the same three round trips
			b.judge("time beside curl", netcheck.median().wall/curl.median().wall, 0.7, "")
		}
	}
	return b.path.Suffer(lab.Fault{})
}

// passed wants so many checks of a report to have passed.
func passed(n int) func(used) error {
	return func(u used) error {
		var r result.Report
		if err := json.Unmarshal(u.out, &r); err != nil {
			return err
		}
		if r.Summary[result.Pass] != n {
			return fmt.Errorf("%v, want %d passed", r.Summary, n)
		}
		return nil
	}
}

// certificate is one of the server's, and the file of the authority to trust.
func (b *bench) certificate() (tls.Certificate, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "laboratory"},
		IPAddresses: []net.IP{net.ParseIP(lab.Open)},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	ca, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	authority, err := x509.ParseCertificate(ca)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	leaf := *t
	leaf.SerialNumber, leaf.IsCA, leaf.KeyUsage = big.NewInt(2), false, x509.KeyUsageDigitalSignature
	leaf.Subject.CommonName = "laboratory server" // of the authority's own name it would be self-signed
	der, err := x509.CreateCertificate(rand.Reader, &leaf, authority, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	file := filepath.Join(b.dir, "ca.pem")
	err = os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca}), 0o600)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file, err
}

func (b *bench) webServers(cert tls.Certificate) (stop func(), err error) {
	var all []*http.Server
	stop = func() {
		for _, s := range all {
			s.Close()
		}
	}
	for i := range endpoints {
		var l net.Listener
		err := b.path.Server.Do(func() (err error) {
			l, err = net.Listen("tcp", fmt.Sprintf("%s:%d", lab.Open, 10000+i))
			return err
		})
		if err != nil {
			stop()
			return nil, err
		}
		s := &http.Server{
			Handler:           http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }),
			TLSConfig:         &tls.Config{Certificates: []tls.Certificate{cert}},
			ReadHeaderTimeout: 10 * time.Second,
		}
		all = append(all, s)
		go func() { _ = s.ServeTLS(l, "", "") }() // ends with Close
	}
	return stop, nil
}

// names asks one resolver for 1000 names.
func (b *bench) names() error {
	var conn net.PacketConn
	err := b.path.Server.Do(func() (err error) {
		conn, err = net.ListenPacket("udp", lab.Open+":53")
		return err
	})
	if err != nil {
		return err
	}
	_ = conn.(*net.UDPConn).SetReadBuffer(4 << 20) // else what the system gives
	s := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		if q.Question[0].Qtype == dns.TypeA {
			m.Answer = []dns.RR{&dns.A{
				Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60},
				A:   net.ParseIP(lab.Open),
			}}
		}
		_ = w.WriteMsg(m) // whoever asked asks again
	})}
	go func() { _ = s.ActivateAndServe() }()
	defer func() { _ = s.Shutdown() }()
	profile := []string{"netcheck: 1", "id: names", "revision: 2026-11-21", "title: Names", "checks:"}
	goss := []string{"dns:"}
	for i := range questions {
		profile = append(profile, fmt.Sprintf("  - id: name-%d", i), fmt.Sprintf("    dns: {name: n%d.perf.test, type: A, resolver: %s}", i, lab.Open))
		goss = append(goss, fmt.Sprintf("  n%d.perf.test: {resolvable: true, server: %s, timeout: 1000}", i, lab.Open))
	}
	file, err1 := b.write("names.yaml", profile...)
	config, err2 := b.write("goss.yaml", goss...)
	if err1 != nil || err2 != nil {
		return fmt.Errorf("%v, %v", err1, err2)
	}
	netcheck := &series{args: []string{b.netcheck, "run", "--no-input", "--format", "json", file}, look: passed(questions)}
	other := &series{
		args: []string{b.goss, "--log-level", "ERROR", "-g", config, "validate", "--format", "json"},
		look: func(u used) error {
			if n := bytes.Count(u.out, []byte(`"successful":true`)); n != questions {
				return fmt.Errorf("%d of %d resolved", n, questions)
			}
			return nil
		},
	}
	if err := b.race(b.runs, netcheck, other); err != nil {
		return err
	}
	b.print("one resolver", netcheck, "goss", other)
	b.judge("time beside goss", netcheck.median().wall/other.median().wall, 0.4, "")
	return nil
}

// start compares a program that does nothing.
func (b *bench) start() error {
	netcheck := &series{args: []string{b.netcheck, "--version"}}
	nothing := &series{args: []string{"true"}}
	if err := b.race(4*b.runs, netcheck, nothing); err != nil {
		return err
	}
	b.print("--version", netcheck, "true", nothing)
	b.judge("more than true", 1000*(netcheck.median().wall-nothing.median().wall), 15, "ms")
	return nil
}
