package main

import (
	"net/url"
	"strings"
	"testing"

	"netcheck/checks/dial"
	"netcheck/checks/machine"
)

func TestProxyOrder(t *testing.T) {
	at := func(text string) *url.URL {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	settings := []machine.ProxySetting{
		{HTTP: &machine.Proxy{URL: at("http://env.test:1"), Source: "http_proxy in the environment", Personal: true}, Exempt: []string{"10.0.0.0/8"}, ExemptSource: "no_proxy in the environment"},
		{HTTPS: &machine.Proxy{URL: at("http://service.test:2"), Source: "WinHTTP"}, Exempt: []string{"*.inside.test:443"}, ExemptSource: "WinHTTP"},
		{HTTPS: &machine.Proxy{URL: at("http://own.test:3"), Source: "the Internet options", Personal: true}},
	}
	declared := &dial.Proxy{URL: at("socks5://profile.test:4"), Source: "the profile"}
	for _, c := range []struct {
		name, flag string
		declared   *dial.Proxy
		host       string
		port       uint16
		want       string
	}{
		{"the environment", "", nil, "shop.test", 80, "http://env.test:1 of http_proxy in the environment, personal"},
		{"the service's before the account's", "", nil, "shop.test", 443, "http://service.test:2 of WinHTTP"},
		{"exempt", "", nil, "10.1.2.3", 80, "directly by 10.0.0.0/8 of no_proxy in the environment"},
		{"exempt by its port", "", nil, "a.inside.test", 443, "directly by *.inside.test:443 of WinHTTP"},
		{"the profile's", "", declared, "a.inside.test", 443, "socks5://profile.test:4 of the profile"},
		{"the profile's, and this machine", "", declared, "127.0.0.1", 443, "directly by this machine itself of "},
		{"the flag's", "http://flag.test:5", declared, "10.1.2.3", 80, "http://flag.test:5 of --proxy"},
		{"the flag's, and this machine", "http://flag.test:5", nil, "localhost", 80, "directly by this machine itself of "},
		{"none", "none", declared, "shop.test", 443, "directly by none of --proxy"},
		{"the system's", "system", declared, "shop.test", 443, "http://service.test:2 of WinHTTP"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := proxying{given: c.flag}
			if err := p.check(); err != nil {
				t.Fatal(err)
			}
			got, to := "", p.route(settings)(c.declared, c.host, c.port)
			switch {
			case to.Proxy != nil:
				got = to.Proxy.String() + " of " + to.Proxy.Source
				if to.Proxy.Personal {
					got += ", personal"
				}
			case to.Exempt != "":
				got = "directly by " + to.Exempt + " of " + to.Source
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestProxyFlag(t *testing.T) {
	for given, want := range map[string]string{
		"":                                "",
		"none":                            "--proxy none",
		"system":                          "--proxy system",
		"proxy.test":                      "--proxy http://proxy.test",
		"me@proxy.test:3128":              "--proxy http://proxy.test:3128 for me",
		"https://me%40shop@proxy.test":    "--proxy https://proxy.test for me@shop",
		`http://SHOP\me@proxy.test`:       `--proxy http://proxy.test for SHOP\me`,
		"socks5h://[2001:db8::1]:1080":    "--proxy socks5h://[2001:db8::1]:1080",
		"http://me:hunter2@proxy.test":    "error",
		"me:hunter2@proxy.test":           "error",
		"http://me:hu@nter2@proxy.test:1": "error",
		"http://me:hu/nter2@proxy.test":   "error",
		"http://@proxy.test":              "error",
		"http://me%zz@proxy.test":         "error",
		"http://me@":                      "error",
		"http://proxy.test/hunter2":       "error",
		"nonsense!":                       "error",
	} {
		t.Run(given, func(t *testing.T) {
			p := proxying{given: given}
			if err := p.check(); err != nil {
				if want != "error" || strings.Contains(err.Error(), "nter2") && !strings.Contains(given, "/hunter2") {
					t.Error(err)
				}
				return
			}
			got := strings.Join(p.carried(), " ")
			if p.url != nil && p.url.User != nil {
				got += " for " + p.url.User.Username()
			}
			if got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}
