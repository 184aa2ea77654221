package machine

import (
	"net"
	"net/url"
	"testing"

	"golang.org/x/net/http/httpproxy"
)

func TestProxyOfEnvironment(t *testing.T) {
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
		{"SOCKS", []string{"all_proxy=socks5://all.test:1"}, "shop.test", 443, "socks5://all.test:1"},
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
		{"a network and its port", with("10.0.0.0/8:443"), "10.1.2.3", 443, ""},
		{"a network and another port", with("10.0.0.0/8:80"), "10.1.2.3", 443, "http://proxy.test:8080"},
		{"a network of IPv6", with("2001:db8::/32"), "2001:db8::1", 443, ""},
		{"a domain and its port", with("*.test:443"), "shop.test", 443, ""},
		{"a pattern", with("*till*"), "my-till-7.test", 443, ""},
		{"another pattern", with("till*.test"), "my-till-7.test", 443, "http://proxy.test:8080"},
		{"a network is no name", with("10.0.0.0/8"), "shop.test", 443, "http://proxy.test:8080"},
		{"names without a dot", with("<local>"), "till-server", 443, ""},
		{"a name with a dot is not local", with("<local>"), "shop.test", 443, "http://proxy.test:8080"},
		{"upper case", append([]string{"NO_PROXY=shop.test"}, both...), "shop.test", 443, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if p, _, _ := ProxyTo([]ProxySetting{fromEnviron(c.environ, func() []string { return nil })}, c.host, c.port); p != nil {
				got = p.URL.String()
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// Where both can say it, the entries mean what they mean to Go's own programs.
func TestExemptedAgrees(t *testing.T) {
	entries := []string{
		"*", "shop.test", ".shop.test", "test", "hop.test", "shop.test:443", "shop.test:80", "192.0.2.1", "192.0.2.1:443", "192.0.2.1:80", "192.0.2.0/24", "198.51.100.0/24",
		"2001:db8::1", "[2001:db8::1]:443", "[2001:db8::1]:80", "2001:db8::/32", "localhost", "",
	}
	for _, entry := range entries {
		its := (&httpproxy.Config{HTTPSProxy: "http://proxy.test:1", NoProxy: entry}).ProxyFunc()
		for _, host := range []string{"shop.test", "a.shop.test", "192.0.2.1", "2001:db8::1", "localhost", "127.0.0.1", "::1", "127.9.9.9"} {
			if entry == ".shop.test" && host == "shop.test" {
				continue // to curl a dot before the domain is no matter, and so it is here
			}
			u, err := its(&url.URL{Scheme: "https", Host: net.JoinHostPort(host, "443")})
			if err != nil {
				t.Fatal(err)
			}
			if got := exempted([]string{entry}, host, 443); (got != "") != (u == nil) {
				t.Errorf("%q and %s: exempt by %q, which Go has at %v", entry, host, got, u)
			}
		}
	}
}

func TestProxyTo(t *testing.T) {
	one := func(text, source string) *Proxy { return &Proxy{URL: proxyURL(text), Source: source} }
	environ := ProxySetting{Source: environment, HTTP: one("a.test:1", "http_proxy"), Exempt: []string{"shop.test"}, ExemptSource: "no_proxy"}
	service := ProxySetting{Source: "WinHTTP", HTTPS: one("b.test:2", "WinHTTP"), Exempt: []string{"10.0.0.0/8", "<local>"}, ExemptSource: "WinHTTP"}
	account := ProxySetting{Source: "the Internet options", HTTP: one("c.test:3", "the Internet options"), HTTPS: one("c.test:3", "the Internet options")}
	own := ProxySetting{Source: environment, HTTPS: &Proxy{URL: proxyURL("B.test:2"), Source: "https_proxy", Personal: true}}
	script := ProxySetting{Source: "the Internet options", Script: "http://wpad.test/x.pac"}
	for _, c := range []struct {
		name     string
		settings []ProxySetting
		host     string
		port     int
		want     string
	}{
		{"nothing", nil, "shop.test", 443, ""},
		{"the first", []ProxySetting{environ, service}, "a.shop.example", 80, "http://a.test:1 of http_proxy"},
		{"the first that is for it", []ProxySetting{environ, service, account}, "shop.test", 443, "http://b.test:2 of WinHTTP"},
		{"exempt in the first that is for it", []ProxySetting{environ, service, account}, "10.1.2.3", 443, "directly by 10.0.0.0/8 of WinHTTP"},
		{"exempt by a word", []ProxySetting{service, account}, "till", 443, "directly by <local> of WinHTTP"},
		{"exempt in the environment", []ProxySetting{environ, account}, "shop.test", 80, "directly by shop.test of no_proxy"},
		{"an account's own", []ProxySetting{own, account}, "shop.test", 443, "http://B.test:2 of https_proxy, personal"},
		{"an account's own, which everybody has", []ProxySetting{own, service}, "shop.test", 443, "http://B.test:2 of https_proxy and WinHTTP"},
		{"an account's own, from which everybody else is exempt", []ProxySetting{own, service}, "10.1.2.3", 443, "http://B.test:2 of https_proxy, personal"},
		{"a script is nobody's proxy", []ProxySetting{script}, "shop.test", 443, ""},
		{"itself", []ProxySetting{service}, "127.0.0.1", 443, "directly by this machine itself of "},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			p, exempt, source := ProxyTo(c.settings, c.host, c.port)
			switch {
			case p != nil:
				got = p.URL.String() + " of " + p.Source
				if p.Personal {
					got += ", personal"
				}
			case exempt != "":
				got = "directly by " + exempt + " of " + source
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
