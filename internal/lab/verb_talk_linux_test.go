package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"
)

// TestVerbsOfServers: what servers and devices in between say is what the till
// hears. A question is PROTOCOL ADDRESS:PORT WORDS.
func TestVerbsOfServers(t *testing.T) {
	if !confined(t) {
		return
	}
	const a = "name a.example 198.51.100.10\nhttps cloud 198.51.100.10 443\nhttp cloud 198.51.100.10 80,8080\npage 198.51.100.10 / 200 body=the_page\n"
	const d = "name a.example 198.51.100.10\ndns gateway\ndns provider\n"
	for _, c := range []struct{ name, world, question, want string }{
		{"certificate", a, "tls 198.51.100.10:443 a.example", "Globe Trust Services a.example"},
		{"another authority", a + "authority box Some Box\ntls cloud 192.0.2.10 443 ca=box names=x.test,y.test", "tls 192.0.2.10:443 y.test", "Some Box x.test"},
		{"old version", "tls cloud 192.0.2.10 443 tls1.1", "tls 192.0.2.10:443 a.example", "protocol version not supported"},
		{"client certificate", "tls cloud 192.0.2.10 443 tls1.2 client-cert", "tls 192.0.2.10:443 a.example", "handshake failure"},
		{"inspected", a + "authority box Some Box\ninspect gateway box", "tls 198.51.100.10:443 a.example", "Some Box a.example"},
		{"exempted", a + "authority box Some Box\ninspect gateway box except=a.example", "tls 198.51.100.10:443 a.example", "Globe Trust Services a.example"},
		{"name blocked", a + "block name provider a.example reset", "tls 198.51.100.10:443 a.example", "reset"},
		{"name dropped", a + "block name gateway a.example drop", "tls 198.51.100.10:443 a.example", "silence"},
		{"another name blocked", a + "block name provider aa.example reset\nblock name provider .example reset", "tls 198.51.100.10:443 a.example", "Globe Trust Services a.example"},
		{"large hello blocked", a + "block large hello core reset", "tls 198.51.100.10:443 a.example", "reset"},
		{"small hello", a + "block large hello core reset", "small-tls 198.51.100.10:443 a.example", "Globe Trust Services a.example"},
		{"portal's certificate", a + "portal gateway http://192.168.1.1/login https", "tls 198.51.100.10:443 a.example", "192.168.1.1"},
		{"portal's silence", a + "portal gateway http://192.168.1.1/login drop", "tls 198.51.100.10:443 a.example", "silence"},
		{"hangs up", "hang up cloud 192.0.2.10 443 reset", "tls 192.0.2.10:443 a.example", "reset"},
		{"stalls", "stall cloud 192.0.2.10 443", "tls 192.0.2.10:443 a.example", "silence"},

		{"page", a, "http 198.51.100.10:80 a.example", "HTTP/1.0 200 OK the page"},
		{"portal", a + "portal gateway http://192.168.1.1/login", "http 198.51.100.10:80 a.example", "HTTP/1.1 302 Found"},
		{"block page", a + "block page provider a.example 403 Not here", "http 198.51.100.10:80 a.example", "HTTP/1.1 403 Forbidden <html><head><title>Not here</title></head><body><h1>Not here</h1></body></html>"},
		{"another's block page", a + "block page provider b.example 403 Not here", "http 198.51.100.10:80 a.example", "HTTP/1.0 200 OK the page"},
		{"HTTP where nothing else passes", a + "only http gateway 8080", "http 198.51.100.10:8080 a.example", "HTTP/1.0 200 OK the page"},
		{"nothing else", a + "greet cloud 192.0.2.10 8080 hello\nonly http gateway 8080", "say 192.0.2.10:8080 hello", "silence"},
		{"nothing but HTTP comes back", a + "greet cloud 192.0.2.10 8080 hello\nonly http gateway 8080", "http 192.0.2.10:8080 a.example", "silence"},
		{"HTTP at the gate", a + "gate gateway 8080", "http 198.51.100.10:8080 a.example", "HTTP/1.0 200 OK the page"},
		{"something else at the gate", a + "gate gateway 8080", "say 198.51.100.10:8080 hello", "silence"},
		{"another answer at the gate", "greet cloud 192.0.2.10 8080 hello\ngate gateway 8080", "http 192.0.2.10:8080 a.example", "HTTP/1.1 502 Bad Gateway"},
		{"written over", "http cloud 192.0.2.10 25\npage 192.0.2.10 / 200 body=STARTTLS\nstrip gateway 25", "http 192.0.2.10:25 a.example", "HTTP/1.0 200 OK XXXXXXXA"},
		{"without upgrades", a + "no upgrade gateway 80", "http 198.51.100.10:80 a.example", "HTTP/1.1 200 OK the page"},
		{"tunnel", a + "proxy server 192.168.1.20 3128", "connect 192.168.1.20:3128 a.example:443", "HTTP/1.1 200 Connection established"},
		{"login", a + "proxy server 192.168.1.20 3128 auth=Basic", "connect 192.168.1.20:3128 a.example:443", "HTTP/1.1 407 Proxy Authentication Required"},
		{"denied", a + "proxy server 192.168.1.20 3128 deny=a.example", "connect 192.168.1.20:3128 a.example:443", "HTTP/1.1 403 Forbidden"},
		{"broken proxy", a + "proxy server 192.168.1.20 3128 answer=502", "connect 192.168.1.20:3128 a.example:443", "HTTP/1.1 502 Bad Gateway"},

		{"name", d, "dns 192.168.1.1:53 a.example", "NOERROR 198.51.100.10"},
		{"no such name", d, "dns 192.168.1.1:53 b.example", "NXDOMAIN"},
		{"fate", d + "fate 203.0.113.1 a.example REFUSED", "dns 203.0.113.1:53 a.example", "REFUSED"},
		{"another's fate", d + "fate 203.0.113.1 a.example REFUSED", "dns 192.168.1.1:53 a.example", "NOERROR 198.51.100.10"},
		{"record", d + "record 192.168.1.1 b.example. A 10.1.1.1", "dns 192.168.1.1:53 b.example", "NOERROR 10.1.1.1"},
		{"intercepted", d + "intercept dns gateway\nfate gateway * SERVFAIL", "dns 203.0.113.1:53 a.example", "SERVFAIL"},
		{"intercepted by TCP", d + "intercept dns gateway\nfate gateway * SERVFAIL", "dns-tcp 203.0.113.1:53 a.example", "SERVFAIL"},
		{"rewritten", "dns gateway rewrite=10.9.9.9", "dns 192.168.1.1:53 b.example", "NOERROR 10.9.9.9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, err := New(c.world)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			words := strings.Fields(c.question)
			if got := w.hear(t.Context(), words[0], words[1], words[2]); !strings.HasSuffix(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// hear asks from the till, and tells what came.
func (w *World) hear(ctx context.Context, proto, to, text string) string {
	network := "tcp"
	if proto == "dns" {
		network = "udp"
	}
	const patience = time.Second // a hundred times what an answer takes
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := w.Dial(ctx, "till", network, to)
	if err != nil {
		return inWords(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	switch proto {
	case "tls", "small-tls":
		config := &tls.Config{ServerName: text, InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}
		if proto == "small-tls" {
			config.CurvePreferences = []tls.CurveID{tls.X25519}
		}
		s := tls.Client(c, config)
		if err := s.Handshake(); err != nil {
			return inWords(err)
		}
		leaf := s.ConnectionState().PeerCertificates[0]
		return strings.Join(append(leaf.Issuer.Organization, leaf.Subject.CommonName), " ")
	case "dns", "dns-tcp":
		a, err := exchange(c, text)
		if err != nil {
			return inWords(err)
		}
		words := []string{dns.RcodeToString[a.Rcode]}
		for _, rr := range a.Answer {
			words = append(words, rr.(*dns.A).A.String())
		}
		return strings.Join(words, " ")
	case "connect":
		fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", text, text)
		b := make([]byte, 4096)
		n, err := c.Read(b)
		if err != nil {
			return inWords(err)
		}
		line, _, _ := strings.Cut(string(b[:n]), "\r\n")
		return line
	case "http":
		fmt.Fprintf(c, "GET / HTTP/1.0\r\nHost: %s\r\n\r\n", text)
	default:
		_, _ = io.WriteString(c, text)
	}
	b, err := io.ReadAll(c)
	if err != nil {
		return inWords(err)
	}
	head, body, _ := strings.Cut(string(b), "\r\n\r\n")
	line, _, _ := strings.Cut(head, "\r\n")
	return strings.TrimSpace(line + " " + body)
}

func exchange(c net.Conn, name string) (*dns.Msg, error) {
	q := new(dns.Msg).SetQuestion(dns.Fqdn(name), dns.TypeA)
	conn := &dns.Conn{Conn: c}
	if err := conn.WriteMsg(q); err != nil {
		return nil, err
	}
	return conn.ReadMsg()
}

func inWords(err error) string {
	timeout, ok := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, unix.ECONNRESET):
		return "reset"
	case ok && timeout.Timeout():
		return "silence"
	}
	if alert, ok := errors.AsType[*net.OpError](err); ok && alert.Op == "remote error" {
		_, text, _ := strings.Cut(alert.Err.Error(), "tls: ")
		return text
	}
	return err.Error()
}
