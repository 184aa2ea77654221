//go:build linux

package lab

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"netcheck/internal/servers"
)

// middleVerbs are devices that answer in a server's place.
func middleVerbs() []verb {
	return []verb{
		{"inspect", "PLACE AUTHORITY [to NETS] [except=NAME,...]: opens TLS on port 443 and signs by this authority", harm, inspect},
		{"portal", "PLACE URL [https|drop|reset]: answers for every web server, on port 443 by a certificate of its own", harm, portal},
		{"block page", "PLACE HOST STATUS TEXT...: answers plain HTTP for one host", harm, blockPage},
		{"gate", "PLACE PORTS [to NETS]: takes connections, passes on what is HTTP and swallows the rest", harm, httpGate},
	}
}

// patience is how long a middlebox waits for whom it stands for.
const patience = 5 * time.Second

func (w *World) onward(place string, to netip.AddrPort) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return w.Dial(ctx, place, "tcp", to.String())
}

// inspect opens TLS as a firewall does: it shakes hands with the server, and
// shows its client the server's certificate signed by an authority of its own.
// The names that it excepts it passes on as they are.
func inspect(w *World, args []string) error {
	if len(args) < 2 {
		return errors.New("a place and an authority")
	}
	place, ca := args[0], w.services.authorities[args[1]]
	if ca == nil {
		return fmt.Errorf("no authority %q", args[1])
	}
	var except []string
	rest := slices.DeleteFunc(slices.Clone(args[2:]), func(a string) bool {
		names, ok := strings.CutPrefix(a, "except=")
		if ok {
			except = strings.Split(names, ",")
		}
		return ok
	})
	m, err := match(append([]string{"tcp", "443"}, rest...))
	if err != nil {
		return err
	}
	var mu sync.Mutex
	minted := map[string]tls.Certificate{}
	return w.divert(place, m, func(c net.Conn, to netip.AddrPort) {
		on, err := w.onward(place, to)
		if err != nil {
			_ = c.(*net.TCPConn).SetLinger(0)
			return
		}
		defer on.Close()
		first, name := peekHello(c)
		if slices.Contains(except, name) {
			servers.Join(&again{c, first}, on)
			return
		}
		server := tls.Client(on, &tls.Config{ServerName: name, InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
		if server.Handshake() != nil {
			return
		}
		names := server.ConnectionState().PeerCertificates[0].DNSNames
		if len(names) == 0 {
			names = []string{to.Addr().String()}
		}
		mu.Lock()
		cert, ok := minted[names[0]]
		if !ok {
			if cert, err = ca.Issue("good", names...); err == nil {
				minted[names[0]] = cert
			}
		}
		mu.Unlock()
		client := tls.Server(&again{c, first}, &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"http/1.1"}})
		if err != nil || client.Handshake() != nil {
			return
		}
		servers.Join(client, server)
	})
}

// again is a connection whose first words have been read already.
type again struct {
	net.Conn
	first []byte
}

func (a *again) Read(b []byte) (int, error) {
	if len(a.first) > 0 {
		n := copy(b, a.first)
		a.first = a.first[n:]
		return n, nil
	}
	return a.Conn.Read(b)
}

// peekHello reads a ClientHello, and the name that it asks for.
func peekHello(c net.Conn) (read []byte, name string) {
	seen := &recorder{Conn: c}
	enough := errors.New("enough")
	_ = tls.Server(seen, &tls.Config{GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		name = h.ServerName
		return nil, enough
	}}).Handshake()
	return seen.read, name
}

// recorder keeps what is read of a connection, and says nothing to it.
type recorder struct {
	net.Conn
	read []byte
}

func (r *recorder) Read(b []byte) (int, error) {
	n, err := r.Conn.Read(b)
	r.read = append(r.read, b[:n]...)
	return n, err
}

func (r *recorder) Write(b []byte) (int, error) { return len(b), nil }

// portal sends every browser to a page of its own.
func portal(w *World, args []string) error {
	if len(args) < 2 {
		return errors.New("a place and a URL")
	}
	place, to := args[0], args[1]
	web, err := match([]string{"tcp", "80"})
	if err != nil {
		return err
	}
	err = w.divert(place, web, func(c net.Conn, _ netip.AddrPort) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			fmt.Fprintf(c, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", to)
		}
	})
	if err != nil || len(args) < 3 {
		return err
	}
	s, err := w.Place(place)
	if err != nil {
		return err
	}
	secure := Match{Proto: "tcp", Ports: []Ports{{443, 443}}}
	if args[2] != "https" {
		fate, err := fateOf(args[2])
		if err != nil {
			return err
		}
		return s.Rule(Forward, secure, fate)
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(to, "http://"), "https://"), "/")
	cert, err := w.services.authorities[public].Issue("self-signed", host)
	if err != nil {
		return err
	}
	return w.divert(place, secure, func(c net.Conn, _ netip.AddrPort) {
		t := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}})
		if _, err := http.ReadRequest(bufio.NewReader(t)); err == nil {
			fmt.Fprintf(t, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", to)
		}
	})
}

// blockPage reads the requests that pass, and answers those for one host.
func blockPage(w *World, args []string) error {
	if len(args) < 4 {
		return errors.New("a place, a host, a status and a text")
	}
	place, host, text := args[0], args[1], strings.Join(args[3:], " ")
	status, err := number(args[2], 599)
	if err != nil {
		return err
	}
	web, err := match([]string{"tcp", "80"})
	if err != nil {
		return err
	}
	return w.divert(place, web, func(c net.Conn, to netip.AddrPort) {
		seen := &recorder{Conn: c}
		r, err := http.ReadRequest(bufio.NewReader(seen))
		if err != nil {
			return
		}
		if r.Host == host {
			page := "<html><head><title>" + text + "</title></head><body><h1>" + text + "</h1></body></html>"
			fmt.Fprintf(c, "HTTP/1.1 %d %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", status, http.StatusText(status), len(page), page)
			return
		}
		if on, err := w.onward(place, to); err == nil {
			defer on.Close()
			servers.Join(&again{c, seen.read}, on)
		}
	})
}

// httpGate is a firewall that accepts connections itself and passes on what
// begins as HTTP does. Of the rest it reads what comes and says nothing.
func httpGate(w *World, args []string) error {
	if len(args) < 2 {
		return errors.New("a place and ports")
	}
	m, err := match(append([]string{"tcp"}, args[1:]...))
	if err != nil {
		return err
	}
	return w.divert(args[0], m, func(c net.Conn, to netip.AddrPort) {
		first := make([]byte, 1<<12)
		n, err := c.Read(first)
		if err != nil {
			return
		}
		first = first[:n]
		method, _, _ := strings.Cut(string(first), " ")
		if !slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "OPTIONS"}, method) {
			_, _ = io.Copy(io.Discard, c)
			return
		}
		on, err := w.onward(args[0], to)
		if err != nil {
			return
		}
		defer on.Close()
		if _, err = on.Write(first); err != nil {
			return
		}
		answer := make([]byte, 1<<12)
		n, _ = on.Read(answer)
		if !strings.HasPrefix(string(answer[:n]), "HTTP/1.") {
			_, _ = io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			return
		}
		servers.Join(c, &again{on, answer[:n]})
	})
}
