package profiles_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	invopop "github.com/invopop/jsonschema"
	"github.com/santhosh-tekuri/jsonschema/v6"
	yaml "go.yaml.in/yaml/v4"

	"netcheck/checks"
	"netcheck/checks/engine"
	"netcheck/profiles"
	"netcheck/profiles/value"
)

func compile(t *testing.T, kinds []profiles.Kind) *jsonschema.Schema {
	t.Helper()
	data, err := profiles.Schema(kinds)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("profile.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("profile.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON is a YAML document as an editor's schema validator sees it.
func asJSON(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	if err := yaml.Load(data, &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestSchemaAccepts holds that an editor marks nothing in what netcheck ships.
func TestSchemaAccepts(t *testing.T) {
	kinds := engine.ProfileKinds(checks.Kinds())
	s := compile(t, kinds)
	files := map[string][]byte{"skeleton": []byte(profiles.Skeleton())}
	for _, id := range profiles.Builtin() {
		files[id], _ = profiles.BuiltinSource(id)
	}
	for _, k := range checks.Kinds() {
		files["example of "+k.Name] = []byte("netcheck: 1\nid: x\nchecks:\n" + k.Example)
	}
	for name, data := range files {
		if err := s.Validate(asJSON(t, data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchemaAcceptsForms(t *testing.T) {
	s := compile(t, fakeKinds())
	for _, check := range []string{
		`reach: {host: [a.example, "${name}"], port: [80, "8000-8005", "${port + 1}"], sample: "${n}", identify: "${flag}"}`,
		`reach: {host: a.example, port: "80,443", wait: 5d, within: 10.0.0.0/8, match: any}`,
		`reach: {host: "${item.host}", port: "${port}", match: "${mode}"}`,
		`fetch: {url: "https://${host}/", expect_body: /x/, auth: {password: "${pw}"}, status: [200, 204]}`,
		`question: {ask: {en: Well?, fr: Alors ?}}`,
		`claim: {param: port, in: [80, "90-99"], ratio: 0.5}`,
		`proxy: required, question: {ask: x}`,
		`proxy: {policy: allowed, url: "${proxy}", user: me, password: "${pw}"}, question: {ask: x}`,
		`proxy: {url: "socks5://proxy.example:1080"}, question: {ask: x}`,
	} {
		doc := asJSON(t, []byte("netcheck: 1\nid: x\nchecks: [{id: one, "+check+"}]\n"))
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %v", check, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	s := compile(t, fakeKinds())
	for name, data := range map[string]string{
		"an unknown field":             "netcheck: 1\nid: x\nvednor: y\nchecks: [{id: one, question: {ask: x}}]",
		"an unknown field of a check":  "netcheck: 1\nid: x\nchecks: [{id: one, lvl: x, question: {ask: x}}]",
		"an unknown field of a kind":   "netcheck: 1\nid: x\nchecks: [{id: one, reach: {prot: 80}}]",
		"no kind":                      "netcheck: 1\nid: x\nchecks: [{id: one}]",
		"two kinds":                    "netcheck: 1\nid: x\nchecks: [{id: one, question: {ask: x}, reach: {host: x}}]",
		"a misspelt level":             "netcheck: 1\nid: x\nchecks: [{id: one, level: must, question: {ask: x}}]",
		"a misspelt enum":              "netcheck: 1\nid: x\nchecks: [{id: one, reach: {match: al}}]",
		"a misspelt type":              "netcheck: 1\nid: x\nparams: {p: {type: prot}}\nchecks: [{id: one, question: {ask: x}}]",
		"a port out of range":          "netcheck: 1\nid: x\nchecks: [{id: one, reach: {port: 70000}}]",
		"a text for a number":          "netcheck: 1\nid: x\nchecks: [{id: one, reach: {sample: many}}]",
		"${…} where it can't stand":    "netcheck: 1\nid: x\nchecks: [{id: one, level: \"${x}\", question: {ask: x}}]",
		"a URL with credentials":       "netcheck: 1\nid: x\nchecks: [{id: one, fetch: {url: \"http://u:p@a/\"}}]",
		"a misspelt policy":            "netcheck: 1\nid: x\nproxy: alowed\nchecks: [{id: one, question: {ask: x}}]",
		"a misspelt policy in a block": "netcheck: 1\nid: x\nproxy: {policy: alowed}\nchecks: [{id: one, question: {ask: x}}]",
		"credentials in a proxy":       "netcheck: 1\nid: x\nproxy: {url: \"http://u:p@a\"}\nchecks: [{id: one, question: {ask: x}}]",
		"no id":                        "netcheck: 1\nchecks: [{id: one, question: {ask: x}}]",
		"no checks":                    "netcheck: 1\nid: x\nchecks: []",
		"another version":              "netcheck: 2\nid: x\nchecks: [{id: one, question: {ask: x}}]",
		"a language that is none":      "netcheck: 1\nid: x\ntitle: {english: x}\nchecks: [{id: one, question: {ask: x}}]",
		"a required field that is not": "netcheck: 1\nid: x\nchecks: [{id: one, fetch: {status: 200}}]",
	} {
		if s.Validate(asJSON(t, []byte(data))) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestSchemaIsDeterministic(t *testing.T) {
	a, _ := profiles.Schema(fakeKinds())
	for range 5 {
		if b, _ := profiles.Schema(fakeKinds()); !bytes.Equal(a, b) {
			t.Fatal("two runs differ")
		}
	}
}

// TestSchemaIsNoStricter holds that what the schema refuses the loader refuses
// too: an editor must not mark what works. YAML 1.1 words for true and false
// are the exception.
func TestSchemaIsNoStricter(t *testing.T) {
	s := compile(t, fakeKinds())
	files, err := filepath.Glob("testdata/good/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := profiles.Load(file, data, fakeKinds(), fakeCodes()...); err != nil {
			t.Error(err)
		}
		if err := s.Validate(asJSON(t, data)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestKindsHaveDocs holds that every field of every kind, nested ones too, says
// what it is, and that every type of its own has a schema.
func TestKindsHaveDocs(t *testing.T) {
	for _, k := range checks.Kinds() {
		walk(t, k.Name, reflect.TypeOf(k.New()))
	}
}

func walk(t *testing.T, where string, typ reflect.Type) {
	for _, f := range value.Fields(typ) {
		if strings.TrimSpace(f.Doc) == "" {
			t.Errorf("%s.%s has no doc", where, f.Name)
		}
		inner := f.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice && inner.Name() == "" || strings.HasPrefix(inner.Name(), "OneOrMany[") {
			inner = inner.Elem()
		}
		_, decodes := reflect.New(inner).Interface().(yaml.Unmarshaler)
		_, describes := reflect.Zero(inner).Interface().(interface{ JSONSchema() *invopop.Schema })
		switch {
		case decodes && !describes:
			t.Errorf("%s.%s: %s decodes itself but has no JSONSchema method", where, f.Name, inner)
		case !decodes && inner.Kind() == reflect.Struct:
			walk(t, where+"."+f.Name, inner)
		}
	}
}
