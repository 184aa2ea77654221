package checktest

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"netcheck/checks/dial"
	"netcheck/internal/servers"
)

// dialer connects for a proxy. Names that the world's DNS servers know are
// theirs to resolve, as a proxy does not ask the client's resolver.
func (w *World) dialer() func(context.Context, string) (net.Conn, error) {
	var d net.Dialer
	return func(ctx context.Context, hostport string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(hostport)
		if err != nil {
			return nil, err
		}
		if _, err := netip.ParseAddr(host); err != nil {
			for _, z := range w.zones {
				if as := z.Addresses(host); len(as) > 0 {
					return d.DialContext(ctx, "tcp", net.JoinHostPort(as[0].String(), port))
				}
			}
			return nil, fmt.Errorf("%s is unknown", host)
		}
		return d.DialContext(ctx, "tcp", hostport)
	}
}

// proxyVerb starts an HTTP proxy: proxy PORT [auth=SCHEME]… [user=NAME:PASSWORD]
// [deny=HOST[:PORT]]… [answer=STATUS] [only-tls] [hangs] [locks=COUNT].
func proxyVerb(w *World, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("wanted a port")
	}
	p := &servers.Proxy{Dial: w.dialer()}
	for _, a := range args[1:] {
		name, v, _ := strings.Cut(a, "=")
		var err error
		switch name {
		case "auth":
			p.Auth = append(p.Auth, v)
		case "user":
			p.User = v
		case "deny":
			p.Deny = append(p.Deny, v)
		case "answer":
			p.Answer, err = strconv.Atoi(v)
		case "locks":
			p.Locks, err = strconv.Atoi(v)
		case "only-tls":
			p.OnlyTLS = true
		case "hangs":
			p.Hangs = true
		default:
			err = fmt.Errorf("%q: no such word", a)
		}
		if err != nil {
			return err
		}
	}
	return tcpVerb(w, args[:1], p.Serve)
}

// socksVerb starts a SOCKS5 server: socks PORT [user=NAME:PASSWORD]
// [deny=HOST[:PORT]]… [reply=NUMBER].
func socksVerb(w *World, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("wanted a port")
	}
	s := &servers.Socks{Dial: w.dialer()}
	for _, a := range args[1:] {
		name, v, _ := strings.Cut(a, "=")
		switch name {
		case "user":
			s.User = v
		case "deny":
			s.Deny = append(s.Deny, v)
		case "reply":
			n, err := strconv.ParseUint(v, 10, 8)
			if err != nil {
				return err
			}
			s.Reply = byte(n)
		default:
			return fmt.Errorf("%q: no such word", a)
		}
	}
	return tcpVerb(w, args[:1], s.Serve)
}

// setWay sets a proxy up: way URL [personal].
func setWay(w *World, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("wanted a proxy's URL")
	}
	u, err := url.Parse(args[0])
	if err != nil {
		return err
	}
	p := &dial.Proxy{URL: u, Source: "the case", Personal: len(args) > 1 && args[1] == "personal"}
	w.Env.Route = func(*dial.Proxy, string, uint16) dial.Route { return dial.Route{Proxy: p} }
	return nil
}
