package profiles_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netcheck/profiles"
)

func TestConditions(t *testing.T) {
	tests := map[string]struct {
		conditions string
		values     []string
		want       bool
	}{
		"a choice holds":              {"when: {mode: cable}", []string{"mode=cable"}, true},
		"another does not":            {"when: {mode: cable}", []string{"mode=mobile", "modem=a.example"}, false},
		"an unset one does not":       {"when: {mode: cable}", nil, false},
		"one of a list":               {"when: {mode: [cable, mobile]}", []string{"mode=cable"}, true},
		"keys are and-ed":             {"when: {mode: cable, flag: true}", []string{"mode=cable"}, false},
		"both keys hold":              {"when: {mode: cable, flag: yes}", []string{"mode=cable", "flag=on"}, true},
		"a bool's default":            {"when: {flag: false}", nil, true},
		"choices intersect":           {"when: {parts: [stock, loyalty]}", []string{"parts=sales,stock"}, true},
		"choices apart":               {"when: {parts: loyalty}", []string{"parts=sales,stock"}, false},
		"a port":                      {"when: {port: [443, 80]}", nil, true},
		"when_not holds":              {"when_not: {mode: cable}", []string{"mode=cable"}, false},
		"when_not of another":         {"when_not: {mode: cable}", []string{"mode=mobile", "modem=a.example"}, true},
		"when_not of an unset one":    {"when_not: {mode: cable}", nil, true},
		"any key of when_not":         {"when_not: {mode: cable, flag: true}", []string{"flag=yes"}, false},
		"when_set of a set one":       {"when_set: host", []string{"host=a.example"}, true},
		"when_set of an unset one":    {"when_set: host", nil, false},
		"when_set of all":             {"when_set: [host, name]", []string{"host=a.example"}, false},
		"when_set of a default":       {"when_set: port", nil, true},
		"a default taken away":        {"when_set: port", []string{"port="}, false},
		"a computed default":          {"when_set: derived", []string{"label=acme01"}, true},
		"a default without its parts": {"when_set: derived", nil, false},
		"a secret":                    {"when_set: pw", []string{"pw=x"}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := loadShop(t, "  - {id: one, "+tt.conditions+", reach: {host: a.example}}\n")
			b, err := p.Bind(flags(tt.values...), "")
			if err != nil {
				t.Fatal(err)
			}
			if c := b.Checks[0]; c.Applies != tt.want || (c.Body != nil) != tt.want {
				t.Errorf("applies %v, body %v, want %v", c.Applies, c.Body, tt.want)
			}
		})
	}
}

func TestMissing(t *testing.T) {
	tests := map[string]struct {
		checks string
		role   string
		values []string
		want   []string
	}{
		"used here":                      {"  - {id: one, reach: {host: \"${need}\"}}\n", "", nil, []string{"need"}},
		"used in a text alone":           {"  - {id: one, remedy: \"Ask ${need}\", reach: {host: a.example}}\n", "", nil, []string{"need"}},
		"used by another role alone":     {"  - {id: one, from: till, reach: {host: \"${need}\"}}\n  - {id: two, reach: {host: a.example}}\n", "", nil, nil},
		"used by this role":              {"  - {id: one, from: till, reach: {host: \"${need}\"}}\n", "till", nil, []string{"need"}},
		"not used at all":                {"  - {id: one, reach: {host: a.example}}\n", "", nil, nil},
		"its check does not apply":       {"  - {id: one, when: {flag: true}, reach: {host: \"${need}\"}}\n", "", nil, nil},
		"its check applies":              {"  - {id: one, when: {flag: true}, reach: {host: \"${need}\"}}\n", "", []string{"flag=true"}, []string{"need"}},
		"a condition needs it":           {"  - {id: one, when_set: need, reach: {host: a.example}}\n", "", nil, []string{"need"}},
		"required_when holds":            {"  - {id: one, when: {mode: mobile}, reach: {host: \"${modem}\"}}\n", "", []string{"mode=mobile"}, []string{"modem"}},
		"required_when does not":         {"  - {id: one, when: {mode: mobile}, reach: {host: \"${modem}\"}}\n", "", []string{"mode=cable"}, nil},
		"an assertion is about it":       {"  - {id: one, claim: {param: need, in: x}}\n", "", nil, []string{"need"}},
		"an optional one never is":       {"  - {id: one, reach: {host: a.example, payload: \"${name}\"}}\n", "", nil, nil},
		"a list to expand, not required": {"  - {id: one, for_each: tills, reach: {host: \"${item.host}\"}}\n", "", nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := loadShop(t, tt.checks).Bind(flags(tt.values...), tt.role)
			var got []string
			if missing, ok := errors.AsType[*profiles.MissingError](err); ok {
				for _, p := range missing.Params {
					got = append(got, p.Name)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestMissingNamesItsQuestion(t *testing.T) {
	_, err := loadShop(t, "  - {id: one, reach: {host: \"${need}\"}}\n").Bind(nil, "")
	want := "a parameter has no value:\n  need: expected a host name or an address, such as shop.example.com\n    Which host?"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestOtherRoles(t *testing.T) {
	p := loadShop(t, `
  - {id: mine, reach: {host: a.example}}
  - {id: theirs, title: "To ${need}", from: [till], reach: {host: "${need}", port: "${port}"}}
`)
	b, err := p.Bind(nil, "server")
	if err != nil {
		t.Fatal(err)
	}
	c := b.Checks[1]
	if c.Here || !c.Applies || c.Body != nil {
		t.Errorf("here %v, applies %v, body %v", c.Here, c.Applies, c.Body)
	}
	if got := c.Title.In("en"); got != "To <need>" {
		t.Errorf("title %q", got)
	}
	if d := cmp.Diff(map[string]any{"port": 80}, c.Fields); d != "" {
		t.Errorf("fields (-want +got):\n%s", d)
	}
	if b, err = p.Bind(flags("need=a.example"), "server"); err != nil || b.Checks[1].Body == nil {
		t.Errorf("with its value: %v", err)
	}
}

func TestRole(t *testing.T) {
	one := loadShop(t, "  - {id: one, reach: {host: a.example}}\n")
	several, err := load("netcheck: 1\nid: x\nroles: {server: {title: S}, till: {title: T}}\nchecks: [{id: one, reach: {host: a.example}}]\n")
	if err != nil {
		t.Fatal(err)
	}
	none, err := load("netcheck: 1\nid: x\nchecks: [{id: one, reach: {host: a.example}}]\n")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		p           *profiles.Profile
		named, role string
		err         string
	}{
		"the default":         {p: one, role: "server"},
		"a named one":         {p: one, named: "till", role: "till"},
		"a misspelt one":      {p: one, named: "tll", err: "the profile has no role \"tll\"\n  did you mean \"till\"?"},
		"none of several":     {p: several, err: "the profile has several roles, and none is named\n  it has server, till"},
		"none where are none": {p: none},
		"one where are none":  {p: none, named: "till", err: "the profile has no roles, and so no role \"till\""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, err := tt.p.Bind(nil, tt.named)
			if tt.err != "" {
				if _, ok := errors.AsType[*profiles.RoleError](err); !ok || err.Error() != tt.err {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil || b.Role != tt.role {
				t.Errorf("%v, role %v", err, b)
			}
		})
	}
}
