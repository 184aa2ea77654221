package checks

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"netcheck/profiles/value"
)

// What this machine is to its line depends on where the test runs: so the
// addresses are given.
func TestOwnPublicIP(t *testing.T) {
	for _, c := range []struct {
		name, rtype      string
		equals           []string
		own              []netip.Addr
		values           []string
		unknown, matches bool
	}{
		{"the address itself", "", []string{ownPublicIP}, addrs(t, "203.0.114.7"), []string{"203.0.114.7"}, false, true},
		{"another address", "", []string{ownPublicIP}, addrs(t, "203.0.114.7"), []string{"203.0.114.8"}, false, false},
		{"behind a router", "", []string{ownPublicIP}, nil, []string{"203.0.114.7"}, true, false},
		{"IPv6 is public, IPv4 is not", "", []string{ownPublicIP}, addrs(t, "2a00::7"), []string{"203.0.114.7"}, true, false},
		{"IPv6 is public and meant", "", []string{ownPublicIP}, addrs(t, "2a00::7"), []string{"2a00::7"}, false, true},
		{"both, one unknown", "", []string{ownPublicIP}, addrs(t, "2a00::7"), []string{"203.0.114.7", "2a00::7"}, true, false},
		{"or a value", "", []string{ownPublicIP, "203.0.114.9"}, nil, []string{"203.0.114.9"}, false, true},
		{"a value and the address", "A", []string{ownPublicIP, "203.0.114.9"}, addrs(t, "203.0.114.7"), []string{"203.0.114.9", "203.0.114.7"}, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &dnsCheck{Type: c.rtype, Equals: c.equals}
			e := d.expectation(func() []netip.Addr { return c.own })
			if got := e.unknown(c.values) != ""; got != c.unknown {
				t.Errorf("unknown: %v", got)
			}
			if got := e.misses(c.values) == ""; !c.unknown && got != c.matches {
				t.Errorf("misses: %q", e.misses(c.values))
			}
		})
	}
}

func TestExpected(t *testing.T) {
	within := func(s string) []value.Prefix {
		p, err := value.ParsePrefix(s)
		if err != nil {
			t.Fatal(err)
		}
		return []value.Prefix{p}
	}
	for _, c := range []struct {
		name   string
		check  dnsCheck
		values []string
		want   string // "" matches
	}{
		{"anything", dnsCheck{}, []string{"192.0.2.1"}, ""},
		{"another way to write it", dnsCheck{Equals: []string{"2001:DB8:0::1"}}, []string{"2001:db8::1"}, ""},
		{"the other family does not count", dnsCheck{Equals: []string{"192.0.2.1"}}, []string{"192.0.2.1", "2001:db8::1"}, ""},
		{"but one must be there", dnsCheck{Equals: []string{"192.0.2.1"}}, []string{"2001:db8::1"}, "192.0.2.1 is not in the answer"},
		{"one too many", dnsCheck{Equals: []string{"192.0.2.1"}}, []string{"192.0.2.1", "192.0.2.2"}, "the answer is 192.0.2.2, expected 192.0.2.1"},
		{"an address mapped from IPv4 is another one", dnsCheck{Type: "AAAA", Equals: []string{"192.0.2.1"}}, []string{"::ffff:192.0.2.1"}, "the answer is ::ffff:192.0.2.1, expected 192.0.2.1"},
		{"names have no case", dnsCheck{Type: "CNAME", Equals: []string{"Shop.test."}}, []string{"shop.TEST"}, ""},
		{"text has", dnsCheck{Type: "TXT", Equals: []string{"Token"}}, []string{"token"}, "the answer is token, expected Token"},
		{"a word of a text is not the text", dnsCheck{Type: "TXT", Equals: []string{"token"}}, []string{"my token"}, "the answer is my token, expected token"},
		{"mail server with preference", dnsCheck{Type: "MX", Equals: []string{"10 mail.test"}}, []string{"10 mail.test"}, ""},
		{"mail server without", dnsCheck{Type: "MX", Equals: []string{"mail.test"}}, []string{"10 mail.test"}, ""},
		{"service without numbers", dnsCheck{Type: "SRV", Equals: []string{"sip.test"}}, []string{"1 2 5060 sip.test"}, ""},
		{"within", dnsCheck{Within: within("192.0.2.0/24")}, []string{"192.0.2.1"}, ""},
		{"one is outside", dnsCheck{Within: within("192.0.2.0/24")}, []string{"192.0.2.1", "198.51.100.1"}, "the answer 198.51.100.1 does not lie within 192.0.2.0/24"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.check.expectation(publicAddrs).misses(c.values); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestIsPublic(t *testing.T) {
	public := addrs(t, "8.8.8.8", "203.0.114.1", "2a00:1450::1", "::ffff:8.8.8.8", "192.0.1.1")
	not := addrs(t, "10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.1.1", "100.64.0.1", "0.0.0.1", "224.0.0.1", "255.255.255.255",
		"198.18.0.1", "192.0.2.1", "::1", "fe80::1", "fd00::1", "2001:db8::1", "ff02::1", "::ffff:10.0.0.1", "::")
	for _, a := range slices.Concat(public, not) {
		if got, want := isPublic(a), slices.Contains(public, a); got != want {
			t.Errorf("%s: %v", a, got)
		}
	}
}

// Behind a router own-public-ip is what the helper outside sees, as far as it
// goes: another address may be of another line.
func TestSeenFromOutside(t *testing.T) {
	d := &dnsCheck{Name: "shop.test", Equals: []string{ownPublicIP}}
	for name, c := range map[string]struct {
		seen, values string
		unknown      bool
	}{
		"the same":          {"203.0.114.7", "203.0.114.7", false},
		"another":           {"203.0.114.7", "203.0.114.8", true},
		"one of two":        {"203.0.114.7", "203.0.114.7 203.0.114.8", true},
		"IPv6 as well":      {"203.0.114.7 2a00::7", "203.0.114.7 2a00::7", false},
		"IPv6 is not known": {"203.0.114.7", "203.0.114.7 2a00::7", true},
	} {
		t.Run(name, func(t *testing.T) {
			e := d.expectation(func() []netip.Addr { return nil })
			e.seen = addrs(t, strings.Fields(c.seen)...)
			values := strings.Fields(c.values)
			if got := e.unknown(values); (got != "") != c.unknown {
				t.Errorf("said %q", got)
			}
			if why := e.misses(values); !c.unknown && why != "" {
				t.Errorf("misses: %s", why)
			}
		})
	}
}
