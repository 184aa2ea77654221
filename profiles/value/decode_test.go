package value_test

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	yaml "go.yaml.in/yaml/v4"

	"netcheck/profiles/value"
)

type box struct {
	Name  string                  `yaml:"name" doc:"a name"`
	Many  value.OneOrMany[int]    `yaml:"many" doc:"numbers"`
	Order value.Ordered[string]   `yaml:"order" doc:"in order"`
	Map   map[string]value.Ports  `yaml:"map" doc:"by name"`
	Inner *inner                  `yaml:"inner" doc:"another"`
	Any   any                     `yaml:"any" doc:"anything"`
	Raw   *value.Node             `yaml:"raw" doc:"as written"`
	Text  value.Text              `yaml:"text" doc:"for people"`
	Level value.OneOrMany[string] `yaml:"level" enum:"low,high" doc:"levels"`
	Skip  int                     `yaml:"-"`
}

type inner struct {
	On bool `yaml:"on" required:"true" doc:"whether"`
}

func TestDecode(t *testing.T) {
	n, ps := value.Parse([]byte(`
name: 0042
many: 7
order: {z: a, a: z}
map: {web: 80, more: [81, "90-91"]}
inner: {on: yes}
any: {list: [1, two, true, 2.5, null], text: "3"}
raw: [1]
text: {en: x, fr: y}
level: [low, high]
`))
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	var b box
	if ps := value.Decode(n, &b); len(ps) > 0 {
		t.Fatal(ps)
	}
	if len(b.Order) != 2 || b.Order[0].Key != "z" || b.Order[1].Value != "z" || b.Order[0].At.Line != 4 {
		t.Errorf("order: %v", b.Order)
	}
	if b.Raw == nil || b.Raw.Line != 8 {
		t.Errorf("raw: %v", b.Raw)
	}
	b.Order, b.Raw = nil, nil
	want := box{
		Name: "0042", Many: value.OneOrMany[int]{7},
		Map:   map[string]value.Ports{"web": {{First: 80, Last: 80}}, "more": {{First: 81, Last: 81}, {First: 90, Last: 91}}},
		Inner: &inner{On: true}, Any: map[string]any{"list": []any{1, "two", true, "2.5", nil}, "text": "3"},
		Text: value.Text{"en": "x", "fr": "y"}, Level: value.OneOrMany[string]{"low", "high"},
	}
	if d := cmp.Diff(want, b); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestDecodeReportsEverything(t *testing.T) {
	n, ps := value.Parse([]byte("nmae: x\nmany: [1, two]\nmap: {web: 0}\ninner: {}\nlevel: hihg\ntext:\n"))
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	var b box
	got := value.Decode(n, &b)
	want := value.Problems{
		{1, 1, `unknown field "nmae"`, `did you mean "name"?`},
		{2, 11, `expected a whole number, found "two"`, ""},
		{3, 12, `"0" is not a port: it is a number from 1 to 65535`, ""},
		{4, 8, `missing field "on"`, ""},
		{5, 8, `unknown value "hihg"`, `did you mean "high"?`},
		{6, 6, "empty: give it a value or remove it", ""},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestDecodeThroughYAML holds that the types decode alone, too.
func TestDecodeThroughYAML(t *testing.T) {
	var v struct {
		Ports value.Ports
		Text  value.Text
		Hosts value.OneOrMany[value.Host]
		Wait  value.Duration
	}
	err := yaml.Load([]byte("ports: 80,90-91\ntext: x\nhosts: [a.example]\nwait: 5d\n"), &v)
	if err != nil || v.Ports.String() != "80,90-91" || v.Text.In("en") != "x" || len(v.Hosts) != 1 || v.Wait.String() != "5d" {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestLater holds where a text that waits for its value is accepted.
func TestLater(t *testing.T) {
	type block struct {
		Fixed string      `yaml:"fixed" doc:"x"`
		Free  string      `yaml:"free" values:"true" doc:"x"`
		Ports value.Ports `yaml:"ports" values:"true" doc:"x"`
	}
	parse := func() *value.Node {
		n, ps := value.Parse([]byte("fixed: a\nfree: b\nports: [80, c]\n"))
		if len(ps) > 0 {
			t.Fatal(ps)
		}
		for _, name := range []string{"fixed", "free"} {
			value.Get(n, name).Tag = value.Later
		}
		value.Get(n, "ports").Content[1].Tag = value.Later
		return n
	}
	var met []string
	d := value.Decoder{Later: func(n *value.Node, into reflect.Type) value.Problems {
		met = append(met, n.Value+" into "+into.String())
		return nil
	}}
	var b block
	if ps := d.Decode(parse(), &b); len(ps) != 1 || ps[0].Line != 1 {
		t.Errorf("problems: %v", ps)
	}
	if d := cmp.Diff([]string{"b into string", "c into value.Ports"}, met); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	d.Values = true
	if ps := d.Decode(parse(), &b); len(ps) != 0 {
		t.Errorf("problems: %v", ps)
	}
}

// TestSecretNodesAreTold holds that a report can leave out what went into a
// Secret, wherever it stands.
func TestSecretNodesAreTold(t *testing.T) {
	type block struct {
		Auth map[string]value.Secret       `yaml:"auth" doc:"x"`
		Keys value.OneOrMany[value.Secret] `yaml:"keys" doc:"x"`
		User string                        `yaml:"user" doc:"x"`
	}
	n, ps := value.Parse([]byte("auth: {a: one}\nkeys: [two, three]\nuser: me\n"))
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	secret := make(map[*value.Node]bool)
	var b block
	if ps := (value.Decoder{Secret: func(n *value.Node) { secret[n] = true }}).Decode(n, &b); len(ps) > 0 {
		t.Fatal(ps)
	}
	got := value.PlainWithout(n, func(n *value.Node) bool { return secret[n] })
	want := map[string]any{"auth": map[string]any{"a": "<secret>"}, "keys": []any{"<secret>", "<secret>"}, "user": "me"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
