package i18n

import (
	"encoding/json"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"
)

// message is a text with its plural forms; "other" is the text without count.
type message map[string]string

func (m *message) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*m = message{"other": text}
		return nil
	}
	return json.Unmarshal(b, (*map[string]string)(m))
}

// words are the texts of a language, by file and key.
func words(t *testing.T, lang string) map[string]map[string]message {
	t.Helper()
	found, err := fs.Glob(files, "words/"+lang+"/*.json")
	if err != nil {
		t.Fatal(err)
	}
	w := map[string]map[string]message{}
	for _, f := range found {
		b, err := files.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]message
		if err := json.Unmarshal(b, &texts); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		w[path.Base(f)] = texts
	}
	return w
}

var placeholder = regexp.MustCompile(`\.[A-Z][A-Za-z]*`)

func placeholders(m message) []string {
	found := map[string]bool{}
	for _, text := range m {
		for action := range strings.SplitSeq(text, "{{") {
			inner, _, isAction := strings.Cut(action, "}}")
			if !isAction {
				continue
			}
			for _, p := range placeholder.FindAllString(inner, -1) {
				found[p] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Every language says everything, with the same placeholders.
func TestCataloguesAreComplete(t *testing.T) {
	english := words(t, "en")
	seen := map[string]string{}
	for file, texts := range english {
		for key := range texts {
			if other, twice := seen[key]; twice {
				t.Errorf("%q is in %s and in %s", key, other, file)
			}
			seen[key] = file
		}
	}
	for _, lang := range Languages() {
		t.Run(lang, func(t *testing.T) {
			own := words(t, lang)
			for file, texts := range english {
				for key, m := range texts {
					switch {
					case own[file][key]["other"] == "":
						t.Errorf("%s: nothing for %q", file, key)
					case lang != "en" && isSentence(m["other"]) && own[file][key]["other"] == m["other"]:
						t.Errorf("%s: %q is English: %s", file, key, m["other"])
					case len(m) > 1 && own[file][key]["one"] == "":
						t.Errorf("%s: %q has no singular", file, key)
					case !slices.Equal(placeholders(m), placeholders(own[file][key])):
						t.Errorf("%s: %q has %v, in English %v", file, key, placeholders(own[file][key]), placeholders(m))
					}
				}
			}
			for file, texts := range own {
				for key, m := range texts {
					if english[file][key] == nil {
						t.Errorf("%s: %q is no English key of that file", file, key)
					}
					for form := range m {
						if _, err := template.New(key).Parse(m[form]); err != nil {
							t.Errorf("%s: %q: %v", file, key, err)
						}
						if strings.Contains(m[form], " .Count") {
							t.Errorf("%s: %q computes with Count, which may be written \"1,000\": give it plural forms", file, key)
						}
						if !slices.Contains([]string{"zero", "one", "two", "few", "many", "other"}, form) {
							t.Errorf("%s: %q: %q is no plural form", file, key, form)
						}
					}
				}
			}
		})
	}
}

// isSentence tells texts that no two languages have in common from names, signs
// and words of the trade.
func isSentence(text string) bool {
	text = action.ReplaceAllString(text, "")
	return len(plainWord.FindAllString(text, -1)) >= 3
}

var (
	action    = regexp.MustCompile(`\{\{[^}]*\}\}`)
	plainWord = regexp.MustCompile(`\b[a-z]{2,}\b`)
)

// Every explanation has a text under each of the five headings.
func TestExplanationsAreComplete(t *testing.T) {
	var english map[string]Explanation
	b, err := files.ReadFile("explain/en.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &english); err != nil {
		t.Fatal(err)
	}
	// Whatever looks like a code of the same families must be one.
	families := map[string]bool{}
	for code := range english {
		family, _, _ := strings.Cut(code, ".")
		families[family] = true
	}
	mention := regexp.MustCompile(`\b(` + strings.Join(slices.Sorted(maps.Keys(families)), "|") + `)\.[a-z0-9-]+\b`)
	for _, lang := range Languages() {
		for code := range english {
			e, ok := explanations.of(lang)[code]
			if !ok {
				t.Errorf("%s: nothing explains %q", lang, code)
				continue
			}
			if lang != "en" && e.Means == english[code].Means {
				t.Errorf("%s: %q is explained in English", lang, code)
			}
			parts := e.Parts(lang)
			if len(parts) != 5 {
				t.Fatalf("%d headings", len(parts))
			}
			for _, p := range parts {
				if p.Heading == "" || strings.HasPrefix(p.Heading, "explain.") || strings.TrimSpace(p.Text) == "" {
					t.Errorf("%s: %q: heading %q, text %q", lang, code, p.Heading, p.Text)
				}
				for _, m := range mention.FindAllString(p.Text, -1) {
					if _, ok := english[m]; !ok {
						t.Errorf("%s: %q mentions %q, which is no code", lang, code, m)
					}
				}
			}
		}
	}
	for _, lang := range Languages() {
		for code := range explanations.of(lang) {
			if _, ok := english[code]; !ok {
				t.Errorf("%s explains %q, which English does not", lang, code)
			}
		}
	}
	if _, ok := Explain("en", "tcp.nonsense"); ok {
		t.Error("explains what does not exist")
	}
}

func TestLanguage(t *testing.T) {
	for tag, want := range map[string]string{
		"": "en", "C": "en", "C.UTF-8": "en", "en": "en", "en-GB": "en", "en_US.UTF-8": "en", "EN": "en", "xx": "en", "zz_ZZ": "en",
		"it_CH.UTF-8": "it", "de-AT": "de", "fr_BE@euro": "fr", "DE": "de",
	} {
		if got := Language(tag); got != want {
			t.Errorf("%q: %q, want %q", tag, got, want)
		}
	}
}

func TestT(t *testing.T) {
	for _, c := range []struct {
		name, key, want string
		data            Data
	}{
		{"a plain text", "owner.gateway", "your gateway", nil},
		{"placeholders", "list.last", "a, b and c", Data{"Others": "a, b", "Last": "c"}},
		{"one", "unit.days", "1 day", Data{"Count": 1}},
		{"many", "unit.days", "12 days", Data{"Count": 12}},
		{"what is put in stays as it is", "list.last", "{{.Last}} and {{.Others}}", Data{"Others": "{{.Last}}", "Last": "{{.Others}}"}},
		{"a key that does not exist", "no.such.key", "no.such.key", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := T("en", c.key, c.data); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	if got := T("xx", "owner.gateway", nil); got != "your gateway" {
		t.Errorf("an unknown language: %q", got)
	}
	if Has("no.such.key") || !Has("owner.gateway") {
		t.Error("Has")
	}
}

// Reading the catalogue is the price of the first word.
func BenchmarkFirstWord(b *testing.B) {
	for b.Loop() {
		readWords("en")
	}
}
