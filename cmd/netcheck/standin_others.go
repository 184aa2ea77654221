package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"netcheck/checks/machine"
	"netcheck/profiles"
	"netcheck/report/i18n"
)

// otherEnds are the commands that reach this machine from the others. A host
// without a value that the profile has there for this machine's role is this
// machine, at its address; choose is said where that is one of several.
func otherEnds(p *profiles.Profile, b *profiles.Bound, a *standingIn, at []netip.Addr) (commands []string, choose string) {
	for _, r := range p.Roles {
		words := []string{"netcheck", "run", shellWord(p.File), "--role", r.ID}
		for _, w := range a.carried() {
			words = append(words, shellWord(w))
		}
		reaches := false
		var named []string
		for _, c := range b.Checks {
			if !c.Applies || !slices.Contains(c.To, b.Role) || len(c.From) > 0 && !slices.Contains(c.From, r.ID) {
				continue
			}
			reaches = true
			for _, name := range namesMachine(p, c.Group, b.Role) {
				if _, known := b.Values[name]; !known && !slices.Contains(named, name) {
					named = append(named, name)
				}
			}
		}
		if !reaches {
			continue
		}
		for _, name := range named {
			switch len(at) {
			case 0:
			case 1:
				words = append(words, "--set", shellWord(name+"="+at[0].String()))
			default:
				choose = i18n.T(a.lang, "standin.choose", i18n.Data{"Name": name, "Addresses": addressList(at)})
			}
		}
		commands = append(commands, strings.Join(words, " "))
	}
	return commands, choose
}

// namesMachine are the parameters that a check has for the host of the machine
// in a role. One that a check of other machines has as well is not that.
func namesMachine(p *profiles.Profile, check, role string) (names []string) {
	for _, param := range p.Params {
		if param.Type != "host" {
			continue
		}
		uses, others := false, false
		for _, d := range p.Declared {
			if !hasHost(d, param.Name) || len(d.To) == 0 {
				continue
			}
			uses = uses || d.ID == check
			others = others || !slices.Contains(d.To, role)
		}
		if uses && !others {
			names = append(names, param.Name)
		}
	}
	return names
}

func hasHost(d profiles.Declaration, param string) bool {
	text := "${" + param + "}"
	return d.Fields["host"] == text || strings.Contains(fmt.Sprint(d.Fields["url"]), "://"+text)
}

// reachableAt are the addresses at which others may reach a stand-in that
// listens at those that are given, or at all: those in the network of the way
// out where that is known, and of IPv4 where there are any.
func reachableAt(given []netip.Addr) []netip.Addr {
	all, err := machine.Addresses()
	if err != nil {
		return nil
	}
	gateways, _ := machine.Gateways() // without them there are more to choose from
	return likeliest(all, given, gateways)
}

func likeliest(all []machine.Address, given, gateways []netip.Addr) (at []netip.Addr) {
	everywhere := !slices.ContainsFunc(given, func(a netip.Addr) bool { return !a.IsUnspecified() })
	var prefixes []netip.Prefix
	for _, m := range all {
		a := m.Prefix.Addr().WithZone("")
		if !a.IsLoopback() && !a.IsLinkLocalUnicast() && (everywhere || slices.Contains(given, a)) {
			prefixes = append(prefixes, netip.PrefixFrom(a, m.Prefix.Bits()))
		}
	}
	for _, better := range []func(netip.Prefix) bool{
		func(p netip.Prefix) bool { return p.Addr().Is4() },
		func(p netip.Prefix) bool { return slices.ContainsFunc(gateways, p.Contains) },
	} {
		if slices.ContainsFunc(prefixes, better) {
			prefixes = slices.DeleteFunc(prefixes, func(p netip.Prefix) bool { return !better(p) })
		}
	}
	for _, p := range prefixes {
		at = append(at, p.Addr())
	}
	return at
}

// mostAddresses are told: a machine with more is no shop's.
const mostAddresses = 8

func addressList(at []netip.Addr) string {
	var words []string
	for i, a := range at {
		if i == mostAddresses {
			words = append(words, "…")
			break
		}
		words = append(words, a.String())
	}
	return strings.Join(words, ", ")
}
