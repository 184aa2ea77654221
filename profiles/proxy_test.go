package profiles_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netcheck/profiles"
)

func TestProxy(t *testing.T) {
	const params = "params: {at: {type: proxy}, any: {type: string}, user: {type: string}, pw: {type: secret}, tills: {type: list, item: {id: string, at: string}}}\n"
	const named = `proxy: {policy: required, url: "${at}", user: "${user}", password: "${pw}"}` + "\n"
	for _, c := range []struct {
		name, profile, check string
		values               []string
		want                 string
	}{
		{"nothing said", "", "", nil, "allowed"},
		{"a policy", "proxy: unsupported\n", "", nil, "unsupported"},
		{"a check's own policy", "proxy: unsupported\n", "proxy: required", nil, "required"},
		{"a block with a policy alone", "proxy: {policy: required}\n", "", nil, "required"},
		{"a proxy without a policy", "proxy: {url: \"proxy.example:3128\"}\n", "", nil, "allowed by http://proxy.example:3128"},
		{"a proxy", named, "", []string{"at=socks5://proxy.example", "user=me", "pw=hunter2"}, "required by socks5://proxy.example for me:hunter2"},
		{"without a user", named, "", []string{"at=https://proxy.example:8443/", "pw=hunter2"}, "required by https://proxy.example:8443 for :hunter2"},
		{"no value", named, "", []string{"user=me", "pw=hunter2"}, "required"},
		{"a check's own policy, and the profile's proxy", named, "proxy: allowed", []string{"at=proxy.example"}, "allowed by http://proxy.example"},
		{"a check's own proxy, and the profile's policy", named, `proxy: {url: "http://other.example"}`, []string{"at=proxy.example", "user=me"}, "required by http://other.example"},
		{"a check that takes none", named, "proxy: unsupported", []string{"at=proxy.example"}, "unsupported"},
		{"one for each item", named, "for_each: tills\n    proxy: {url: \"http://${item.at}:3128\"}", []string{"at=proxy.example", "tills=a:one.example,b:two.example"}, "required by http://one.example:3128; required by http://two.example:3128"},
		{"credentials where they would be shown", `proxy: {url: "${any}"}` + "\n", "", []string{"any=http://me:hunter2@proxy.example"}, "error"},
		{"no proxy", `proxy: {url: "${any}"}` + "\n", "", []string{"any=http://proxy.example/path"}, "error"},
		{"no proxy, where it does not apply", `proxy: {url: "${any}"}` + "\n", "when_set: at", []string{"any=http://proxy.example/path"}, "allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := load("netcheck: 1\nid: x\n" + params + c.profile + "checks:\n  - id: one\n    reach: {host: a.example, port: 80}\n    " + c.check + "\n")
			if err != nil {
				t.Fatal(err)
			}
			b, err := p.Bind(flags(c.values...), "")
			if err != nil {
				if c.want != "error" || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("%v", err)
				}
				return
			}
			var got []string
			for _, c := range b.Checks {
				line := c.Proxy
				if v := c.Via; v != nil {
					line += " by " + v.URL.String()
					if v.User != "" || v.Password != "" {
						line += " for " + v.User + ":" + v.Password.Reveal()
					}
				}
				got = append(got, line)
			}
			if d := cmp.Diff(c.want, strings.Join(got, "; ")); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
			if text := fmt.Sprintf("%+v %+v", b.Checks, b.Public); strings.Contains(text, "hunter2") {
				t.Errorf("the password is in %s", text)
			}
		})
	}
}

// A parameter of the profile's proxy is a check's as well, so that it is asked
// for where the check needs it, and not where no check can use it.
func TestProxyParams(t *testing.T) {
	const profile = "netcheck: 1\nid: x\nroles: {till: {title: x}, office: {title: x}}\nparams: {at: {type: proxy, required: true}}\nproxy: {url: \"${at}\"}\nchecks:\n" +
		"  - {id: one, from: till, reach: {host: a.example, port: 80}}\n  - {id: two, from: office, proxy: unsupported, reach: {host: a.example, port: 80}}\n"
	p, err := load(profile)
	if err != nil {
		t.Fatal(err)
	}
	if !p.NamesProxy {
		t.Error("the profile names a proxy")
	}
	for role, want := range map[string]int{"till": 1, "office": 0} {
		_, err := p.Bind(nil, role)
		got := 0
		if m, ok := err.(*profiles.MissingError); ok {
			got = len(m.Params)
		} else if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s: %d parameters are missing, want %d", role, got, want)
		}
	}
}
