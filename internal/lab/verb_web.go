//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"netcheck/internal/servers"
)

// webVerbs are web servers and what they have. A site is its address', whatever
// the port; in what a page says, _ is a blank.
func webVerbs() []verb {
	return []verb{
		{"http", "PLACE ADDRESS PORTS: the address' site", serve, func(w *World, args []string) error {
			return w.serveSite(args, func(l net.Listener) net.Listener { return l })
		}},
		{"page", "ADDRESS PATH|HOST/PATH|* STATUS [Header=Value|body=TEXT|wait=DURATION]...: what a site has; see servers.Site.Page", serve, page},
		{"proxy", "PLACE ADDRESS PORT [auth=SCHEME,...] [deny=HOST[:PORT],...] [answer=STATUS]: a proxy that tunnels", serve, proxy},
		{"env", "NAME=VALUE: in the environment of netcheck", serve, func(w *World, args []string) error {
			w.Env = append(w.Env, strings.Join(args, " "))
			return nil
		}},
	}
}

func page(w *World, args []string) error {
	if len(args) < 3 {
		return errors.New("an address, a path and a status")
	}
	words := make([]string, len(args)-3)
	for i, a := range args[3:] {
		words[i] = strings.ReplaceAll(a, "_", " ")
	}
	for a := range strings.SplitSeq(args[0], ",") {
		addr, err := netip.ParseAddr(a)
		if err != nil {
			return err
		}
		if err := w.site(addr).Page(args[1], args[2], words...); err != nil {
			return err
		}
	}
	return nil
}

// proxy makes tunnels to whatever the internet has names for.
func proxy(w *World, args []string) error {
	if len(args) < 3 {
		return errors.New("a place, an address and a port")
	}
	p := &servers.Proxy{Dial: func(ctx context.Context, hostport string) (net.Conn, error) {
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
		return w.Dial(ctx, args[0], "tcp", net.JoinHostPort(addr.String(), port))
	}}
	for _, word := range args[3:] {
		key, value, _ := strings.Cut(word, "=")
		var err error
		switch key {
		case "auth":
			p.Auth = strings.Split(value, ",")
		case "deny":
			p.Deny = strings.Split(value, ",")
		case "answer":
			p.Answer, err = number(value, 599)
		default:
			err = fmt.Errorf("a proxy knows no %q", word)
		}
		if err != nil {
			return err
		}
	}
	return serveAll(w, args[:3], 3, p.Serve)
}
