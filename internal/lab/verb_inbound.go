//go:build linux

package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// inboundVerbs are what lets connections into the shop, or keeps them out. A
// router that no verb says anything of leads no port anywhere, and its kernel
// refuses by RST; a line's own web pages, such as the router's, are http's.
func inboundVerbs() []verb {
	return []verb{
		{"forward", "PLACE [tcp|udp] PORTS to ADDRESS[:PORT] [from NETS] [hairpin]: a router leads what comes from outside to a machine of its network; from NETS alone, or also from inside", harm, forward},
		{"shield", "PLACE [drop|reset]: a router lets nothing in that nobody inside asked for, nor to itself; what is forwarded passes", harm, shield},
		{"rewrite source", "PLACE: a router gives what it leads inside its own address", harm, rewriteSource},
		{"carrier nat", "[WAN PROVIDER]: the provider translates, and the shop's line has an address of its own", shape, carrierNAT},
		{"second line", "ADDRESS: the shop's own connections leave by another line, with this address", shape, func(w *World, args []string) (err error) {
			w.Plan.Second, err = netip.ParseAddr(strings.Join(args, " "))
			return err
		}},
	}
}

// carrierNAT gives the line an address of the network that is meant for it (RFC
// 6598). Outside, all that the provider's customers send is the provider's.
func carrierNAT(w *World, args []string) (err error) {
	p := &w.Plan
	p.CarrierNAT, p.NoIPv6 = true, true
	p.WAN, p.Provider = netip.MustParsePrefix("100.64.7.2/30"), netip.MustParsePrefix("100.64.7.1/30")
	if len(args) == 2 {
		if p.WAN, err = netip.ParsePrefix(args[0]); err == nil {
			p.Provider, err = netip.ParsePrefix(args[1])
		}
	}
	return err
}

// secondLine has what begins in the shop leave with the other line's address,
// which leads back to the same router.
func (w *World) secondLine(router *Space, line netip.Addr) error {
	p := &w.Plan
	one := netip.PrefixFrom(p.Second, 32)
	return errors.Join(
		router.Address("lo", one),
		w.places["provider"].Route(Route{To: one, Via: line}),
		router.Rule(Leave, Match{Leaving: "wan", From: []netip.Prefix{any4}}, source(p.Second)...),
	)
}

// source gives a packet this address.
func source(a netip.Addr) []expr.Any {
	return []expr.Any{
		&expr.Immediate{Register: 1, Data: a.AsSlice()},
		&expr.NAT{Type: expr.NATTypeSourceNAT, Family: unix.NFPROTO_IPV4, RegAddrMin: 1},
	}
}

// destination leads a packet to a port; 0: to the one that it was meant for.
func destination(to netip.AddrPort) []expr.Any {
	words := []expr.Any{&expr.Immediate{Register: 1, Data: to.Addr().AsSlice()}}
	nat := &expr.NAT{Type: expr.NATTypeDestNAT, Family: unix.NFPROTO_IPV4, RegAddrMin: 1}
	if to.Port() != 0 {
		words = append(words, &expr.Immediate{Register: 2, Data: []byte{byte(to.Port() >> 8), byte(to.Port())}})
		nat.RegProtoMin, nat.Specified = 2, true
	}
	return append(words, nat)
}

func forward(w *World, args []string) error {
	args, hairpin := takeWord(args, "hairpin")
	if len(args) < 4 {
		return errors.New("a place, ports and where they lead")
	}
	s, err := w.Place(args[0])
	if err != nil {
		return err
	}
	proto := "tcp"
	if args[1] == "tcp" || args[1] == "udp" {
		proto, args = args[1], args[1:]
	}
	if len(args) < 4 || args[2] != "to" {
		return errors.New("ports and where they lead")
	}
	to, err := netip.ParseAddrPort(args[3])
	if err != nil {
		addr, bad := netip.ParseAddr(args[3])
		if bad != nil {
			return err
		}
		to = netip.AddrPortFrom(addr, 0)
	}
	m, err := match(append([]string{proto, args[1]}, args[4:]...))
	if err != nil {
		return err
	}
	own, inside, err := w.sides(args[0], s)
	if err != nil {
		return err
	}
	m.To = []netip.Prefix{netip.PrefixFrom(own.Addr(), 32)}
	if !hairpin {
		m.Coming = "wan"
	}
	if err := s.Rule(Turn, m, destination(to)...); err != nil || !hairpin {
		return err
	}
	// else the answer goes straight to who asked, who does not know it
	return s.Rule(Leave, Match{Leaving: "lan", From: []netip.Prefix{inside.Masked()}}, Masquerade())
}

// sides are a router's address towards the internet, and its network inside.
func (w *World) sides(place string, s *Space) (wan, lan netip.Prefix, err error) {
	p := &w.Plan
	switch s {
	case w.places["outer"]:
		return p.OuterWAN, p.Outer, nil
	case w.places["gateway"]:
		return p.WAN, p.Gateway, nil
	}
	return wan, lan, fmt.Errorf("%s leads nothing to anybody", place)
}

// stateNew are the packets that belong to no connection yet.
const stateNew = 8

func shield(w *World, args []string) error {
	fate := Drop()
	if len(args) == 2 {
		var err error
		if fate, err = fateOf(args[1]); err != nil {
			return err
		}
		args = args[:1]
	}
	s, err := w.Place(strings.Join(args, " "))
	if err != nil {
		return err
	}
	unasked := tracked(stateNew)
	var protos []Match
	for _, proto := range []string{"tcp", "udp"} {
		protos = append(protos, Match{Proto: proto, Coming: "wan", Also: [][]expr.Any{unasked}})
	}
	for _, m := range protos {
		verdict := fate
		if m.Proto == "udp" {
			verdict = Drop()
		}
		six := m
		six.Also = [][]expr.Any{append(v6Only[:2:2], unasked...)}
		err = errors.Join(err, s.Rule(In, m, verdict), s.Rule(Forward, six, verdict))
	}
	return err
}

func rewriteSource(w *World, args []string) error {
	s, err := w.Place(strings.Join(args, " "))
	if err != nil {
		return err
	}
	return s.Rule(Leave, Match{Leaving: "lan"}, Masquerade())
}
