//go:build linux

package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"netcheck/internal/servers"
)

// proxyVerbs are proxies of the shop's own, which make tunnels to whatever the
// internet has names for.
func proxyVerbs() []verb {
	return []verb{
		{"proxy", "PLACE ADDRESS PORT [auth=SCHEME,...] [user=NAME:PASSWORD] [deny=HOST[:PORT],...] [answer=STATUS] [only-tls] [lazy] [hangs] [tls] [ca=NAME]: of HTTP; tls: it is spoken to by TLS", serve, proxy},
		{"socks", "PLACE ADDRESS PORT [user=NAME:PASSWORD] [deny=HOST[:PORT],...] [reply=NUMBER]: of SOCKS5", serve, socks},
	}
}

func proxy(w *World, args []string) error {
	if len(args) < 3 {
		return errors.New("a place, an address and a port")
	}
	p := &servers.Proxy{Dial: w.knowing(args[0])}
	over, certificate := false, args[:3:3]
	for _, word := range args[3:] {
		key, value, _ := strings.Cut(word, "=")
		var err error
		switch key {
		case "auth":
			p.Auth = strings.Split(value, ",")
		case "user":
			p.User = value
		case "deny":
			p.Deny = strings.Split(value, ",")
		case "answer":
			p.Answer, err = number(value, 599)
		case "only-tls":
			p.OnlyTLS = true
		case "lazy":
			p.Lazy = true
		case "hangs":
			p.Hangs = true
		case "tls":
			over = true
		case "ca":
			certificate = append(certificate, word)
		default:
			err = fmt.Errorf("a proxy knows no %q", word)
		}
		if err != nil {
			return err
		}
	}
	if !over {
		return serveAll(w, args[:3], 3, p.Serve)
	}
	config, _, err := w.secure(certificate)
	if err != nil {
		return err
	}
	return serveAll(w, args[:3], 3, func(c net.Conn) { p.Serve(tls.Server(c, config)) })
}

func socks(w *World, args []string) error {
	if len(args) < 3 {
		return errors.New("a place, an address and a port")
	}
	s := &servers.Socks{Dial: w.knowing(args[0])}
	for _, word := range args[3:] {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "user":
			s.User = value
		case "deny":
			s.Deny = strings.Split(value, ",")
		case "reply":
			n, err := number(value, 255)
			if err != nil {
				return err
			}
			s.Reply = byte(n)
		default:
			return fmt.Errorf("a SOCKS server knows no %q", word)
		}
	}
	return serveAll(w, args[:3], 3, s.Serve)
}

// knowing connects from a place to what the internet has a name for.
func (w *World) knowing(place string) func(context.Context, string) (net.Conn, error) {
	return func(ctx context.Context, hostport string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(hostport)
		if err != nil {
			return nil, err
		}
		addr, err := netip.ParseAddr(host)
		if known := w.services.names.Addresses(host); err != nil && len(known) > 0 {
			addr, err = known[0], nil
		}
		if err != nil {
			return nil, err
		}
		return w.Dial(ctx, place, "tcp", net.JoinHostPort(addr.String(), port))
	}
}
