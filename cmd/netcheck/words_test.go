package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"netcheck/profiles/value"
	"netcheck/report/i18n"
)

// What profiles says of a value has its words, which in English are its own.
func TestPhrasesHaveWords(t *testing.T) {
	found := 0
	for _, dir := range []string{"../../profiles", "../../profiles/value"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) < 2 || !makesPhrase(call.Fun) {
					return true
				}
				key, english := text(call.Args[0]), text(call.Args[1])
				if key == "" {
					return true // the one that hands on
				}
				found++
				data := i18n.Data{}
				for i := range call.Args[2:] {
					data[string(rune('A'+i))] = "*"
				}
				want := regexp.MustCompile(`%[sdq]`).ReplaceAllString(english, "*")
				if got := i18n.T("en", "value."+key, data); got != want {
					t.Errorf("%s: value.%s is %q in the catalogue, and %q in the code", file, key, got, want)
				}
				return true
			})
		}
	}
	if found < 60 {
		t.Errorf("only %d phrases: are they made otherwise now?", found)
	}
}

func makesPhrase(fun ast.Expr) bool {
	if sel, ok := fun.(*ast.SelectorExpr); ok {
		fun = sel.Sel
	}
	id, ok := fun.(*ast.Ident)
	return ok && (id.Name == "Say" || id.Name == "Wrong")
}

func text(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}

// A phrase within a phrase is said in the reader's language, too; what a library
// says of a value stays as it is.
func TestPhrasedInside(t *testing.T) {
	_, err := value.ParseHost("till 1")
	if got, want := phrased(err, "de"), `"till 1" ist kein Hostname: ' ' gehört nicht hinein`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if _, err = value.ParseURL("https://a b/"); !strings.Contains(phrased(err, "it"), "non è un URL: invalid character") {
		t.Errorf("%q", phrased(err, "it"))
	}
}
