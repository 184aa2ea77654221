package profiles_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netcheck/profiles"
	"netcheck/profiles/value"
)

// shopHead is a profile with a parameter of each type, to which tests add checks.
const shopHead = `
netcheck: 1
id: shop
roles: {server: {title: Server}, till: {title: Till}}
default_role: server
params:
  name: {type: string}
  host: {type: host}
  need: {type: host, required: true, ask: {en: "Which host?", fr: "Quel hôte ?"}, example: shop.example.com}
  addr: {type: ip}
  port: {type: port, default: 80}
  wide: {type: ports}
  nets: {type: cidr-list}
  url: {type: url}
  path: {type: path}
  mac: {type: mac}
  label: {type: dns-label, pattern: "[a-z]+[0-9]{2}"}
  derived: {type: host, default: "${label}.shop.example"}
  flag: {type: bool, default: false}
  n: {type: int, min: 1, max: 20}
  mode: {type: choice, choices: {cable: {title: Cable}, mobile: {title: Mobile}}}
  modem: {type: host, required_when: {mode: mobile}}
  parts: {type: choices, choices: [sales, stock, loyalty]}
  tills: {type: list, item: {id: string, host: host}}
  names: {type: list, item: host}
  pw: {type: secret}
checks:
`

func loadShop(t testing.TB, checks string) *profiles.Profile {
	t.Helper()
	p, err := load(shopHead + checks)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// flags are values as --set gives them; those of secrets come from the
// environment.
func flags(pairs ...string) profiles.Values {
	v := make(profiles.Values)
	for _, pair := range pairs {
		name, s, _ := strings.Cut(pair, "=")
		v[name] = profiles.Given{Value: s, From: profiles.FromFlag, Where: "--set"}
		if name == "pw" {
			v[name] = profiles.Given{Value: s, From: profiles.FromEnvironment, Where: "NETCHECK_PARAM_PW"}
		}
	}
	return v
}

func TestSubstitution(t *testing.T) {
	tests := map[string]struct {
		check  string
		values []string
		want   map[string]any
	}{
		"a text in a text":              {`reach: {host: a.example, payload: "to ${name}!"}` + "\n    when_set: name", []string{"name=x"}, map[string]any{"host": "a.example", "payload": "to x!"}},
		"a whole scalar keeps its type": {`reach: {host: a.example, port: "${port}", identify: "${flag}"}`, nil, map[string]any{"host": "a.example", "port": 80, "identify": false}},
		"a number in a text":            {`fetch: {url: "http://a.example:${port}/"}`, nil, map[string]any{"url": "http://a.example:80/"}},
		"a sum":                         {`reach: {host: a.example, port: "${port + 2}"}`, nil, map[string]any{"host": "a.example", "port": 82}},
		"a sum without blanks":          {`reach: {host: a.example, port: "${port-2+10}"}`, nil, map[string]any{"host": "a.example", "port": 88}},
		"a sum of parameters":           {`reach: {host: a.example, port: "${port + n}"}` + "\n    when_set: [n]", []string{"n=3"}, map[string]any{"host": "a.example", "port": 83}},
		"an escape":                     {`reach: {host: a.example, payload: "$${name}"}`, nil, map[string]any{"host": "a.example", "payload": "${name}"}},
		"an escape beside a value":      {`reach: {host: a.example, payload: "$${name} ${port} $x $"}`, nil, map[string]any{"host": "a.example", "payload": "${name} 80 $x $"}},
		"an unset one leaves the field": {`reach: {host: a.example, payload: "${name}"}`, nil, map[string]any{"host": "a.example"}},
		"an empty value is none":        {`reach: {host: a.example, port: "${port}"}`, []string{"port="}, map[string]any{"host": "a.example"}},
		"a list becomes a list":         {`reach: {hosts: "${names}"}` + "\n    when_set: names", []string{"names=a.example,b.example"}, map[string]any{"hosts": []any{"a.example", "b.example"}}},
		"a list is spliced in":          {`reach: {hosts: [x.example, "${names}", "${host}", y.example]}`, []string{"names=a.example,b.example"}, map[string]any{"hosts": []any{"x.example", "a.example", "b.example", "y.example"}}},
		"a list of nothing is left out": {`reach: {host: a.example, hosts: ["${host}"]}`, nil, map[string]any{"host": "a.example"}},
		"ports":                         {`reach: {host: a.example, port: "${wide}"}`, []string{"wide=80, 8000-8005"}, map[string]any{"host": "a.example", "port": "80,8000-8005"}},
		"ports in a list":               {`reach: {host: a.example, port: [443, "${wide}", "${port}"]}`, []string{"wide=8000-8005"}, map[string]any{"host": "a.example", "port": []any{443, "8000-8005", 80}}},
		"networks":                      {`reach: {host: a.example, within: "${nets}"}`, []string{"nets=192.0.2.7, 10.0.0.0/8"}, map[string]any{"host": "a.example", "within": []any{"192.0.2.7", "10.0.0.0/8"}}},
		"a computed default":            {`reach: {host: "${derived}"}` + "\n    when_set: derived", []string{"label=acme01"}, map[string]any{"host": "acme01.shop.example"}},
		"a default given otherwise":     {`reach: {host: "${derived}"}` + "\n    when_set: derived", []string{"derived=x.example"}, map[string]any{"host": "x.example"}},
		"a secret":                      {`fetch: {url: "http://a.example/", auth: {user: "${name}", password: "${pw}"}}`, []string{"name=x", "pw=hunter2"}, map[string]any{"url": "http://a.example/", "auth": map[string]any{"user": "x", "password": "<secret>"}}},
		"a secret in the profile":       {`fetch: {url: "http://a.example/", auth: {password: hunter2}}`, nil, map[string]any{"url": "http://a.example/", "auth": map[string]any{"password": "<secret>"}}},
		"within a block":                {`fetch: {url: "http://a.example/", send: {header: {X-Shop: "shop ${port}"}, body: "${name}"}}`, nil, map[string]any{"url": "http://a.example/", "send": map[string]any{"header": map[string]any{"X-Shop": "shop 80"}}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := loadShop(t, "  - id: one\n    "+tt.check+"\n")
			for range 2 { // a profile can be bound again and again
				b, err := p.Bind(flags(tt.values...), "")
				if err != nil {
					t.Fatal(err)
				}
				c := b.Checks[0]
				if !c.Applies || !c.Here || c.Body == nil {
					t.Fatalf("applies %v, here %v, body %v", c.Applies, c.Here, c.Body)
				}
				if d := cmp.Diff(tt.want, c.Fields); d != "" {
					t.Errorf("fields (-want +got):\n%s", d)
				}
				if s := fmt.Sprintf("%+v %#v %v", c, c.Body, b.Public); strings.Contains(s, "hunter2") {
					t.Errorf("the secret shows: %s", s)
				}
			}
		})
	}
}

func TestSecretReachesItsField(t *testing.T) {
	p := loadShop(t, "  - {id: one, fetch: {url: \"http://a.example/\", auth: {password: \"${pw}\"}}}\n")
	b, err := p.Bind(flags("pw=hunter2"), "")
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Checks[0].Body.(*fetch).Auth.Password.Reveal(); got != "hunter2" {
		t.Errorf("got %q", got)
	}
	if b.Public["pw"] != "<secret>" {
		t.Errorf("public: %v", b.Public["pw"])
	}
}

func TestTexts(t *testing.T) {
	p := loadShop(t, `
  - id: one
    title: {en: "To ${host}", fr: "Vers ${host}"}
    consequence: "No ${name} on ${port}"
    remedy: Open ${port + 1}
    on_cause: {tcp.filtered: "Ask about ${parts}"}
    firewall: {hosts: ["${derived}", "*.example"], sources: "${nets}"}
    downgrade:
      - {cause: tcp.filtered, to: warn, say: "As ${mode}", when: {mode: mobile}}
      - {cause: [tcp.refused], to: pass, when: {mode: cable}}
    reach: {host: a.example}
`)
	b, err := p.Bind(flags("parts=sales,stock", "nets=192.0.2.0/24", "mode=cable", "label=acme01"), "")
	if err != nil {
		t.Fatal(err)
	}
	c := b.Checks[0]
	type texts struct {
		Title, Consequence, Remedy value.Text
		OnCause                    map[string]value.Text
		Firewall                   *profiles.Firewall
		Downgrade                  []profiles.Downgrade
	}
	got := texts{c.Title, c.Consequence, c.Remedy, c.OnCause, c.Firewall, c.Downgrade}
	want := texts{
		Title:       value.Text{"en": "To <host>", "fr": "Vers <host>"},
		Consequence: value.Text{"": "No <name> on 80"},
		Remedy:      value.Text{"": "Open 81"},
		OnCause:     map[string]value.Text{"tcp.filtered": {"": "Ask about sales, stock"}},
		Firewall:    &profiles.Firewall{Hosts: value.OneOrMany[string]{"acme01.shop.example", "*.example"}, Sources: value.OneOrMany[string]{"192.0.2.0/24"}},
		Downgrade:   []profiles.Downgrade{{Cause: value.OneOrMany[string]{"tcp.refused"}, To: "pass"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestForEach(t *testing.T) {
	p := loadShop(t, `
  - {id: each, title: "Till ${item.id}", for_each: tills, tolerate: some, reach: {host: "${item.host}", port: "${port}"}}
  - {id: name, for_each: names, needs: each, reach: {host: "${item}"}}
  - {id: part, for_each: parts, question: {ask: "Is ${item} used?"}}
`)
	ids := func(pairs ...string) (ids []string) {
		b, err := p.Bind(flags(pairs...), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range b.Checks {
			s := c.ID + " of " + c.Group
			if !c.Applies {
				s += " (does not apply)"
			}
			if r, ok := c.Body.(*reach); ok {
				s += fmt.Sprintf(": %v %v", r.Host, r.Ports)
			}
			ids = append(ids, s)
		}
		return ids
	}
	got := ids("tills=till-1:10.0.0.5, till-2:[2001:db8::1]", "names=a.example", "parts=stock,sales")
	want := []string{
		"each[till-1] of each: [10.0.0.5] 80", "each[till-2] of each: [2001:db8::1] 80", "name[a.example] of name: [a.example] ",
		"part[stock] of part", "part[sales] of part",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	want = []string{"each of each (does not apply)", "name of name (does not apply)", "part of part (does not apply)"}
	if d := cmp.Diff(want, ids()); d != "" {
		t.Errorf("without items (-want +got):\n%s", d)
	}
}

// TestOtherRoles holds that a check of another role is bound as far as it can
// be, and stops nobody.
func TestHandover(t *testing.T) {
	p, err := load(`
netcheck: 1
id: x
params:
  host: {type: host}
  port: {type: port, default: 80}
  mode: {type: choice, choices: [a, b], default: a}
handover:
  - {title: Tell them, text: {en: "${host}:${port}", it: "a ${host}"}}
  - {text: "Only for b", when: {mode: b}}
checks: [{id: one, reach: {host: a.example}}]
`)
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.Bind(flags("host=a.example"), "")
	if err != nil {
		t.Fatal(err)
	}
	want := []profiles.Handover{{Title: value.Text{"": "Tell them"}, Text: value.Text{"en": "a.example:80", "it": "a a.example"}}}
	if d := cmp.Diff(want, b.Handover); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestMistakesOfValues holds what is said of a value that can't be.
// TestUnknownInSite holds that a site file may be for any profile.
// TestMistakesOfBoundFields holds that what shows only with the values has a
// place in the profile, and that it stops only whom it concerns.
func TestMistakesOfBoundFields(t *testing.T) {
	p := loadShop(t, "  - {id: one, reach: {host: a.example, port: \"${port + 65500}\"}}\n  - {id: two, from: till, reach: {host: a.example, port: \"${port}\", sample: \"${n}\"}}\n")
	_, err := p.Bind(flags("port=36", "n=20"), "")
	fe, ok := errors.AsType[*profiles.FileError](err)
	if !ok || len(fe.Problems) != 1 {
		t.Fatalf("got %v", err)
	}
	if got := fe.Problems[0]; got.Line != 28 || got.Message != `"65536" is not a port: it is a number from 1 to 65535` {
		t.Errorf("got %v", got)
	}
}

// TestTypedValues holds the Go type of each parameter type's values.
// TestTypesOfParams holds each type to values that it takes and refuses.

// TestHoles holds that a text for a machine never goes out with a hole, also
// where somebody took a default away.
func TestHoles(t *testing.T) {
	p := loadShop(t, `
  - {id: one, reach: {host: a.example, payload: "to ${port}"}}
  - {id: two, from: till, reach: {host: a.example, payload: "to ${port}"}}
  - {id: ask, question: {ask: "Is it ${port}?"}}
`)
	_, err := p.Bind(flags("port="), "")
	fe, ok := errors.AsType[*profiles.FileError](err)
	if !ok || len(fe.Problems) != 1 || fe.Problems[0].Message != "a parameter in this text has no value" {
		t.Fatalf("got %v", err)
	}
}

// TestSecretBehindPointersAndLists holds that a secret fits every form of a
// secret field.
func TestSecretBehindPointersAndLists(t *testing.T) {
	type keys struct {
		One  *value.Secret                 `yaml:"one" doc:"x"`
		Many value.OneOrMany[value.Secret] `yaml:"many" doc:"x"`
		More []value.Secret                `yaml:"more" doc:"x"`
	}
	kinds := []profiles.Kind{{Name: "keys", New: func() any { return new(keys) }}}
	p, err := profiles.Load("x.yaml", []byte("netcheck: 1\nid: x\nparams: {pw: {type: secret}}\nchecks: [{id: a, keys: {one: \"${pw}\", many: \"${pw}\", more: [\"${pw}\"]}}]\n"), kinds)
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.Bind(flags("pw=hunter2"), "")
	if err != nil {
		t.Fatal(err)
	}
	k := b.Checks[0].Body.(*keys)
	if k.One.Reveal() != "hunter2" || k.Many[0].Reveal() != "hunter2" || k.More[0].Reveal() != "hunter2" {
		t.Error("it does not arrive")
	}
	want := map[string]any{"one": "<secret>", "many": "<secret>", "more": []any{"<secret>"}}
	if d := cmp.Diff(want, b.Checks[0].Fields); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
