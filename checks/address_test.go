package checks

import (
	"net/netip"
	"slices"
	"testing"

	"netcheck/checks/machine"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

func TestJudgeAddresses(t *testing.T) {
	address := func(prefix, link, mac string) machine.Address {
		return machine.Address{Prefix: netip.MustParsePrefix(prefix), Interface: link, MAC: mac}
	}
	const wiredMAC, radioMAC = "00:11:22:33:44:55", "00:11:22:33:44:66"
	wired, radio := address("192.168.1.20/24", "eth0", wiredMAC), address("192.168.7.30/24", "wlan0", radioMAC)
	wired6 := address("2001:db9::20/64", "eth0", wiredMAC)
	public := address("198.50.100.7/29", "eth1", wiredMAC)
	shared := address("100.64.9.7/24", "eth1", wiredMAC)
	tunnel := address("100.101.9.7/32", "vpn0", "")
	shop := []machine.Address{wired, wired6, radio}
	prefixes := func(texts ...string) (ps []netip.Prefix) {
		for _, s := range texts {
			p, err := value.ParsePrefix(s)
			if err != nil {
				t.Fatal(err)
			}
			ps = append(ps, p.Prefix)
		}
		return ps
	}
	origins := map[netip.Addr]machine.Origin{
		wired.Prefix.Addr(): machine.OriginStatic, wired6.Prefix.Addr(): machine.OriginAuto,
		radio.Prefix.Addr(): machine.OriginDHCP,
	}
	for name, c := range map[string]struct {
		check   addressCheck
		all     []machine.Address
		verdict result.Verdict
		code    result.Code
		chosen  int
	}{
		"has it":                               {addressCheck{Has: []string{"192.168.1.20"}}, shop, "", "", 1},
		"has one of the network":               {addressCheck{Has: []string{"192.168.0.0/16"}}, shop, "", "", 2},
		"has one of two":                       {addressCheck{Has: []string{"10.0.0.0/8", "192.168.7.30"}}, shop, "", "", 1},
		"has it not":                           {addressCheck{Has: []string{"192.168.1.21"}}, shop, result.Fail, result.AddressMissing, 0},
		"a name that leads to loopback":        {addressCheck{Has: []string{"127.0.1.1"}}, shop, result.Inconclusive, "", 0},
		"has nothing":                          {addressCheck{Has: []string{"192.168.1.21"}}, nil, result.Fail, result.AddressMissing, 0},
		"has the MAC":                          {addressCheck{MAC: "00-11-22-33-44-66"}, shop, "", "", 1},
		"has the MAC not":                      {addressCheck{MAC: "00:11:22:33:44:77"}, shop, result.Fail, result.AddressMAC, 3},
		"the address is on another interface":  {addressCheck{Has: []string{"192.168.1.20"}, MAC: radioMAC}, shop, result.Fail, result.AddressMAC, 1},
		"static":                               {addressCheck{Has: []string{"192.168.1.20"}, Static: true}, shop, "", "", 1},
		"leased":                               {addressCheck{Has: []string{"192.168.7.30"}, Static: true}, shop, result.Fail, result.AddressNotStatic, 1},
		"one of all is leased":                 {addressCheck{Static: true}, shop, result.Fail, result.AddressNotStatic, 3},
		"IPv6 beside a static IPv4 is no harm": {addressCheck{MAC: wiredMAC, Static: true}, shop, "", "", 2},
		"IPv6 alone counts":                    {addressCheck{Static: true}, []machine.Address{wired6}, result.Fail, result.AddressNotStatic, 1},
		"no word on its origin":                {addressCheck{Static: true}, []machine.Address{public}, result.Inconclusive, "", 1},
		"no address at all":                    {addressCheck{Static: true}, nil, result.Fail, result.AddressMissing, 0},
		"public":                               {addressCheck{Public: true}, []machine.Address{wired, public}, "", "", 2},
		"private: the line can't be seen":      {addressCheck{Public: true}, []machine.Address{wired}, result.Inconclusive, "", 1},
		"public IPv6 alone proves nothing":     {addressCheck{Public: true}, []machine.Address{wired, wired6}, result.Inconclusive, "", 2},
		"shared out by the provider":           {addressCheck{Public: true}, []machine.Address{shared}, result.Fail, result.AddressNotPublic, 1},
		"a VPN of such a network":              {addressCheck{Public: true}, []machine.Address{wired, tunnel}, result.Inconclusive, "", 2},
		"in a network where it must not be":    {addressCheck{NotIn: []value.Prefix{{Prefix: netip.MustParsePrefix("192.168.7.0/24")}}}, shop, result.Fail, result.AddressUnwanted, 3},
		"in none of those":                     {addressCheck{NotIn: []value.Prefix{{Prefix: netip.MustParsePrefix("169.254.0.0/16")}}}, shop, "", "", 3},
		"a failure before a doubt":             {addressCheck{Public: true, Static: true}, []machine.Address{radio}, result.Fail, result.AddressNotStatic, 1},
	} {
		t.Run(name, func(t *testing.T) {
			all := slices.Clone(c.all)
			got, chosen := c.check.judge(all, prefixes(c.check.Has...), addrs(t, "192.168.1.1", "100.64.9.1"), func(m machine.Address) (machine.Origin, string) {
				return origins[m.Prefix.Addr()], "so said"
			})
			if got.verdict != c.verdict || got.code != c.code {
				t.Errorf("%q %q, wanted %q %q (%s)", got.verdict, got.code, c.verdict, c.code, got.detail)
			}
			if len(chosen) != c.chosen {
				t.Errorf("about %d addresses, wanted %d", len(chosen), c.chosen)
			}
			if got.verdict != "" && got.detail == "" {
				t.Error("no reason")
			}
			if !slices.Equal(all, c.all) {
				t.Error("the list was changed")
			}
		})
	}
}
