package machine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProxyFor(t *testing.T) {
	both := []string{"http_proxy=http://plain.test:3128", "HTTPS_PROXY=proxy.test:8080"}
	with := func(noProxy string) []string { return append([]string{"no_proxy=" + noProxy}, both...) }
	for _, c := range []struct {
		name    string
		environ []string
		host    string
		port    int
		want    string
	}{
		{"nothing set", []string{"PATH=/bin"}, "shop.test", 443, ""},
		{"a tunnel", both, "shop.test", 443, "http://proxy.test:8080"},
		{"another port is a tunnel too", both, "shop.test", 9443, "http://proxy.test:8080"},
		{"plain HTTP", both, "shop.test", 80, "http://plain.test:3128"},
		{"lower case goes first", []string{"HTTPS_PROXY=http://upper.test", "https_proxy=http://lower.test"}, "shop.test", 443, "http://lower.test"},
		{"an empty one is none", []string{"https_proxy=", "HTTPS_PROXY=http://upper.test"}, "shop.test", 443, "http://upper.test"},
		{"for all", []string{"ALL_PROXY=http://all.test:1"}, "shop.test", 80, "http://all.test:1"},
		{"SOCKS is no CONNECT", []string{"all_proxy=socks5://all.test:1"}, "shop.test", 443, ""},
		{"unreadable", []string{"https_proxy=http://a b:c"}, "shop.test", 443, ""},
		{"with a password", []string{"https_proxy=http://me:secret@proxy.test:1"}, "shop.test", 443, "http://me:secret@proxy.test:1"},

		{"itself", both, "localhost", 443, ""},
		{"its own address", both, "127.0.0.1", 443, ""},
		{"all exempt", with("*"), "shop.test", 443, ""},
		{"the name", with("a.test, shop.test"), "shop.test", 443, ""},
		{"the name, whatever its case and dot", with("Shop.Test"), "SHOP.test.", 443, ""},
		{"a domain", with("test"), "shop.test", 443, ""},
		{"a domain with a dot", with(".test"), "shop.test", 443, ""},
		{"a domain with a star", with("*.test"), "shop.test", 443, ""},
		{"a star is not the domain itself", with("*.shop.test"), "shop.test", 443, "http://proxy.test:8080"},
		{"not half a label", with("hop.test"), "shop.test", 443, "http://proxy.test:8080"},
		{"the port", with("shop.test:443"), "shop.test", 443, ""},
		{"another port", with("shop.test:80"), "shop.test", 443, "http://proxy.test:8080"},
		{"an address", with("192.0.2.1"), "192.0.2.1", 443, ""},
		{"an address and its port", with("192.0.2.1:443"), "192.0.2.1", 443, ""},
		{"an address and another port", with("192.0.2.1:80"), "192.0.2.1", 443, "http://proxy.test:8080"},
		{"an IPv6 address", with("[2001:db8::1]"), "2001:db8::1", 443, ""},
		{"an IPv6 address and its port", with("[2001:db8::1]:443"), "2001:db8::1", 443, ""},
		{"a network", with("10.0.0.0/8"), "10.1.2.3", 443, ""},
		{"another network", with("10.0.0.0/8"), "11.1.2.3", 443, "http://proxy.test:8080"},
		{"a network is no name", with("10.0.0.0/8"), "shop.test", 443, "http://proxy.test:8080"},
		{"names without a dot", with("<local>"), "till-server", 443, ""},
		{"a name with a dot is not local", with("<local>"), "shop.test", 443, "http://proxy.test:8080"},
		{"upper case", append([]string{"NO_PROXY=shop.test"}, both...), "shop.test", 443, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if u := ProxyFor(c.environ, c.host, c.port); u != nil {
				got = u.String()
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestFromWinINET(t *testing.T) {
	for _, c := range []struct {
		name, server, override string
		want                   []string
	}{
		{"one for all", "proxy.test:8080", "", []string{"http_proxy=proxy.test:8080", "https_proxy=proxy.test:8080"}},
		{"each its own", "http=a.test:1;https=b.test:2;ftp=c.test:3", "", []string{"http_proxy=a.test:1", "https_proxy=b.test:2"}},
		{"for FTP alone", "ftp=c.test:3", "*", nil},
		{"none", "", "<local>", nil},
		{
			"exemptions", "proxy.test:8080", "10.*;192.168.*.*;172.16.1.*;*.shop.test;<local>;*till*;300.*",
			[]string{"http_proxy=proxy.test:8080", "https_proxy=proxy.test:8080", "no_proxy=10.0.0.0/8,192.168.0.0/16,172.16.1.0/24,*.shop.test,<local>,*till*,300.*"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, fromWinINET(c.server, c.override)); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}
