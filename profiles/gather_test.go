package profiles_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netcheck/profiles"
)

const siteFile = `# values of one shop
netcheck-site: 1
values:
  host: site.example
  port: 8080
  tills: [{id: t1, host: 10.0.0.5}]
  somebody_elses: 1
profiles:
  shop: {port: 8081, flag: yes}
  other: {host: other.example}
`

func site(t *testing.T, data string) *profiles.Site {
	t.Helper()
	s, err := profiles.ParseSite("shop42.yaml", []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestGather(t *testing.T) {
	files := map[string]string{"/run/pw": "hunter2\r\n", "/run/empty": "", "/run/long": strings.Repeat("x", 70_000)}
	readFile := func(name string) ([]byte, error) {
		if s, ok := files[name]; ok {
			return []byte(s), nil
		}
		return nil, fs.ErrNotExist
	}
	p := loadShop(t, "  - {id: one, reach: {host: a.example}}\n")
	tests := map[string]struct {
		flags, environ []string
		site           string
		want           map[string]profiles.Given
		err            string
	}{
		"nothing": {want: map[string]profiles.Given{}},
		"a site, its profile's values first": {site: siteFile, want: map[string]profiles.Given{
			"host":           {Value: "site.example", From: profiles.FromSite, Where: "shop42.yaml:4:9"},
			"port":           {Value: 8081, From: profiles.FromSite, Where: "shop42.yaml:9:16"},
			"flag":           {Value: "yes", From: profiles.FromSite, Where: "shop42.yaml:9:28"},
			"tills":          {Value: []any{map[string]any{"id": "t1", "host": "10.0.0.5"}}, From: profiles.FromSite, Where: "shop42.yaml:6:10"},
			"somebody_elses": {Value: 1, From: profiles.FromSite, Where: "shop42.yaml:7:19"},
		}},
		"the environment before the site": {
			environ: []string{"NETCHECK_PARAM_PORT=90", "NETCHECK_PARAM_OTHER=1", "PATH=/bin", "NETCHECK_PARAM_NAME="}, site: "netcheck-site: 1\nvalues: {port: 1}\n",
			want: map[string]profiles.Given{"port": {Value: "90", From: profiles.FromEnvironment, Where: "NETCHECK_PARAM_PORT"}},
		},
		"a flag before the environment": {
			flags: []string{"port=1", "port=2", "name=a=b", "unknown=x"}, environ: []string{"NETCHECK_PARAM_PORT=90"},
			want: map[string]profiles.Given{
				"port": {Value: "2", From: profiles.FromFlag, Where: "--set"}, "name": {Value: "a=b", From: profiles.FromFlag, Where: "--set"},
				"unknown": {Value: "x", From: profiles.FromFlag, Where: "--set"},
			},
		},
		"a secret in a file": {
			environ: []string{"NETCHECK_PARAM_PW_FILE=/run/pw", "NETCHECK_PARAM_NAME_FILE=/run/pw"},
			want:    map[string]profiles.Given{"pw": {Value: "hunter2", From: profiles.FromEnvironment, Where: "NETCHECK_PARAM_PW_FILE"}},
		},
		"the variable before the file": {
			environ: []string{"NETCHECK_PARAM_PW_FILE=/run/pw", "NETCHECK_PARAM_PW=x"},
			want:    map[string]profiles.Given{"pw": {Value: "x", From: profiles.FromEnvironment, Where: "NETCHECK_PARAM_PW"}},
		},
		"a file that is not there": {environ: []string{"NETCHECK_PARAM_PW_FILE=/run/none"}, err: "NETCHECK_PARAM_PW_FILE: file does not exist"},
		"a file that is too long":  {environ: []string{"NETCHECK_PARAM_PW_FILE=/run/long"}, err: "NETCHECK_PARAM_PW_FILE: the file is longer than 65536 bytes"},
		"a flag without a value":   {flags: []string{"port", "=1"}, err: "--set port: expected name=value\n--set =1: expected name=value"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in := profiles.Sources{Flags: tt.flags, Environ: tt.environ, ReadFile: readFile}
			if tt.site != "" {
				in.Site = site(t, tt.site)
			}
			got, err := p.Gather(in)
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(profiles.Values(tt.want), got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// A name in the section for the profile itself can only be a slip.
func TestUnknownInOwnSection(t *testing.T) {
	p, err := load("netcheck: 1\nid: dn\nparams: {tills: {type: int}}\nchecks: [{id: a, reach: {host: a.example, port: 80}}]\n")
	if err != nil {
		t.Fatal(err)
	}
	s := site(t, "netcheck-site: 1\nvalues: {tils: 1}\nprofiles: {dn: {tils: 2}, other: {tils: 3}}\n")
	_, err = p.Gather(profiles.Sources{Site: s})
	want := "shop42.yaml:3:23: the profile has no parameter \"tils\"\n  did you mean \"tills\"?"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	s = site(t, "netcheck-site: 1\nvalues: {tils: 1}\n")
	if _, err := p.Gather(profiles.Sources{Site: s}); err != nil {
		t.Error("a value for another profile is refused:", err)
	}
}

func TestBadSites(t *testing.T) {
	tests := map[string]struct{ data, want string }{
		"a profile":       {"netcheck: 1\nid: x\n", "s.yaml:1:1: unknown field \"netcheck\"\n  did you mean \"netcheck-site\"?\n    1 | netcheck: 1\n      | ^\ns.yaml:1:1: missing field \"netcheck-site\"\n  write \"netcheck-site: 1\"\n    1 | netcheck: 1\n      | ^\ns.yaml:2:1: unknown field \"id\"\n  known here: netcheck-site, values, profiles\n    2 | id: x\n      | ^"},
		"another version": {"netcheck-site: 2\nmore: x\n", "s.yaml:1:16: this netcheck reads version 1 of site files, not \"2\"\n    1 | netcheck-site: 2\n      |                ^"},
		"a name":          {"netcheck-site: 1\nvalues: {A-b: 1}\n", "s.yaml:2:10: \"A-b\" can't be a parameter's name\n    2 | values: {A-b: 1}\n      |          ^"},
		"no value":        {"netcheck-site: 1\nvalues: {a: }\n", "s.yaml:2:13: empty: give it a value or remove it\n    2 | values: {a: }\n      |             ^"},
		"a profile's id":  {"netcheck-site: 1\nprofiles: {A B: {a: 1}}\n", "s.yaml:2:12: \"A B\" can't be a profile's id\n    2 | profiles: {A B: {a: 1}}\n      |            ^"},
		"values as list":  {"netcheck-site: 1\nvalues: [a]\n", "s.yaml:2:9: expected names with values, found a list\n    2 | values: [a]\n      |         ^"},
		"a value twice":   {"netcheck-site: 1\nvalues: {a: 1, a: 2}\n", "s.yaml:2:16: \"a\" is already set on line 2\n    2 | values: {a: 1, a: 2}\n      |                ^"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := profiles.ParseSite("s.yaml", []byte(tt.data))
			if _, ok := errors.AsType[*profiles.FileError](err); !ok {
				t.Fatalf("got %v", err)
			}
			if d := cmp.Diff(tt.want, err.Error()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
