package report_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"netcheck/report"
	"netcheck/report/result"
)

// attacks are what servers, profiles and other people's files may say: each is
// something that some reader of some format would act on.
var attacks = map[string]string{
	"terminal":  "\x1b[2J\x1b]8;;http://evil.example\x07\u009b31m\x7f\b",
	"direction": "\u202e\u2066\u200f\u2028\u2029\u061c",
	"bytes":     "\x00\xff\xfe\xc3\ufffe\uffff",
	"xml":       "]]></failure><failure message=\"x\"/>&#0;&lt;<!--",
	"html":      "<script>alert(1)</script><img src=x onerror=alert(1)></details>",
	"lines":     "\n\r\n\u0085not ok 1 - x # SKIP\n1..0\nBail out!\n...\n---\n",
	"directive": "# SKIP # TODO \\# SKIP",
	"commands":  "::error::x ##[error]x ::stop-commands::x %0A::error::x",
	"nagios":    "|x=1;2;3;4\n|y",
	"labels":    "\"} 1\nnetcheck_evil{a=\"\\",
	"markdown":  "`|` ```\n# h\n* *b* __b__ ~~s~~ $x$ | a | [l](http://evil.example) ![i](http://evil.example/i.png) <http://evil.example> [r]: http://evil.example",
	"mentions":  "@everyone @user #1 !2 ~bug %3 &4 $5 GH-6 owner/repo#7 user@evil.example http://evil.example www.evil.example mailto:a@evil.example /close [[page]]",
	"yaml":      "x: \"y\" - ' | > & * ! % {} [] , #",
}

// poison puts what an attack makes of it in the place of every text of a report
// that is no word of the contract; with words, also of those.
func poison(r *result.Report, words bool, attack func(string) string) *result.Report {
	poisonValue(reflect.ValueOf(r).Elem(), words, attack)
	return r
}

func poisonValue(v reflect.Value, words bool, attack func(string) string) {
	switch v.Kind() {
	case reflect.String:
		if words || v.Type() == reflect.TypeFor[string]() {
			v.SetString(attack(v.String()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			poisonValue(v.Elem(), words, attack)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			switch f := v.Type().Field(i); {
			case f.Name == "Remedy" && f.Type.Kind() == reflect.String: // whose lines are paragraphs
				poisonValue(v.Field(i), words, func(s string) string { return strings.ReplaceAll(attack(s), "\n", " ") })
			case f.IsExported():
				poisonValue(v.Field(i), words, attack)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			poisonValue(v.Index(i), words, attack)
		}
	case reflect.Map:
		changed := reflect.MakeMap(v.Type())
		for _, k := range v.MapKeys() {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(k))
			poisonValue(value, words, attack)
			key := reflect.New(k.Type()).Elem()
			key.Set(k)
			if v.Type() != reflect.TypeFor[result.Text]() { // whose keys choose the text that is shown
				poisonValue(key, words, attack)
			}
			changed.SetMapIndex(key, value)
		}
		v.Set(changed)
	case reflect.Interface:
		if !v.IsNil() {
			value := reflect.New(v.Elem().Type()).Elem()
			value.Set(v.Elem())
			poisonValue(value, words, attack)
			v.Set(value)
		}
	}
}

// No text of a report does anything in any format but be read.
func TestHostileReports(t *testing.T) {
	poisoned := func(sample string, words bool, attack string) *result.Report {
		return poison(diagnosed(samples()[sample]), words, func(s string) string { return attack + "x.x" + s + "x" + attack })
	}
	o := report.Options{Unicode: true, Lang: "en", Verbose: true}
	for _, sample := range []string{"mixed", "merged", "swept", "interrupted"} {
		for _, words := range []bool{false, true} {
			r := poisoned(sample, words, "")
			want := map[string][]string{}
			for name, structure := range structures {
				want[name] = structure(t, write(t, format(t, name), r, o))
			}
			for attack, text := range attacks {
				t.Run(fmt.Sprint(sample, "/", attack, "/words too ", words), func(t *testing.T) {
					r := poisoned(sample, words, text)
					for _, f := range report.Formats() {
						data := write(t, f, r, o)
						harmless(t, string(data))
						structure := structures[f.Name]
						if structure == nil {
							continue
						}
						if diff := cmp.Diff(want[f.Name], structure(t, data)); diff != "" {
							t.Errorf("%s: what it says changes what it is: %s", f.Name, diff)
						}
					}
				})
			}
		}
	}
}

// However the signs that Markdown knows are put together, in cells, headings,
// lists and blocks: they stay text.
func TestMarkdownOfAnything(t *testing.T) {
	signs := []string{"`", "``", "*", "_", "[", "]", "(", ")", "<", ">", "!", "|", `\`, "#", "@", "/", ":", "//", "~", "$", "&", "{", "}", ".", "-", "+", "=", "www.", "http://", "a", "b1", " ", " ", "\t", "&amp;", "^"}
	random := rand.New(rand.NewPCG(1, 2))
	anything := func(hostile bool) *result.Report {
		var cs []result.Check
		for i := range 600 {
			title := "x"
			for range random.IntN(12) {
				if hostile {
					title += signs[random.IntN(len(signs))]
				}
			}
			if hostile {
				title = strings.TrimPrefix(title, "x") + "y"
			}
			cs = append(cs, result.Check{ID: fmt.Sprintf("c%d", i), Title: title, Target: title, Verdict: result.Fail, Detail: title, Spec: result.Spec{Consequence: result.Text{"en": title}, Firewall: &result.Firewall{Hosts: []string{title}, See: title}}})
		}
		r := newSample("anything", cs...)
		for i := range r.Checks {
			c := &r.Checks[i]
			c.Findings = []string{c.ID}
			r.Findings = append(r.Findings, result.Finding{ID: c.ID, Code: result.TCPFiltered, Summary: c.Title, Remedy: c.Title, Checks: []string{c.ID}, Evidence: []string{c.Title}, Request: &result.Request{Proto: "tcp", To: []string{c.Title}, Ports: "1"}})
		}
		r.Verdict = result.Fail
		return r
	}
	o := report.Options{Verbose: true}
	want := markdownStructure(t, write(t, format(t, "markdown"), anything(false), o))
	if diff := cmp.Diff(want, markdownStructure(t, write(t, format(t, "markdown"), anything(true), o))); diff != "" {
		t.Error(diff)
	}
}

// FuzzReports has every format write whatever can be read as a report.
func FuzzReports(f *testing.F) {
	for sample, r := range samples() {
		if sample == "crowd" {
			continue
		}
		for _, attack := range attacks {
			var b bytes.Buffer
			if err := report.JSON(&b, poison(diagnosed(r), false, func(s string) string { return s }), report.Options{}); err != nil {
				f.Fatal(err)
			}
			f.Add(b.Bytes(), attack)
		}
	}
	f.Add([]byte(`{"schema": 1}`), "")
	f.Add([]byte(`{"schema": 1, "verdict": "fail", "checks": [{"verdict": "skip", "reason": "needs", "level": "required"}], "findings": [{}]}`), "")
	f.Fuzz(func(t *testing.T, data []byte, attack string) {
		r, err := report.Read(bytes.NewReader(data))
		if err != nil || len(data) > 1<<16 || len(attack) > 1<<10 || !utf8.ValidString(attack) {
			return
		}
		if attack != "" {
			poison(r, false, func(s string) string { return s + attack })
		}
		diagnosed(r)
		for _, f := range report.Formats() {
			out := write(t, f, r, report.Options{Unicode: true, Verbose: true})
			harmless(t, string(out))
			switch f.Name {
			case "junit":
				readJUnit(t, out)
			case "prometheus":
				readPrometheus(t, out)
			case "tap":
				tapStructure(t, out)
			case "nagios":
				nagiosStructure(t, out)
			case "github":
				githubStructure(t, out)
			}
		}
	})
}
