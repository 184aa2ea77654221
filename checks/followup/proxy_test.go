package followup

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netcheck/checks/checktest"
	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/report/result"
)

func TestProxy(t *testing.T) {
	for _, c := range []struct{ name, scheme, world, want string }{
		{"SOCKS", "socks5", `socks $proxy deny=shop.test`, "connect\ntunnel reply=2 proxy-denied"},
		{"a way", "http", `say $proxy "HTTP/1.1 200 Connection established\r\n\r\n"`, "connect\ntunnel status_code=200"},
		{"a login", "http", `say $proxy "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"`, "connect\nconnect\ntunnel status_code=407 login=Basic authenticate=[Basic] http-proxy-auth"},
		{"a login that is not spoken", "http", `say $proxy "HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n"`, "connect\ntunnel status_code=407 authenticate=[Negotiate] http-proxy-auth"},
		{"dead", "http", `refuse $proxy`, "connect refused\ntunnel refused"},
		{"no proxy at all", "http", `greet $proxy "220 mail.test"`, "connect\ntunnel http-protocol"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := checktest.NewWorld(t)
			w.Build(c.world)
			tr := trace(w)
			tr.Env.Route = by(&url.URL{Scheme: c.scheme, Host: local(w, "$proxy").String(), User: url.UserPassword("me", "secret")})
			_ = proxy.Look(t.Context(), tr, result.Subject{Host: "shop.test", Port: 8443, Proto: "tcp"})
			if diff := cmp.Diff(c.want, told(tr)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			for _, s := range tr.Steps() {
				if text := fmt.Sprint(s); strings.Contains(text, "secret") || strings.Contains(text, "bWU6") {
					t.Errorf("the password is in %s", text)
				}
			}
		})
	}
}

// by is a setting that names a proxy for all but plain HTTP, and exempts a host.
func by(u *url.URL) func(*dial.Proxy, string, uint16) dial.Route {
	return func(_ *dial.Proxy, host string, port uint16) dial.Route {
		if host == "inside.test" || port == 80 {
			return dial.Route{}
		}
		return dial.Route{Proxy: &dial.Proxy{URL: u}}
	}
}

func TestWantsProxy(t *testing.T) {
	seen := &Seen{Env: &engine.Env{Route: by(&url.URL{Scheme: "http", Host: "proxy.test:3128"})}}
	failed := func(host string) result.Check {
		return result.Check{Kind: "tcp", Verdict: result.Fail, Results: []result.Result{{Host: host, Address: "192.0.2.1", Proto: "tcp", Ports: "9000-9010", State: result.Filtered, Failure: result.FailConnectTimeout}}}
	}
	passed := failed("shop.test")
	passed.Verdict = result.Pass
	tried := failed("shop.test")
	tried.Ways = []result.Way{{Via: "direct", Verdict: result.Fail, Used: true}, {Via: "http://proxy.test:3128", Verdict: result.Fail}}
	for _, c := range []struct {
		name  string
		check result.Check
		want  []result.Subject
	}{
		{"a range", failed("shop.test"), []result.Subject{{Host: "shop.test", Port: 9000, Proto: "tcp"}}},
		{"exempt", failed("inside.test"), nil},
		{"a pass", passed, nil},
		{"tried already", tried, nil},
		{"no further than its name", result.Check{Kind: "http", Verdict: result.Fail, Target: "https://shop.test/a"}, []result.Subject{{Host: "shop.test", Port: 443, Proto: "tcp"}}},
		{"plain HTTP has no proxy here", result.Check{Kind: "http", Verdict: result.Fail, Target: "http://shop.test/a"}, nil},
		{"not run", result.Check{Kind: "tcp", Verdict: result.Skip, Target: "shop.test:1"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, wantsProxy(seen, &c.check)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
