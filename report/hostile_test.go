package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

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

// structures are what a reader of a format sees before any text: whatever a
// report says, it must stay the same. A format that has none here is for people,
// who see texts alone.
var structures = map[string]func(t *testing.T, data []byte) []string{
	"junit":      junitStructure,
	"tap":        tapStructure,
	"prometheus": prometheusStructure,
	"nagios":     nagiosStructure,
	"github":     githubStructure,
	"markdown":   markdownStructure,
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

// junitStructure are the elements with the names of their attributes.
func junitStructure(t *testing.T, data []byte) []string {
	t.Helper()
	readJUnit(t, data)
	var all []string
	for d := xml.NewDecoder(bytes.NewReader(data)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			s := e.Name.Local
			for _, a := range e.Attr {
				s += " " + a.Name.Local
			}
			all = append(all, s)
		case xml.Comment, xml.Directive:
			all = append(all, "nothing of ours")
		}
	}
}

var (
	tapTest = regexp.MustCompile(`^((?:not )?ok \d+) - (?:[^\\#]|\\.)*?( # (?:SKIP|TODO) (?:[^\\#]|\\.)*)?$`)
	tapYAML = regexp.MustCompile(`^  ([a-z]+: )"(?:[^"\\]|\\["\\])*"$`)
)

// tapStructure are the lines without what they say, by the protocol's grammar.
func tapStructure(t *testing.T, data []byte) []string {
	t.Helper()
	var all []string
	for l := range strings.Lines(string(data)) {
		l = strings.TrimSuffix(l, "\n")
		if m := tapTest.FindStringSubmatch(l); m != nil {
			directive := m[2]
			all = append(all, m[1]+directive[:min(7, len(directive))])
		} else if m := tapYAML.FindStringSubmatch(l); m != nil {
			all = append(all, m[1])
		} else if strings.HasPrefix(l, "    - ") {
			all = append(all, "account")
		} else if strings.HasPrefix(l, "# ") {
			all = append(all, "comment")
		} else {
			all = append(all, l)
		}
	}
	return all
}

// prometheusStructure are the metrics with the names of their labels.
func prometheusStructure(t *testing.T, data []byte) []string {
	t.Helper()
	var all []string
	for name, f := range readPrometheus(t, data) {
		for _, m := range f.Metric {
			s := name
			for _, l := range m.Label {
				s += " " + l.GetName()
			}
			all = append(all, s)
		}
	}
	slices.Sort(all)
	return all
}

var nagiosLine = regexp.MustCompile(`^NETCHECK (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+\|((?: ?[a-z_]+=[0-9.]+s?;;;0)+)\n$`)

// nagiosStructure is the one line, by the guidelines of the plug-ins: a state,
// a text, and behind the only bar the numbers.
func nagiosStructure(t *testing.T, data []byte) []string {
	t.Helper()
	m := nagiosLine.FindSubmatch(data)
	if m == nil || len(data) > 1024 {
		t.Fatalf("no such line: %q", data)
	}
	return []string{string(m[1]), string(m[2])}
}

// githubStructure reads the commands as GitHub's runner does: a line that
// begins with two colons, up to the next two; and anywhere in a line the older form.
func githubStructure(t *testing.T, data []byte) []string {
	t.Helper()
	var all []string
	for l := range strings.Lines(string(data)) {
		l = strings.TrimSpace(l)
		command, text, ok := strings.Cut(strings.TrimPrefix(l, "::"), "::")
		if !strings.HasPrefix(l, "::") || !ok {
			if strings.Contains(l, "##[") || !strings.HasPrefix(l, "netcheck: ") {
				t.Errorf("a command, or no line of ours: %q", l)
			}
			all = append(all, "text")
			continue
		}
		name, properties, _ := strings.Cut(command, " ")
		for p := range strings.SplitSeq(properties, ",") {
			key, value, _ := strings.Cut(p, "=")
			if strings.Contains(value, ":") || value == "" {
				t.Errorf("property %s is %q", key, value)
			}
			name += " " + key
		}
		if text == "" {
			t.Errorf("nothing is said: %q", l)
		}
		all = append(all, name)
	}
	return all
}

// mdActive is what GitHub and GitLab act on in the text of a finished page.
var mdActive = regexp.MustCompile(`(?i)@\w|://|www\.|mailto:|javascript:|#\d|(^|\W)[!~%$&]\d|(^|\s)/\w|\[\[|GH-\d`)

// markdownStructure has it made HTML by GitHub's own program, raw HTML let
// through: what comes out are elements of ours, and nothing in their text.
func markdownStructure(t *testing.T, data []byte) []string {
	t.Helper()
	out, err := tool(t, data, "cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist")
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	ours := []string{"h1", "h2", "h3", "p", "ul", "li", "strong", "em", "code", "pre", "table", "thead", "tbody", "tr", "th", "td", "details", "summary"}
	var all []string
	code := 0
	for z := html.NewTokenizer(strings.NewReader(out)); ; {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return all
		case html.TextToken:
			if s := string(z.Text()); code == 0 && mdActive.MatchString(s) {
				t.Errorf("%q is in the text %q", mdActive.FindString(s), s)
			}
		case html.CommentToken, html.DoctypeToken:
			t.Errorf("%q", z.Raw())
		default:
			tag := z.Token()
			if !slices.Contains(ours, tag.Data) {
				t.Errorf("an element that is none of ours: %s", tag)
			}
			for _, a := range tag.Attr {
				if a.Key != "class" || a.Val != "language-text" {
					t.Errorf("an attribute: %s", tag)
				}
			}
			if tag.Data == "code" || tag.Data == "pre" {
				code += map[html.TokenType]int{html.StartTagToken: 1, html.EndTagToken: -1}[kind]
			}
			if tag.Data != "code" { // which a word may be put in
				all = append(all, tag.Data)
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
