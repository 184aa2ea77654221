package profiles_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"netcheck/profiles"
)

// FuzzLoad holds that no file makes the loader panic, that each mistake has a
// place within the file, and that what loads can be bound.
func FuzzLoad(f *testing.F) {
	for _, glob := range []string{"testdata/bad/*.yaml", "testdata/good/*.yaml", "*.yaml", "skeleton.yml"} {
		files, _ := filepath.Glob(glob)
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := profiles.Load("f.yaml", data, fakeKinds(), fakeCodes()...)
		if err == nil {
			_, err = p.Bind(profiles.Values{}, "")
			if err == nil {
				return
			}
		}
		harmless(t, err.Error())
		if fe, ok := errors.AsType[*profiles.FileError](err); ok {
			lines := strings.Count(string(data), "\n") + 1
			for _, p := range fe.Problems {
				if p.Line < 1 || p.Line > lines || p.Column < 1 {
					t.Errorf("%d:%d lies outside: %s", p.Line, p.Column, p.Message)
				}
			}
		}
	})
}

// FuzzBind holds that no value makes Bind panic or comes out of its errors
// unharmed.
func FuzzBind(f *testing.F) {
	for _, s := range []string{
		"x", "80", "80,8000-8005", "till1:10.0.0.5,till2:[2001:db8::1]", "https://a.example/", "10.0.0.0/8,192.0.2.1",
		"00:00:5e:00:53:01", "sales,stock", "\x1b[2J", "${host}", "$${", "yes", "-1", "é", "fe80::1%eth0", "http://u:p@a/",
	} {
		f.Add("host", s)
	}
	p := loadShop(f, `
  - {id: one, when_set: [name, host], title: "${name} ${host}", reach: {host: ["${host}", "${names}"], port: "${wide}", within: "${nets}", payload: "${name}${port}"}}
  - {id: two, for_each: tills, reach: {host: "${item.host}", payload: "${item.id}"}}
  - {id: three, when_set: url, fetch: {url: "${url}", auth: {user: "${label}", password: "${pw}"}}}
  - {id: four, when: {mode: [cable, mobile]}, fetch: {url: "http://${addr}:${n}/${path}${mac}"}, when_set: [addr, n, path, mac]}
`)
	names := p.Params
	f.Fuzz(func(t *testing.T, name, given string) {
		values := profiles.Values{name: {Value: given, From: profiles.FromFlag, Where: "--set"}}
		for _, param := range names { // and the same for all
			values[param.Name] = profiles.Given{Value: given, From: profiles.FromPrompt}
			if b, err := p.Bind(values, ""); err != nil {
				harmless(t, err.Error())
			} else if len(b.Checks) < 4 {
				t.Errorf("%d checks", len(b.Checks))
			}
			if _, err := p.Bind(profiles.Values{param.Name: values[param.Name]}, ""); err != nil {
				harmless(t, err.Error())
			}
		}
	})
}

// harmless holds that a message can be printed on a terminal.
func harmless(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("not UTF-8: %q", s)
	}
	for _, r := range s {
		if r < ' ' && r != '\n' || r == 0x7f || 0x80 <= r && r < 0xa0 || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 {
			t.Errorf("%U in %q", r, s)
		}
	}
}
