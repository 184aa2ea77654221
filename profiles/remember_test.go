package profiles_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netcheck/profiles"
)

const shopProfile = `
netcheck: 1
id: shop
title: Shop
params:
  number: {type: string, required: true}
  port: {type: port, required: true}
  label: {type: string, required: true}
  parts: {type: choices, choices: [a, b], required: true}
  devices: {type: list, item: {id: string, host: host}, required: true}
  hosted: {type: bool, required: true}
  password: {type: secret, required: true}
checks:
  - {id: one, reach: {host: 127.0.0.1, port: 80}}
`

func answers(pairs ...string) profiles.Values {
	v := profiles.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v[pairs[i]] = profiles.Given{Value: pairs[i+1], From: profiles.FromPrompt}
	}
	return v
}

func TestRemember(t *testing.T) {
	p, err := load(shopProfile)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file    string
		answers profiles.Values
		want    string
	}{
		"new file": {
			"", answers("number", "007", "port", "8080", "label", "yes: no # really", "hosted", "yes", "parts", "a,b", "devices", "till1:10.0.0.5, till2:[2001:db8::1]", "password", "hunter2"),
			"# The values of one shop: netcheck run PROFILE --site FILE. Never a secret.\nnetcheck-site: 1\n" + `profiles:
  shop:
    number: '007'
    port: 8080
    label: 'yes: no # really'
    parts:
    - a
    - b
    devices:
    - till1:10.0.0.5
    - till2:[2001:db8::1]
    hosted: yes
`,
		},
		"beside what is there": {
			`# Via Roma
netcheck-site: 1
values: {branch: milano} # for all
profiles:
  # the other product
  other: {domain: acme}
  shop:
    # on the sticker
    number: "7" # was 6
    label: old
# the end
`, answers("number", "8", "port", "80"),
			`# Via Roma
netcheck-site: 1
values: {branch: milano} # for all
profiles:
  # the other product
  other: {domain: acme}
  shop:
    # on the sticker
    number: '8' # was 6
    label: old
    port: 80
# the end
`,
		},
		"an empty section": {
			"netcheck-site: 1\nprofiles: {shop: {}}\n", answers("port", "80"),
			"netcheck-site: 1\nprofiles: {shop: {port: 80}}\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := p.Remember("site.yaml", []byte(c.file), c.answers)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
			site, err := profiles.ParseSite("site.yaml", got)
			if err != nil {
				t.Fatal(err)
			}
			typed, err := p.Bind(c.answers, "")
			if err != nil {
				t.Fatal(err)
			}
			read := site.For("shop")
			if password, ok := c.answers["password"]; ok {
				read["password"] = password
			}
			again, err := p.Bind(read, "")
			if err != nil {
				t.Fatal(err)
			}
			for name := range c.answers {
				if diff := cmp.Diff(typed.Values[name], again.Values[name]); diff != "" {
					t.Errorf("%s is read as something else:\n%s", name, diff)
				}
			}
		})
	}
}

// A file with a mistake is not written over, nor one whose section is also elsewhere.
func TestRememberKeepsWhatItCannotRead(t *testing.T) {
	p, err := load(shopProfile)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{
		"no site file": "number: 7\n",
		"a mistake":    "netcheck-site: 1\nprofils: {}\n",
		"an alias":     "netcheck-site: 1\nvalues: &all {branch: milano}\nprofiles: {shop: *all}\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := p.Remember("site.yaml", []byte(file), answers("port", "80"))
			if err == nil {
				t.Errorf("it was written: %s", got)
			}
			if _, ok := errors.AsType[*profiles.FileError](err); !ok && !strings.Contains(err.Error(), "block of its own") {
				t.Error(err)
			}
		})
	}
}

func TestContributes(t *testing.T) {
	p, err := load(shopProfile)
	if err != nil {
		t.Fatal(err)
	}
	site, err := profiles.ParseSite("site.yaml", []byte(`
netcheck-site: 1
values: {port: 80, label: all, parts: [a, b], other: x, password: hunter2}
profiles: {shop: {label: own, devices: [{id: till1, host: 10.0.0.5}]}}
`))
	if err != nil {
		t.Fatal(err)
	}
	got := p.Contributes(site, answers("port", "81"))
	want := []profiles.Contribution{{"label", "own"}, {"parts", "a,b"}, {"devices", ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}
