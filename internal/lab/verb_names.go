//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/google/nftables/expr"

	"netcheck/internal/servers"
)

// nameVerbs are names and who answers for them. A zone is named by its
// server's address, one that intercepts by its place, and what the whole
// internet knows by the word internet.
func nameVerbs() []verb {
	return []verb{
		{"name", "NAME ADDRESS...: what the whole internet knows", know, name},
		{"record", "ZONE NAME. TYPE VALUE: what this server knows beside the internet's names", harm, record},
		{"dns", "PLACE [ADDRESS] [MODE...]: a resolver; see servers.Zone.Mode", serve, resolver},
		{"fate", "ZONE NAME|* FATE...: what becomes of questions there; see servers.Zone.Fate", harm, destiny},
		{"resolvers", "ADDRESS... [search=NAME]: whom the till asks", serve, resolvers},
		{"hosts", "ADDRESS NAME...: a line of the till's hosts file", serve, hosts},
		{"intercept dns", "PLACE [MODE...]: answers every question that passes", harm, interceptDNS},
	}
}

func name(w *World, args []string) error {
	if len(args) < 2 {
		return errors.New("a name and its addresses")
	}
	var err error
	for _, a := range args[1:] {
		addr, bad := netip.ParseAddr(a)
		kind := "A"
		if addr.Is6() {
			kind = "AAAA"
		}
		err = errors.Join(err, bad, w.services.names.Add(args[0]+". 60 "+kind+" "+a))
	}
	return err
}

func (w *World) zone(name string) (*servers.Zone, error) {
	if z := w.services.zones[name]; z != nil {
		return z, nil
	}
	return nil, fmt.Errorf("no zone %q", name)
}

func record(w *World, args []string) error {
	if len(args) < 4 {
		return errors.New("a zone and a record")
	}
	z, err := w.zone(args[0])
	if err != nil {
		return err
	}
	return z.Add(args[1] + " 60 " + strings.Join(args[2:], " "))
}

func destiny(w *World, args []string) error {
	if len(args) < 3 {
		return errors.New("a zone, a name and its fate")
	}
	z, err := w.zone(args[0])
	if err != nil {
		return err
	}
	return z.Fate(args[1], args[2:]...)
}

func resolver(w *World, args []string) error {
	place, at, modes, err := w.where(args)
	if err != nil {
		return err
	}
	return w.serveNames(at.String(), place, netip.AddrPortFrom(at, 53), modes)
}

// serveNames starts a DNS server, which is known by this name.
func (w *World) serveNames(name, place string, at netip.AddrPort, modes []string) error {
	z := w.services.zones[name]
	if z == nil {
		z = servers.NewZone(w.services.names)
		w.services.zones[name] = z
	}
	for _, m := range modes {
		if err := z.Mode(m); err != nil {
			return err
		}
	}
	packets, err := w.Packets(place, at)
	if err != nil {
		return err
	}
	l, err := w.listener(place, at)
	if err != nil {
		return err
	}
	w.OnClose(z.Serve(packets, l))
	return nil
}

// listener is a port of a place, for servers that accept by themselves.
func (w *World) listener(place string, at netip.AddrPort) (l net.Listener, err error) {
	s, err := w.Place(place)
	if err != nil {
		return nil, err
	}
	return l, s.Do(func() error { l, err = plainly.Listen(context.Background(), "tcp", at.String()); return err })
}

func resolvers(w *World, args []string) error {
	var b strings.Builder
	for _, a := range args {
		if search, ok := strings.CutPrefix(a, "search="); ok {
			fmt.Fprintf(&b, "search %s\n", search)
			continue
		}
		if _, err := netip.ParseAddr(a); err != nil {
			return err
		}
		fmt.Fprintf(&b, "nameserver %s\n", a)
	}
	b.WriteString("options timeout:2 attempts:2\n")
	return w.Etc("resolv.conf", b.String())
}

func hosts(w *World, args []string) error {
	if len(args) < 2 {
		return errors.New("an address and names")
	}
	w.services.hosts += strings.Join(args, " ") + "\n"
	return w.Etc("hosts", "127.0.0.1 localhost\n::1 localhost\n"+w.services.hosts)
}

// interceptDNS gives every question that a router forwards, or is asked, to a
// server of its own.
func interceptDNS(w *World, args []string) error {
	if len(args) == 0 {
		return errors.New("no place")
	}
	s, err := w.Place(args[0])
	if err != nil {
		return err
	}
	modes := args[1:]
	for _, local := range []string{"0.0.0.0", "::"} {
		at := netip.AddrPortFrom(netip.MustParseAddr(local), w.port())
		if err := w.serveNames(args[0], args[0], at, modes); err != nil {
			return err
		}
		family := v4Only
		if at.Addr().Is6() {
			family = v6Only
		}
		for _, proto := range []string{"udp", "tcp"} {
			m := Match{Proto: proto, Ports: []Ports{{53, 53}}, Also: [][]expr.Any{family}}
			if err := s.Rule(Turn, m, Redirect(at.Port())...); err != nil {
				return err
			}
		}
	}
	return nil
}
