package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

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
