package report_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// Every value of the vocabulary has a word.
func TestVocabularyHasWords(t *testing.T) {
	var keys []string
	add := func(prefix string, values ...string) {
		for _, v := range values {
			keys = append(keys, prefix+v)
		}
	}
	for _, c := range result.Codes() {
		add("code.", string(c))
		if _, ok := i18n.Explain("en", c); !ok {
			t.Errorf("nothing explains %q", c)
		}
	}
	for _, v := range result.Verdicts() {
		add("verdict.", string(v))
	}
	add("run.", "pass", "warn", "fail", "inconclusive")
	add("feature.", "pass", "warn", "fail", "inconclusive")
	add("act.", "customer-network", "customer-site", "provider", "vendor")
	for typ, prefix := range map[string]string{"Failure": "failure.", "State": "state.", "Confidence": "confidence.", "Owner": "owner.", "Reason": "reason."} {
		values := constants(t, typ)
		if len(values) < 4 {
			t.Fatalf("only %d values of %s", len(values), typ)
		}
		for _, v := range values {
			if typ == "Reason" && (v == string(result.BecauseDowngrade) || v == string(result.BecauseTolerate)) {
				continue // said by what was measured
			}
			add(prefix, v)
		}
	}
	for _, k := range keys {
		if !i18n.Has(k) {
			t.Errorf("no word for %q", k)
		}
	}
}

// constants are the values of a type of report/result, read from its source so
// that none can be forgotten.
func constants(t *testing.T, typ string) []string {
	t.Helper()
	var values []string
	ast.Inspect(parse(t, "result/vocabulary.go"), func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) == 0 {
			return true
		}
		if id, ok := v.Type.(*ast.Ident); ok && id.Name == typ {
			values = append(values, literal(t, v.Values[0]))
		}
		return true
	})
	return values
}

// Every key that the code asks for by name is in the catalogue, and every key
// of the catalogue is asked for, or belongs to a family that is.
func TestKeysAndCatalogueAgree(t *testing.T) {
	asked := map[string]bool{}
	var begun []string // keys of which the code asks for a part, such as retry- and what was tried
	families := map[string]bool{"rule": true, "cause": true}
	for _, dir := range []string{".", "diagnosis", "firewall", "i18n", "../checks/vantage", "../cmd/netcheck"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			ast.Inspect(parse(t, file), func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				s := literal(t, lit)
				if family, isPrefix := strings.CutSuffix(s, "."); isPrefix && !strings.ContainsAny(family, " ./") {
					families[family] = true
				}
				asked[s] = true
				if len(s) > 1 && strings.HasSuffix(s, "-") {
					begun = append(begun, "terminal."+s, "evidence."+s)
				}
				asked["terminal."+s], asked["evidence."+s], asked["unit."+s] = true, true, true
				return true
			})
		}
	}
	for _, key := range inTemplates(t) {
		asked[key] = true
		if !i18n.Has(key) {
			t.Errorf("a template asks for %q, of which there is no text", key)
		}
	}
	catalogue := map[string]any{}
	found, err := filepath.Glob("i18n/words/en/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &catalogue); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(catalogue)) {
		family, _, _ := strings.Cut(key, ".")
		isBegun := slices.ContainsFunc(begun, func(b string) bool { return strings.HasPrefix(key, b) })
		if !asked[key] && !isBegun && (!families[family] || family == "terminal" || family == "evidence") {
			t.Errorf("nobody asks for %q", key)
		}
	}
	for key := range asked {
		family, _, dotted := strings.Cut(key, ".")
		if dotted && (family == "terminal" || family == "list") && !strings.ContainsAny(key, " /:") && catalogue[key] == nil && !made(asked, key) {
			t.Errorf("no text for %q", key)
		}
	}
}

// inTemplates are the keys that templates ask for.
func inTemplates(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*/*.tmpl")
	if err != nil || len(files) == 0 {
		t.Fatal("no templates", err)
	}
	var keys []string
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\bword "([^"]+)"`).FindAllStringSubmatch(string(b), -1) {
			keys = append(keys, m[1])
		}
	}
	return keys
}

// made tells whether a key is one that the test made of a shorter literal.
func made(asked map[string]bool, key string) bool {
	_, rest, _ := strings.Cut(key, ".")
	return asked[rest]
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func literal(t *testing.T, e ast.Expr) string {
	t.Helper()
	s, err := strconv.Unquote(e.(*ast.BasicLit).Value)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
