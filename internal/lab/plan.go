//go:build linux

package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"
)

// Plan is who has which address. Every Prefix is an address and the size of
// its network.
//
//	till, server - gateway (NAT for IPv4) - provider - core - cloud
type Plan struct {
	Till, Till6       netip.Prefix // its size may be wrong
	Server, Server6   netip.Prefix
	Gateway, Gateway6 netip.Prefix // on the shop's network
	Router            netip.Addr   // where the till sends what is not local; none: the gateway
	WAN, WAN6         netip.Prefix // of the gateway, towards the provider
	Outer, OuterWAN   netip.Prefix // of a second gateway in front of the first, if there is one
	Provider          netip.Prefix
	Provider6         netip.Prefix
	Core, Core6       netip.Prefix   // of the core router, towards the provider
	Cloud             []netip.Prefix // networks behind the core, which has the first address of each
	VLAN              netip.Prefix   // a network of the shop beyond its gateway, if there is one
	NoIPv6            bool           // in the shop
	NoNAT             bool
	CarrierNAT        bool             // the provider translates as well
	Second            netip.Addr       // of a second line, by which the shop's own connections leave
	Wires             map[string]Fault // links that delay or lose, by name
}

func plan() Plan {
	p := netip.MustParsePrefix
	return Plan{
		Till: p("192.168.1.10/24"), Till6: p("2001:db8:1::10/64"),
		Server: p("192.168.1.20/24"), Server6: p("2001:db8:1::20/64"),
		Gateway: p("192.168.1.1/24"), Gateway6: p("2001:db8:1::1/64"),
		WAN: p("203.0.113.2/30"), WAN6: p("2001:db8:f:1::2/64"),
		Provider: p("203.0.113.1/30"), Provider6: p("2001:db8:f:1::1/64"),
		Core: p("203.0.113.6/30"), Core6: p("2001:db8:f:2::2/64"),
		Cloud: []netip.Prefix{p("198.51.100.0/24"), p("192.0.2.0/24"), p("2001:db8:c::/64"), p("2001:db8:d::/64")},
		Wires: map[string]Fault{},
	}
}

// linkLocal is the address by which the till knows its IPv6 router, as from a
// router advertisement.
var linkLocal = netip.MustParsePrefix("fe80::1/64")

// stand builds the machines, their links, addresses and routes.
func (w *World) stand() error {
	p := &w.Plan
	places := []struct {
		name   string
		router bool
		absent bool
	}{
		{name: "till"},
		{name: "server"},
		{name: "gateway", router: true},
		{name: "outer", router: true, absent: !p.Outer.IsValid()},
		{name: "vlan", absent: !p.VLAN.IsValid()},
		{name: "provider", router: true},
		{name: "core", router: true},
		{name: "cloud"},
	}
	for _, m := range places {
		if m.absent {
			continue
		}
		if err := w.space(m.name, m.router); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return errors.Join(w.shop(), w.uplink(), w.backbone(), w.etc())
}

// shop is the network behind the gateway.
func (w *World) shop() error {
	p, till, server, gateway := &w.Plan, w.places["till"], w.places["server"], w.places["gateway"]
	err := errors.Join(
		w.join("lan", till, "eth0", gateway, "till"),
		Cable(server, "eth0", gateway, "server"),
		gateway.Bridge("lan", "till", "server"),
		till.Address("eth0", p.Till), server.Address("eth0", p.Server), gateway.Address("lan", p.Gateway),
		server.Route(Route{To: any4, Via: p.Gateway.Addr()}),
	)
	if err != nil {
		return err
	}
	to := p.Gateway.Addr()
	if p.Router.IsValid() {
		to = p.Router
	}
	if p.Till.Masked().Contains(to) {
		err = till.Route(Route{To: any4, Via: to})
	}
	if p.NoIPv6 {
		return errors.Join(err, w.vlan())
	}
	return errors.Join(err, w.vlan(),
		till.Address("eth0", p.Till6), server.Address("eth0", p.Server6), gateway.Address("lan", p.Gateway6), gateway.Address("lan", linkLocal),
		till.Route(Route{To: any6, Via: linkLocal.Addr(), Dev: "eth0"}), server.Route(Route{To: any6, Via: linkLocal.Addr(), Dev: "eth0"}),
	)
}

// vlan is a second network of the shop: the gateway has its first address, and
// a server the twentieth.
func (w *World) vlan() error {
	if w.places["vlan"] == nil {
		return nil
	}
	n, vlan, gateway := w.Plan.VLAN, w.places["vlan"], w.places["gateway"]
	return errors.Join(
		Cable(vlan, "eth0", gateway, "vlan"),
		vlan.Address("eth0", nth(n, 20)), gateway.Address("vlan", nth(n, 1)),
		vlan.Route(Route{To: any4, Via: nth(n, 1).Addr()}),
	)
}

// uplink leads from the gateway to the provider, perhaps by a second gateway.
func (w *World) uplink() error {
	p, gateway, outer, provider := &w.Plan, w.places["gateway"], w.places["outer"], w.places["provider"]
	nat := []*Space{gateway}
	last, wan := gateway, p.WAN
	if outer != nil {
		nat = append(nat, outer)
		last, wan = outer, p.OuterWAN
		err := errors.Join(
			Cable(gateway, "wan", outer, "lan"),
			gateway.Address("wan", p.WAN), outer.Address("lan", p.Outer),
			gateway.Route(Route{To: any4, Via: p.Outer.Addr()}),
		)
		if err != nil {
			return err
		}
	}
	err := errors.Join(
		w.join("wan", last, "wan", provider, "shop"),
		last.Address("wan", wan), provider.Address("shop", p.Provider),
		last.Route(Route{To: any4, Via: p.Provider.Addr()}),
	)
	if outer == nil {
		err = errors.Join(err,
			gateway.Address("wan", p.WAN6), provider.Address("shop", p.Provider6),
			gateway.Route(Route{To: any6, Via: p.Provider6.Addr()}), provider.Route(Route{To: p.Gateway6, Via: p.WAN6.Addr()}),
		)
	}
	if p.NoNAT {
		return errors.Join(err, provider.Route(Route{To: p.Gateway, Via: wan.Addr()}))
	}
	if p.CarrierNAT {
		err = errors.Join(err, provider.Rule(Leave, Match{Leaving: "core", From: []netip.Prefix{wan.Masked()}}, Masquerade()))
	}
	if p.Second.IsValid() {
		err = errors.Join(err, w.secondLine(last, wan.Addr()))
	}
	for _, s := range nat {
		err = errors.Join(err, s.Rule(Leave, Match{Leaving: "wan", From: []netip.Prefix{any4}}, Masquerade()))
	}
	return err
}

// backbone is the provider, the core and the cloud.
func (w *World) backbone() error {
	p, provider, core, cloud := &w.Plan, w.places["provider"], w.places["core"], w.places["cloud"]
	here, here6 := peer(p.Core), peer(p.Core6) // the provider's side
	err := errors.Join(
		w.join("isp", provider, "core", core, "provider"),
		w.join("cloud", core, "cloud", cloud, "eth0"),
		provider.Address("core", here), provider.Address("core", here6), core.Address("provider", p.Core), core.Address("provider", p.Core6),
		provider.Route(Route{To: any4, Via: p.Core.Addr()}), provider.Route(Route{To: any6, Via: p.Core6.Addr()}),
	)
	known := []netip.Prefix{p.Provider, p.Provider6, p.Gateway6}
	if p.CarrierNAT {
		known = known[1:]
	}
	if p.Second.IsValid() {
		known = append(known, netip.PrefixFrom(p.Second, p.Second.BitLen()))
	}
	for _, n := range known {
		via := here.Addr()
		if n.Addr().Is6() {
			via = here6.Addr()
		}
		err = errors.Join(err, core.Route(Route{To: n, Via: via}))
	}
	if p.NoNAT {
		err = errors.Join(err, core.Route(Route{To: p.Gateway, Via: here.Addr()}))
	}
	for i, n := range p.Cloud {
		err = errors.Join(err, core.Address("cloud", nth(n, 1)))
		for host := range 10 {
			err = errors.Join(err, cloud.Address("eth0", nth(n, cloudHost(n, host))))
		}
		if to := defaultTo(n.Addr()); i == 0 || n.Addr().Is6() {
			err = errors.Join(err, cloud.Route(Route{To: to, Via: nth(n, 1).Addr()}))
		}
	}
	return err
}

// cloudHost is the number of the cloud's address: .10 to .19, ::10 to ::19.
func cloudHost(n netip.Prefix, i int) int {
	if n.Addr().Is6() {
		return 0x10 + i
	}
	return 10 + i
}

// join is a cable, or, where a fault is planned, a wire that has it.
func (w *World) join(link string, a *Space, nameA string, b *Space, nameB string) error {
	f, planned := w.Plan.Wires[link]
	if !planned {
		return Cable(a, nameA, b, nameB)
	}
	between, err := NewSpace()
	if err != nil {
		return err
	}
	w.places["link "+link] = between
	err = errors.Join(Cable(a, nameA, between, "w0"), Cable(b, nameB, between, "w1"), Checksums(a, nameA), Checksums(b, nameB))
	if err != nil {
		return err
	}
	wire, err := NewWire(between, "w0", "w1")
	if err != nil {
		return err
	}
	wire.Set(f)
	w.begin = append(w.begin, func() { wire.Set(f) })
	w.OnClose(wire.Close)
	return nil
}

var (
	any4 = netip.MustParsePrefix("0.0.0.0/0")
	any6 = netip.MustParsePrefix("::/0")
)

func defaultTo(a netip.Addr) netip.Prefix {
	if a.Is4() {
		return any4
	}
	return any6
}

// nth is the nth address of a network, with the network's size.
func nth(n netip.Prefix, i int) netip.Prefix {
	a := n.Masked().Addr()
	for range i {
		a = a.Next()
	}
	return netip.PrefixFrom(a, n.Bits())
}

// peer is the other of the first two addresses of a network.
func peer(p netip.Prefix) netip.Prefix {
	if first := nth(p, 1); first != p {
		return first
	}
	return nth(p, 2)
}

// number reads a port or a size.
func number(s string, most int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > most {
		return 0, fmt.Errorf("%q is no number up to %d", s, most)
	}
	return n, nil
}

const (
	v4 = unix.AF_INET
	v6 = unix.AF_INET6
)
