package profiles_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netcheck/profiles"
	"netcheck/profiles/value"
)

func TestMistakesOfValues(t *testing.T) {
	p := loadShop(t, "  - {id: one, reach: {host: \"${need}\", port: \"${port}\"}}\n")
	site := func(v any) profiles.Given {
		return profiles.Given{Value: v, From: profiles.FromSite, Where: "shop42.yaml:3:9"}
	}
	tests := map[string]struct {
		values profiles.Values
		want   string
	}{
		"unknown":            {flags("prot=80"), "the profile has no parameter \"prot\"\n  did you mean \"port\"?"},
		"its question":       {flags("need=a b"), "need (--set): \"a b\" is not a host name: ' ' does not belong in it\n  expected a host name or an address, such as shop.example.com\n  Which host?"},
		"out of range":       {flags("n=21"), "n (--set): 21 is out of range\n  expected a whole number from 1 to 20"},
		"a pattern":          {flags("label=acme"), "label (--set): \"acme\" does not have the expected form\n  expected one part of a host name, without dots"},
		"a choice":           {flags("mode=moblie"), "mode (--set): \"moblie\" is not one of the choices: did you mean \"mobile\"?\n  expected one of cable, mobile"},
		"choices":            {flags("parts=sales,x"), "parts (--set): \"x\" is not one of the choices\n  expected one or more of sales, stock, loyalty"},
		"a record":           {flags("tills=t1:10.0.0.5,t2"), "tills (--set): element 2: \"t2\" is not of the form ID:HOST\n  expected a list such as ID:HOST,ID:HOST"},
		"a record's field":   {flags("tills=t1:10.0.0.256"), "tills (--set): element 1: host: \"10.0.0.256\" is not a valid address\n  expected a list such as ID:HOST,ID:HOST"},
		"twice the same id":  {flags("tills=t1:10.0.0.5,t1:10.0.0.6"), "tills (--set): \"t1\" is there twice\n  expected a list such as ID:HOST,ID:HOST"},
		"a list of hosts":    {flags("names=a.example,"), "names (--set): element 2: it is empty\n  expected a list, each a host name or an address"},
		"an escape sequence": {flags("name=\x1b[2J"), "name (--set): \"\\x1b[2J\" holds a control character\n  expected a text"},
		"from a site":        {profiles.Values{"port": site([]any{1})}, "port (shop42.yaml:3:9): expected a port from 1 to 65535, found a list\n  expected a port from 1 to 65535"},
		"a record by name":   {profiles.Values{"tills": site([]any{map[string]any{"id": "a", "hots": "b"}})}, "tills (shop42.yaml:3:9): element 1: the field \"host\" is missing\n  expected a list such as ID:HOST,ID:HOST"},
		"a secret in a site": {profiles.Values{"pw": site("hunter2")}, "pw (shop42.yaml:3:9): a secret is never taken from there: set NETCHECK_PARAM_PW or NETCHECK_PARAM_PW_FILE"},
		"a secret by flag":   {profiles.Values{"pw": {Value: "hunter2", From: profiles.FromFlag}}, "pw: a secret is never taken from there: set NETCHECK_PARAM_PW or NETCHECK_PARAM_PW_FILE"},
		"a computed default": {flags("label=xx00", "need=a.example", "derived="), ""},
		"two at once":        {flags("port=x", "n=x"), "port (--set): \"x\" is not a port: it is a number from 1 to 65535\n  expected a port from 1 to 65535\nn (--set): \"x\" is not a whole number\n  expected a whole number from 1 to 20"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := p.Bind(tt.values, "")
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil {
				t.Fatal("accepted")
			}
			if d := cmp.Diff(tt.want, err.Error()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("the secret shows")
			}
		})
	}
}

func TestUnknownInSite(t *testing.T) {
	p := loadShop(t, "  - {id: one, reach: {host: a.example}}\n")
	_, err := p.Bind(profiles.Values{"other": {Value: 1, From: profiles.FromSite}, "more": {Value: "x", From: profiles.FromEnvironment}}, "")
	if err != nil {
		t.Error(err)
	}
}

func TestTypedValues(t *testing.T) {
	p := loadShop(t, "  - {id: one, reach: {host: a.example}}\n")
	b, err := p.Bind(profiles.Values{
		"name": {Value: 42}, "host": {Value: "[2001:DB8::1]"}, "addr": {Value: "192.0.2.1"}, "port": {Value: 8080}, "wide": {Value: []any{80, "90-99"}},
		"nets": {Value: []any{"10.0.0.0/8"}}, "url": {Value: "https://a.example/x?y"}, "path": {Value: "C:\\x"}, "mac": {Value: "00-00-5E-00-53-01"},
		"label": {Value: "acme01"}, "flag": {Value: true}, "n": {Value: "7"}, "mode": {Value: "cable"}, "parts": {Value: "sales"},
		"tills": {Value: []any{map[string]any{"id": 1, "host": "a.example"}}}, "names": {Value: "a.example"}, "pw": {Value: "x", From: profiles.FromPrompt},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	nets, _ := value.ParsePrefix("10.0.0.0/8")
	want := map[string]any{
		"name": "42", "host": "2001:db8::1", "addr": "192.0.2.1", "port": 8080, "wide": value.Ports{{First: 80, Last: 80}, {First: 90, Last: 99}},
		"nets": []value.Prefix{nets}, "url": "https://a.example/x?y", "path": "C:\\x", "mac": "00:00:5e:00:53:01",
		"label": "acme01", "derived": "acme01.shop.example", "flag": true, "n": 7, "mode": "cable", "parts": []string{"sales"},
		"tills": []any{map[string]any{"id": "1", "host": "a.example"}}, "names": []any{"a.example"}, "pw": value.Secret("x"),
	}
	if d := cmp.Diff(want, b.Values, cmp.Comparer(func(a, b value.Prefix) bool { return a == b })); d != "" {
		t.Errorf("values (-want +got):\n%s", d)
	}
	public := map[string]any{"wide": "80,90-99", "nets": []string{"10.0.0.0/8"}, "pw": "<secret>", "port": 8080}
	for name, v := range public {
		if d := cmp.Diff(v, b.Public[name]); d != "" {
			t.Errorf("public %s (-want +got):\n%s", name, d)
		}
	}
}

func TestTypesOfParams(t *testing.T) {
	tests := map[string]struct{ good, bad []string }{
		"string":    {[]string{"x", "a b", "è"}, []string{"a\nb", strings.Repeat("x", 5000)}},
		"host":      {[]string{"a", "a.example.", "A_b.example", "192.0.2.1", "::1", "xn--caff-8oa.example"}, []string{"a b", "a:80", "http://a", "1.2.3.4.5", "è.example", "a..b"}},
		"ip":        {[]string{"192.0.2.1", "::1", "[::1]"}, []string{"192.0.2", "a.example", "192.0.2.1/24", "fe80::1%eth0", "192.0.2.01"}},
		"port":      {[]string{"1", "65535"}, []string{"0", "65536", "80-81", "http", "080", "+"}},
		"ports":     {[]string{"80", "80,443", "1-65535", "80, 90 - 99"}, []string{"80,", "9-8", "x", "80;90"}},
		"cidr-list": {[]string{"10.0.0.0/8", "192.0.2.1,2001:db8::/32"}, []string{"10.0.0.1/8", "10.0.0.0/40", "x"}},
		"url":       {[]string{"http://a/", "https://a.example:8443/x?y=z#f", "wss://a.example/s"}, []string{"a.example", "ftp://a/", "http://u:p@a/", "http://a:0/", "https://", "http://a b/"}},
		"proxy":     {[]string{"http://a:3128", "a.example:3128", "a.example", "https://a.example/", "socks5://[::1]:1080", "socks5h://192.0.2.1"}, []string{"ftp://a", "socks4://a", "http://u:p@a:1", "u@a", "http://a:0", "http://a:", "http://a/x", "a?b", "http://"}},
		"path":      {[]string{"/etc/x", `C:\x y`, "~/x"}, []string{"a\x00b"}},
		"mac":       {[]string{"00:00:5e:00:53:01", "00-00-5E-00-53-01", "0000.5e00.5301"}, []string{"00:00:5e", "x", "00:00:5e:00:53:01:02:03"}},
		"dns-label": {[]string{"a", "a-1", "x_y"}, []string{"a.b", "-a", strings.Repeat("a", 64), "a b"}},
		"bool":      {[]string{"true", "no", "Yes", "off"}, []string{"maybe", "1", "y"}},
		"int":       {[]string{"0", "-7", "2000000000"}, []string{"1.5", "x", "9999999999", "0x1", "007"}},
		"secret":    {[]string{"x", "a\nb", " "}, nil},
	}
	for _, typ := range profiles.ParamTypes() {
		if _, ok := tests[typ]; !ok && !slices.Contains([]string{"choice", "choices", "list"}, typ) {
			t.Errorf("%s has no cases", typ)
		}
	}
	for typ, tt := range tests {
		t.Run(typ, func(t *testing.T) {
			p, err := load("netcheck: 1\nid: x\nparams: {p: {type: " + typ + "}}\nchecks: [{id: one, reach: {host: a.example}}]\n")
			if err != nil {
				t.Fatal(err)
			}
			bind := func(s string) error {
				_, err := p.Bind(profiles.Values{"p": {Value: s, From: profiles.FromPrompt}}, "")
				return err
			}
			for _, s := range tt.good {
				if err := bind(s); err != nil {
					t.Errorf("%q: %v", s, err)
				}
			}
			for _, s := range tt.bad {
				if err := bind(s); err == nil {
					t.Errorf("%q is accepted", s)
				}
			}
		})
	}
}
