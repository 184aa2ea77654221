package main

import (
	"net/netip"
	"strings"
	"testing"

	"netcheck/checks"
	"netcheck/checks/machine"
	"netcheck/profiles"
)

// The other machines are told where this one is, in the profile's own words.
func TestOtherEndsNameThisMachine(t *testing.T) {
	one := []netip.Addr{netip.MustParseAddr("192.168.1.10")}
	two := append(one, netip.MustParseAddr("10.0.0.7"))
	for name, test := range map[string]struct {
		id, role, set string
		at            []netip.Addr
		want, choose  string
	}{
		"its address":     {"local-server", "store-server", "", one, "netcheck run local-server --role device --set store_server_host=192.168.1.10", ""},
		"one of two":      {"local-server", "store-server", "", two, "netcheck run local-server --role device", "store_server_host is this machine there: its addresses are 192.168.1.10, 10.0.0.7"},
		"none":            {"local-server", "store-server", "", nil, "netcheck run local-server --role device", ""},
		"it was given":    {"local-server", "store-server", "store_server_host=srv", one, "netcheck run local-server --role device --set store_server_host=srv", ""},
		"devices by list": {"local-server", "device", "", one, "netcheck run local-server --role store-server", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := profiles.OpenBuiltin(test.id, kinds())
			if err != nil {
				t.Fatal(err)
			}
			a := &standingIn{}
			values := profiles.Values{}
			if param, v, ok := strings.Cut(test.set, "="); ok {
				a.sets = []string{test.set}
				values[param] = profiles.Given{Value: v, From: profiles.FromFlag}
			}
			b, err := p.BindPorts(values, test.role, profiles.Serving{Kinds: checks.LocalKinds(), Fields: checks.PortFields()})
			if err != nil {
				t.Fatal(err)
			}
			commands, choose := otherEnds(p, b, a, test.at)
			if got := strings.Join(commands, "; "); got != test.want || choose != test.choose {
				t.Errorf("%q, %q", got, choose)
			}
		})
	}
}

// Of several addresses those count by which others come.
func TestLikeliestAddresses(t *testing.T) {
	var all []machine.Address
	for _, p := range []string{"127.0.0.1/8", "::1/128", "fe80::1/64", "2001:db8::7/64", "192.168.1.10/24", "172.17.0.1/16"} {
		all = append(all, machine.Address{Prefix: netip.MustParsePrefix(p)})
	}
	for name, test := range map[string]struct{ given, gateways, want string }{
		"the way out":         {"", "192.168.1.1", "192.168.1.10"},
		"no way out":          {"", "", "192.168.1.10, 172.17.0.1"},
		"listening at one":    {"172.17.0.1", "192.168.1.1", "172.17.0.1"},
		"listening at all":    {"0.0.0.0", "192.168.1.1", "192.168.1.10"},
		"listening by IPv6":   {"2001:db8::7", "192.168.1.1", "2001:db8::7"},
		"where nobody can be": {"127.0.0.1", "192.168.1.1", ""},
	} {
		if got := addressList(likeliest(all, addresses(test.given), addresses(test.gateways))); got != test.want {
			t.Errorf("%s: %q, not %q", name, got, test.want)
		}
	}
}

func addresses(text string) (all []netip.Addr) {
	if text != "" {
		all = append(all, netip.MustParseAddr(text))
	}
	return all
}
