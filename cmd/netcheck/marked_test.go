package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	yaml "go.yaml.in/yaml/v4"

	"netcheck/cmd/netcheck/demo"
	"netcheck/profiles"
)

// A text that is no text of the catalogue is English to everybody. To find such,
// netcheck is built with a German that is English between marks, ⟦so⟧, and what it
// then says to a German reader must be marked, but for what is data.
func TestEveryWordIsOfTheCatalogue(t *testing.T) {
	if testing.Short() {
		t.Skip("builds netcheck once more")
	}
	netcheck := markedNetcheck(t)
	commands := [][]string{
		{"demo"},
		{"demo", "--format", "text"},
		{"firewall", "netstock", "--set", "comms_host=comms.example.com"},
		{"list"},
		{"explain", "tcp.filtered"},
		{"explain", "tcp.nonsense"},
		{"show", "passcom"},
		{"show", "pos-firewall"},
		{"show", "local-server"},
		{"run", "no-such-profile"},
		{"run", "passcom", "--no-input"},
		{"run", "passcom", "--set", "dominio=a b", "--set", "mx_port=0", "--set", "nosuch=1"},
		{"run", "passcom", "--role", "nobody"},
		{"run", "demo.yaml", "--set", "store=1", "--only", "nosuch"},
		{"standin", "--port", "28080", "--address", "127.0.0.1", "--for", "50ms"},
		{"standin", "passcom", "--role", "outside", "--no-input"},
		{"report", "show", "no-such.json"},
	}
	for _, sample := range markedReports(t) {
		commands = append(commands, []string{"report", "show", sample})
	}
	ids := idsOfProfiles(t)
	for _, args := range commands {
		t.Run(strings.Join(append(slices.Clone(args[:len(args)-1]), filepath.Base(args[len(args)-1])), " "), func(t *testing.T) {
			c := exec.CommandContext(t.Context(), netcheck, append(args, "--lang", "de")...)
			c.Dir = filepath.Join("demo")
			c.Env = []string{"LANG=C.UTF-8", "COLUMNS=100", "TZ=UTC"}
			out, err := c.CombinedOutput()
			if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
				t.Fatal(err)
			}
			if !bytes.ContainsRune(out, '⟦') {
				t.Fatalf("nothing is marked:\n%s", out)
			}
			for _, word := range unmarked(string(out)) {
				if !ids[word] {
					t.Errorf("%q is of no catalogue", word)
				}
			}
			if t.Failed() {
				t.Logf("%s", out)
			}
		})
	}
}

// idsOfProfiles are the words by which profiles name things, and their vendors.
func idsOfProfiles(t *testing.T) map[string]bool {
	t.Helper()
	ids := map[string]bool{"nosuch": true, "nobody": true} // which the commands name
	add := func(all ...string) {
		for _, s := range all {
			for _, word := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }) {
				ids[word] = true
			}
		}
	}
	all := []*profiles.Profile{}
	for _, id := range profiles.Builtin() {
		p, err := profiles.OpenBuiltin(id, kinds())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	p, err := profiles.Load("demo", demo.Profile, kinds(), codes()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(all, p) {
		add(p.ID, p.Vendor, p.DefaultRole)
		for _, r := range p.Roles {
			add(r.ID)
		}
		for _, f := range p.Features {
			add(f.ID)
		}
		for _, d := range p.Declared {
			add(d.ID)
		}
		for _, q := range p.Params {
			add(q.Name, q.Example)
			for _, c := range q.Choices {
				add(c.ID)
			}
		}
	}
	return ids
}

// markedNetcheck is a netcheck whose German is marked English.
func markedNetcheck(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	replace := map[string]string{}
	put := func(file string, data []byte) {
		full, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		other := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(other, data, 0o600); err != nil {
			t.Fatal(err)
		}
		replace[full] = other
	}
	words, err := filepath.Glob("../../report/i18n/*/en/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(words, "../../report/i18n/explain/en.json") {
		if filepath.Base(file) != "figures.json" {
			put(strings.Replace(strings.Replace(file, "/en/", "/de/", 1), "explain/en", "explain/de", 1), markedJSON(t, file))
		}
	}
	put("../../report/i18n/said/de.json", markedSayings(t))
	written, err := filepath.Glob("../../profiles/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(written, "demo/demo.yaml") {
		put(file, markedYAML(t, file))
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	list, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "netcheck")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", list, "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

var placeholderOrWords = regexp.MustCompile(`\{\{[^}]*\}\}|\$\{[^}]*\}|\{[A-Z]\}`)

// marked marks a text, but for what is put into it.
func marked(text string) string {
	var b strings.Builder
	mark := func(s string) {
		if strings.TrimSpace(s) == "" {
			b.WriteString(s)
			return
		}
		b.WriteString("⟦" + s + "⟧")
	}
	at := 0
	for _, hole := range placeholderOrWords.FindAllStringIndex(text, -1) {
		mark(text[at:hole[0]])
		b.WriteString(text[hole[0]:hole[1]])
		at = hole[1]
	}
	mark(text[at:])
	return b.String()
}

// markedReports are the sample reports with what their profiles say marked, as
// if it were German.
func markedReports(t *testing.T) (files []string) {
	t.Helper()
	samples, err := filepath.Glob("../../report/testdata/json/*.json")
	if err != nil || len(samples) == 0 {
		t.Fatalf("no sample reports: %v", err)
	}
	for _, file := range samples {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var r any
		if err := json.Unmarshal(data, &r); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if data, err = json.Marshal(markTexts("", r)); err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(t.TempDir(), filepath.Base(file))
		if err := os.WriteFile(out, data, 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, out)
	}
	return files
}

// markTexts marks what a report has of its profile's words.
func markTexts(name string, v any) any {
	switch v := v.(type) {
	case string:
		if slices.Contains([]string{"title", "text", "consequence", "remedy", "say"}, name) {
			return marked(v)
		}
		if strings.Contains(v, "a bug in ") { // who reads that reads English
			return marked(v)
		}
	case []any:
		for i := range v {
			v[i] = markTexts(name, v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = markTexts(key, v[key])
		}
		if en, ok := v["en"].(string); ok {
			v["de"] = marked(en)
		}
	}
	return v
}

func markedJSON(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]any
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for key, text := range texts {
		switch text := text.(type) {
		case string:
			texts[key] = marked(text)
		case map[string]any:
			for form, s := range text {
				text[form] = marked(s.(string))
			}
		}
	}
	data, err = json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// markedSayings are the texts of probes, whose English is their key.
func markedSayings(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("../../report/i18n/said/de.json")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]string
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatal(err)
	}
	for english := range texts {
		texts[english] = marked(english)
	}
	if data, err = json.Marshal(texts); err != nil {
		t.Fatal(err)
	}
	return data
}

func markedYAML(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	markNode(&root)
	data, err = yaml.Marshal(&root)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func markNode(n *yaml.Node) {
	english := ""
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		switch key, val := n.Content[i].Value, n.Content[i+1]; {
		case key == "en" && val.Kind == yaml.ScalarNode:
			english = val.Value
		case key == "de" && english != "":
			val.SetString(marked(english))
		}
	}
	for _, c := range n.Content {
		markNode(c)
	}
}

// data are what may stand unmarked: the product's names, and what is the same in
// every language.
var data = []*regexp.Regexp{
	regexp.MustCompile(`(?m)^( *|.*: )netcheck (run|explain|demo|list|new|show|standin)\b.*$`),                                           // commands to copy
	regexp.MustCompile(`(?m)^      (tcp|udp|dns|tls|http|ftp|ssh|listen|address|inbound|fresh|key|assert|attest|nmap) .*(\n      .*)*$`), // a check's fields
	regexp.MustCompile(`--[a-z-]+( [a-z_-]+)?(=\S+)?`),
	regexp.MustCompile(`\b(NETCHECK_[A-Z_]+|netcheck|devel|TCP|UDP|tcp|udp|DNS|ICMP|UTC|TTL|SSH|ms|min|h|s|E)\b`),
	regexp.MustCompile(`\d{1,2} (January|February|March|April|May|June|July|August|September|October|November|December) \d{4}`),
	regexp.MustCompile(`\S*[\d._:/@\[\]-]\S*`), // hosts, addresses, ids, codes, paths
	regexp.MustCompile(`"[^"]*"`),
}

// unmarked are the words outside of all marks.
func unmarked(text string) (words []string) {
	for _, d := range data[:2] {
		text = d.ReplaceAllString(text, "")
	}
	var outside strings.Builder
	depth := 0
	for _, r := range text {
		switch {
		case r == '⟦':
			depth++
			outside.WriteRune(' ')
		case r == '⟧':
			depth--
		case depth == 0:
			outside.WriteRune(r)
		}
	}
	left := outside.String()
	for _, d := range data[2:] {
		left = d.ReplaceAllString(left, " ")
	}
	return strings.FieldsFunc(left, func(r rune) bool { return !unicode.IsLetter(r) })
}
