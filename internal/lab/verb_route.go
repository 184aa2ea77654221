//go:build linux

package lab

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// routeVerbs are what is wrong with addresses, routes and links.
func routeVerbs() []verb {
	return []verb{
		{"route", "PLACE NET via ADDRESS | blackhole | prohibit | unreachable", harm, route},
		{"no route", "PLACE NET|default|default6", harm, noRoute},
		{"loop", "NET PLACE PLACE: two neighbours think that the other knows the way", harm, loop},
		{"down", "PLACE [INTERFACE]: the cable is out", harm, down},
		{"no address", "PLACE: it has none of IPv4, and of IPv6 no more than each has", harm, noAddress},
		{"dead", "gateway: the shop's network is there, and the gateway is not", harm, dead},
		{"isolate", ": the shop's switch keeps its devices apart, as a guest network does; each still reaches the gateway", harm, isolate},
		{"mtu", "PLACE INTERFACE BYTES: and it says so to who sends more", harm, mtu},
	}
}

func target(s string) (netip.Prefix, error) {
	switch s {
	case "default":
		return any4, nil
	case "default6":
		return any6, nil
	}
	ps, err := prefixes(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return ps[0], nil
}

func route(w *World, args []string) error {
	if len(args) < 3 {
		return errors.New("a place, a network and where it is")
	}
	s, err := w.Place(args[0])
	if err != nil {
		return err
	}
	r := Route{Over: true}
	if r.To, err = target(args[1]); err != nil {
		return err
	}
	switch args[2] {
	case "via":
		if len(args) < 4 {
			return errors.New("via whom")
		}
		if r.Via, err = netip.ParseAddr(args[3]); err != nil {
			return err
		}
	case "blackhole":
		r.Kind = unix.RTN_BLACKHOLE
	case "prohibit":
		r.Kind = unix.RTN_PROHIBIT
	case "unreachable":
		r.Kind = unix.RTN_UNREACHABLE
	default:
		return fmt.Errorf("no way %q", args[2])
	}
	return s.Route(r)
}

func noRoute(w *World, args []string) error {
	if len(args) != 2 {
		return errors.New("a place and a network")
	}
	s, err := w.Place(args[0])
	if err != nil {
		return err
	}
	to, err := target(args[1])
	if err != nil {
		return err
	}
	return s.NoRoute(to)
}

// loop sends a network to and fro between two routers.
func loop(w *World, args []string) error {
	if len(args) != 3 {
		return errors.New("a network and two places")
	}
	to, err := target(args[0])
	if err != nil {
		return err
	}
	p := &w.Plan
	ways := map[string]Route{ // from, to
		"gateway provider": {Via: p.Provider.Addr()}, "provider gateway": {Via: p.WAN.Addr()},
		"provider core": {Via: p.Core.Addr()}, "core provider": {Via: peer(p.Core).Addr()},
		"gateway outer": {Via: p.Outer.Addr()}, "outer gateway": {Via: p.WAN.Addr()},
	}
	if to.Addr().Is6() {
		ways = map[string]Route{
			"gateway provider": {Via: p.Provider6.Addr()}, "provider gateway": {Via: p.WAN6.Addr()},
			"provider core": {Via: p.Core6.Addr()}, "core provider": {Via: peer(p.Core6).Addr()},
		}
	}
	for _, pair := range [][2]string{{args[1], args[2]}, {args[2], args[1]}} {
		r, ok := ways[pair[0]+" "+pair[1]]
		if !ok {
			return fmt.Errorf("%s and %s are no neighbours", pair[0], pair[1])
		}
		r.To, r.Over = to, true
		if err := w.places[pair[0]].Route(r); err != nil {
			return err
		}
	}
	return nil
}

func down(w *World, args []string) error {
	if len(args) == 0 {
		return errors.New("no place")
	}
	s, err := w.Place(args[0])
	if err != nil {
		return err
	}
	name := "eth0"
	if len(args) > 1 {
		name = args[1]
	}
	return s.Up(name, false)
}

func noAddress(w *World, args []string) error {
	if len(args) != 1 {
		return errors.New("a place")
	}
	s, err := w.Place(args[0])
	if err != nil {
		return err
	}
	// IPv6's own link has an address wherever there is IPv6
	err = errors.Join(s.Forget("eth0", v4), s.Forget("eth0", v6))
	return errors.Join(err, s.Address("eth0", netip.MustParsePrefix("fe80::a/64")))
}

// dead takes the gateway's addresses away: nobody answers for them any more.
func dead(w *World, args []string) error {
	if len(args) != 1 || args[0] != "gateway" {
		return errors.New("only the gateway dies")
	}
	g := w.places["gateway"]
	return errors.Join(g.Forget("lan", v4), g.Forget("lan", v6))
}

func mtu(w *World, args []string) error {
	if len(args) != 3 {
		return errors.New("a place, an interface and a size")
	}
	s, err := w.Place(args[0])
	if err != nil {
		return err
	}
	n, err := number(args[2], 1500)
	if err != nil {
		return err
	}
	return s.MTU(args[1], n)
}

func isolate(w *World, args []string) error {
	if len(args) != 0 {
		return errors.New("nobody in particular")
	}
	g := w.places["gateway"]
	one := func(l netlink.Link) error { return netlink.LinkSetIsolated(l, true) }
	return errors.Join(g.link("till", one), g.link("server", one))
}
