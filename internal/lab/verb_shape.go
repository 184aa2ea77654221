//go:build linux

package lab

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// shapeVerbs say what the network is, before it stands.
func shapeVerbs() []verb {
	return []verb{
		{"addresses", "NAME=VALUE...: as in Plan, such as till=10.1.2.3/24 core=…/30 cloud=NET,NET", shape, addresses},
		{"no ipv6", ": the shop has none", shape, func(w *World, _ []string) error { w.Plan.NoIPv6 = true; return nil }},
		{"no nat", ": the shop's addresses are known outside", shape, func(w *World, _ []string) error { w.Plan.NoNAT = true; return nil }},
		{"as root", ": netcheck is run by the till's administrator", shape, func(w *World, _ []string) error { w.root = true; return nil }},
		{"two gateways", "[INNER-WAN OUTER]: a router behind the provider's box", shape, twoGateways},
		{"vlan", "NET: a network of the shop beyond its gateway, with a server .20", shape, func(w *World, args []string) (err error) {
			w.Plan.VLAN, err = netip.ParsePrefix(strings.Join(args, " "))
			return err
		}},
		{"link", "lan|wan|isp|cloud [loss 5%] [delay 30ms] [outage 5s]: each way; an outage begins when netcheck does", shape, link},
	}
}

func addresses(w *World, args []string) error {
	p := &w.Plan
	names := map[string]*netip.Prefix{
		"till": &p.Till, "till6": &p.Till6, "server": &p.Server, "server6": &p.Server6, "gateway": &p.Gateway, "gateway6": &p.Gateway6,
		"wan": &p.WAN, "wan6": &p.WAN6, "provider": &p.Provider, "provider6": &p.Provider6, "core": &p.Core, "core6": &p.Core6, "outer": &p.Outer, "outer-wan": &p.OuterWAN,
	}
	for _, a := range args {
		name, value, _ := strings.Cut(a, "=")
		var err error
		switch to := names[name]; {
		case to != nil:
			*to, err = netip.ParsePrefix(value)
		case name == "router":
			p.Router, err = netip.ParseAddr(value)
		case name == "cloud":
			p.Cloud, err = prefixes(value)
		default:
			err = fmt.Errorf("no address named %q", name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// twoGateways puts the provider's box in front of the shop's gateway, which
// then has a private address on both sides. There is no IPv6 behind it.
func twoGateways(w *World, args []string) (err error) {
	p := &w.Plan
	p.NoIPv6, p.OuterWAN = true, p.WAN
	p.WAN, p.Outer = netip.MustParsePrefix("10.0.0.2/24"), netip.MustParsePrefix("10.0.0.1/24")
	if len(args) == 2 {
		if p.WAN, err = netip.ParsePrefix(args[0]); err == nil {
			p.Outer, err = netip.ParsePrefix(args[1])
		}
	}
	return err
}

func link(w *World, args []string) error {
	if len(args)%2 == 0 {
		return fmt.Errorf("a link and pairs of words")
	}
	var f Fault
	for i := 1; i < len(args); i += 2 {
		var err error
		switch args[i] {
		case "loss":
			f.Loss, err = part(args[i+1])
		case "outage":
			f.Every = time.Hour // once, that is
			f.Gap, err = time.ParseDuration(args[i+1])
		case "delay":
			f.Delay, err = time.ParseDuration(args[i+1])
		default:
			err = fmt.Errorf("no fault %q", args[i])
		}
		if err != nil {
			return err
		}
	}
	w.Plan.Wires[args[0]] = f
	return nil
}

// part reads 5% as 0.05.
func part(s string) (float64, error) {
	f, err := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64)
	return f / 100, err
}

// prefixes reads addresses and networks with commas in between; an address is
// a network of its own.
func prefixes(s string) (ps []netip.Prefix, err error) {
	for w := range strings.SplitSeq(s, ",") {
		p, err := netip.ParsePrefix(w)
		if err != nil {
			a, errA := netip.ParseAddr(w)
			if errA != nil {
				return nil, err
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		ps = append(ps, p)
	}
	return ps, nil
}

// ports reads 443,9000-9499.
func ports(s string) (ps []Ports, err error) {
	for w := range strings.SplitSeq(s, ",") {
		first, last, ranged := strings.Cut(w, "-")
		if !ranged {
			last = first
		}
		a, err := number(first, 65535)
		if err != nil {
			return nil, err
		}
		b, err := number(last, 65535)
		if err != nil {
			return nil, err
		}
		ps = append(ps, Ports{uint16(a), uint16(b)})
	}
	return ps, nil
}
