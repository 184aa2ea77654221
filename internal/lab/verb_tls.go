//go:build linux

package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"
)

// tlsVerbs are servers with certificates, and who signs them.
func tlsVerbs() []verb {
	const variants = "[names=NAME,...] [ca=NAME] [CERTIFICATE] [tls1.0|tls1.1|tls1.2] [client-cert[=AUTHORITY]]"
	return []verb{
		{"clock", "AHEAD: of the servers, as seen from the till", shape, func(w *World, args []string) (err error) {
			w.services.ahead, err = time.ParseDuration(strings.Join(args, ""))
			return err
		}},
		{"authority", "NAME ORGANISATION...", know, authority},
		{"trust", "NAME...: the till trusts these authorities alone", serve, func(w *World, args []string) error { return w.trust(args) }},
		{"tls", "PLACE ADDRESS PORTS " + variants + ": shakes hands and listens", serve, serveTLS},
		{"https", "PLACE ADDRESS PORTS " + variants + ": the address' site", serve, serveHTTPS},
		{"say", "PLACE ADDRESS PORTS TEXT...: says this to whatever comes first, and nothing more", serve, say},
		{"stall", "PLACE ADDRESS PORTS: accepts, reads and is silent", serve, func(w *World, args []string) error { return serveAll(w, args, 3, sink) }},
		{"hang up", "PLACE ADDRESS PORTS [reset]: reads what comes first, and leaves", serve, hangUp},
	}
}

func authority(w *World, args []string) error {
	if len(args) < 2 {
		return errors.New("a name and an organisation")
	}
	return w.authority(args[0], strings.Join(args[1:], " "))
}

// serveTLS is a server of TLS that has nothing to say.
func serveTLS(w *World, args []string) error {
	config, args, err := w.secure(args)
	if err != nil {
		return err
	}
	return serveAll(w, args, 3, func(c net.Conn) {
		s := tls.Server(c, config)
		if s.Handshake() == nil {
			_, _ = io.Copy(io.Discard, s)
		}
	})
}

func serveHTTPS(w *World, args []string) error {
	config, args, err := w.secure(args)
	if err != nil {
		return err
	}
	config.NextProtos = []string{"h2", "http/1.1"}
	return w.serveSite(args, func(l net.Listener) net.Listener { return tls.NewListener(l, config) })
}

// serveSite serves an address' site on ports of it.
func (w *World) serveSite(args []string, over func(net.Listener) net.Listener) error {
	if len(args) != 3 {
		return errors.New("a place, an address and ports")
	}
	return each(args, func(at netip.AddrPort) error {
		l, err := w.listener(args[0], at)
		if err != nil {
			return err
		}
		w.OnClose(w.site(at.Addr()).Serve(context.Background(), over(l)))
		return nil
	})
}

// secure takes from PLACE ADDRESS PORTS WORDS... what a server is to be like.
// Where no names are given it has those that the internet knows its address
// by.
func (w *World) secure(args []string) (*tls.Config, []string, error) {
	if len(args) < 3 {
		return nil, nil, errors.New("a place, an address and ports")
	}
	config := &tls.Config{MinVersion: tls.VersionTLS10}
	ca, certificate, names := public, "good", strings.Split(args[1], ",")
	for _, a := range names {
		if addr, err := netip.ParseAddr(a); err == nil {
			names = append(w.services.names.Names(addr), names...)
		}
	}
	for _, word := range args[3:] {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "names":
			names = strings.Split(value, ",")
		case "ca":
			ca = value
		case "tls1.0":
			config.MaxVersion = tls.VersionTLS10
		case "tls1.1":
			config.MaxVersion = tls.VersionTLS11
		case "tls1.2":
			config.MaxVersion = tls.VersionTLS12
		case "client-cert":
			config.ClientAuth = tls.RequireAnyClientCert
			if of := w.services.authorities[value]; of != nil {
				config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, of.Pool()
			} else if value != "" {
				return nil, nil, fmt.Errorf("no authority %q", value)
			}
		default:
			certificate = word
		}
	}
	signer := w.services.authorities[ca]
	if signer == nil {
		return nil, nil, fmt.Errorf("no authority %q", ca)
	}
	cert, err := signer.Issue(certificate, names...)
	if err != nil {
		return nil, nil, err
	}
	config.Certificates = []tls.Certificate{cert}
	return config, args[:3], nil
}

func say(w *World, args []string) error {
	return serveAll(w, args, 4, func(c net.Conn) {
		if n, _ := c.Read(make([]byte, 1<<16)); n > 0 {
			_, _ = io.WriteString(c, strings.Join(args[3:], " ")+"\r\n")
			sink(c)
		}
	})
}

func hangUp(w *World, args []string) error {
	args, byReset := takeWord(args, "reset")
	return serveAll(w, args, 3, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 1<<16))
		if byReset {
			_ = c.(*net.TCPConn).SetLinger(0)
		}
	})
}
