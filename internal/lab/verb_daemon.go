//go:build linux

package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"netcheck/internal/servers"
)

// daemonVerbs are real servers from this machine's packages; see
// servers.Daemons. They know every name that the internet knows. In what they
// are told, _ is a blank.
func daemonVerbs() []verb {
	var all []verb
	for _, kind := range servers.Daemons() {
		all = append(all, verb{kind.Name, "PLACE ADDRESS PORT [ca=NAME] [names=NAME,...] " + kind.Usage, serve, func(w *World, args []string) error {
			return w.daemon(kind, args)
		}})
	}
	return append(all, verb{"till key", "FILE SEED[:TYPE[:PASSPHRASE]]: a key in /etc of the till; see servers.NewKey", serve, tillKey})
}

// Lacking tells why the world that these lines tell of can't stand here, if it
// is for a server that is not installed.
func Lacking(lines string) error {
	calls, err := parse(lines)
	if err != nil {
		return nil // New says it
	}
	for _, c := range calls {
		for _, kind := range servers.Daemons() {
			if kind.Name == c.verb.name {
				err = errors.Join(err, kind.Available())
			}
		}
	}
	return err
}

func (w *World) daemon(kind servers.DaemonKind, args []string) error {
	if len(args) < 3 {
		return errors.New("a place, an address and a port")
	}
	s, err := w.Place(args[0])
	if err != nil {
		return err
	}
	at, err := netip.ParseAddrPort(net.JoinHostPort(args[1], args[2]))
	if err != nil {
		return err
	}
	ca, names, words := public, append(w.services.names.Names(at.Addr()), args[1]), []string(nil)
	for _, a := range args[3:] {
		switch key, value, _ := strings.Cut(a, "="); key {
		case "ca":
			ca = value
		case "names":
			names = strings.Split(value, ",")
		default:
			words = append(words, strings.ReplaceAll(a, "_", " "))
		}
	}
	d, err := kind.New(at, func(variant string) (c tls.Certificate, by *servers.Authority, err error) {
		if by = w.services.authorities[ca]; by == nil {
			return c, nil, fmt.Errorf("no authority %q", ca)
		}
		c, err = by.Issue(variant, names...)
		return c, by, err
	}, words...)
	if err != nil {
		return err
	}
	d.Hosts = append(d.Hosts, w.services.names.Hosts()...)
	// the daemon is root of nothing here, and serves below 1024 all the same
	if err := s.Set("ipv4/ip_unprivileged_port_start", 0); err != nil {
		return err
	}
	stop, err := d.Start(servers.Ground{
		Thread: s.Aside,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			return w.Dial(ctx, args[0], network, address)
		},
	})
	if err == nil {
		w.OnClose(stop)
	}
	return err
}

// tillKey gives the till a key that others can't read.
func tillKey(w *World, args []string) error {
	if len(args) != 2 {
		return errors.New("a file and a seed")
	}
	name, ok := strings.CutPrefix(args[0], "/etc/")
	if !ok {
		return errors.New("the till has files in /etc alone")
	}
	key, err := servers.NewKey(args[1])
	if err != nil {
		return err
	}
	if err := w.Etc(name, key.Private); err != nil {
		return err
	}
	return os.Chmod(filepath.Join(w.dir, name), 0o600)
}
