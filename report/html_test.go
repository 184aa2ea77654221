package report_test

import (
	"bytes"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"netcheck/report"
	"netcheck/report/i18n"
	"netcheck/report/result"
)

// htmlOf is a report as a page.
func htmlOf(t testing.TB, r *result.Report, o report.Options) []byte {
	t.Helper()
	return write(t, format(t, "html"), r, o)
}

// calledIn is a run with a call from outside that dies behind the router.
func calledIn() *result.Report {
	r := calledFromOutside("203.0.113.2", "192.168.1.10:8080", result.Place{Between: []string{"203.0.113.2", "192.168.1.10"}, Owner: result.Site},
		append(expired("198.51.100.1", "203.0.113.1", "203.0.113.2"), silence(4, 6)...), append(expired("198.51.100.1", "203.0.113.1"), answered(3, result.Closed)...))
	r.Profile.Title, r.Profile.ID = result.Text{"en": "Example till"}, "inbound"
	r.Started, r.Complete = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), true
	c := &r.Checks[0]
	c.Title, c.Target, c.Level, c.Spec.Firewall = "The vendor calls in", "203.0.113.2:8080", result.Required, &result.Firewall{See: "https://vendor.example/ports"}
	f := &r.Findings[0]
	f.Summary, f.Remedy, f.Confidence = "Calls to TCP 8080 come as far as the router, and no further", "Forward TCP 8080 to 192.168.1.10.", result.Likely
	f.Request = &result.Request{Action: "forward", Proto: "tcp", To: []string{"192.168.1.10"}, Ports: "8080"}
	return r
}

// The pages of the samples are as the golden files have them, which leave out
// the style that is the same in all.
func TestHTMLGolden(t *testing.T) {
	all := samples()
	delete(all, "crowd") // a thousand lines that nobody would compare
	for sample, r := range all {
		t.Run(sample, func(t *testing.T) { golden(t, htmlGolden(sample), bare(htmlOf(t, diagnosed(r), report.Options{}))) })
	}
	t.Run("inbound", func(t *testing.T) { golden(t, htmlGolden("inbound"), bare(htmlOf(t, calledIn(), report.Options{}))) })
}

func htmlGolden(sample string) string {
	return filepath.Join("testdata", "html", sample+".en.html")
}

func bare(page []byte) []byte {
	return regexp.MustCompile(`(?s)<style>.*</style>`).ReplaceAll(page, []byte("<style></style>"))
}

// What the findings of a report say is on the page, whole, and so is every check.
func TestHTMLSaysWhatTheTerminalSays(t *testing.T) {
	for sample, r := range samples() {
		diagnosed(r)
		page := textOf(parsed(t, htmlOf(t, r, report.Options{})))
		for _, f := range r.Findings {
			for _, want := range slices.Concat([]string{f.Summary, string(f.Code), f.Command}, f.Evidence, strings.Split(f.Remedy, "\n")) {
				if !strings.Contains(page, want) {
					t.Errorf("%s: nothing says %q", sample, want)
				}
			}
		}
		for _, c := range r.Checks {
			if c.Verdict != result.NotApplicable && c.Reason != result.BecauseSelection && !strings.Contains(page, c.Title) {
				t.Errorf("%s: no check %q", sample, c.Title)
			}
		}
	}
}

// A page is small enough for any mail, and one of a thousand checks for most.
func TestHTMLIsSmall(t *testing.T) {
	for sample, r := range samples() {
		most := 100 << 10
		if sample == "crowd" {
			most = 1 << 20
		}
		for _, lang := range i18n.Languages() {
			if n := len(htmlOf(t, diagnosed(r), report.Options{Lang: lang})); n > most {
				t.Errorf("%s.%s: %d bytes", sample, lang, n)
			}
		}
	}
}

// No text of a report becomes more than a text: the page has the same elements
// as that of a harmless report, none of those that act, and no link but to
// itself and to pages on the web.
func TestHTMLOfHostileReport(t *testing.T) {
	want := elements(t, parsed(t, htmlOf(t, diagnosed(hostile("harmless")), report.Options{Verbose: true})))
	for _, evil := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg onload=alert(1)>`, `</style><script>alert(1)</script>`, `</title><b>`, `--><b>`, `<!-- `, `]]><b>`,
		`javascript:alert(1)`, "java\tscript:alert(1)", `data:text/html,<b>x`, `vbscript:x`, `file:///etc/passwd`, `//evil.example/x`, `ftp://evil.example/`, `https://user:word@evil.example/`, `https:evil`,
		"a\u202eb\u2066c", "a\x1b[31mb\x1b]8;;https://evil.example/\x07c", "a\u009b2Jb", "a\x00b", "a\xff\xfeb", "a\r\n\tb\u2028c", `{{.Title}} {{template "icons"}}`, `&lt;b&gt; &#60;b`, `x" onclick="x`, "`x`", `\3c b>`,
	} {
		t.Run(evil, func(t *testing.T) {
			r := hostile(evil)
			r.Profile.ID, r.Profile.Revision, r.Profile.Vendor, r.Profile.SHA256 = evil, evil, evil, evil
			r.Profile.Features = []result.Feature{{ID: evil, Title: result.Text{"en": evil}}}
			r.Params = map[string]any{evil: evil}
			m := &r.Machines[0]
			m.Name, m.OS, m.Proxy, m.ProxyScript, m.Resolvers = evil, evil, evil, evil, []string{evil}
			diagnosed(r)
			for i := range r.Findings { // of a file that somebody wrote, and that is not diagnosed again
				f := &r.Findings[i]
				f.Summary, f.Remedy, f.Command, f.Evidence, f.Act = evil, evil, evil, []string{evil}, evil
				f.Code, f.Confidence, f.NotExcluded = result.Code(evil), result.Confidence(evil), []result.Code{result.Code(evil)}
				f.Request = &result.Request{Action: evil, Proto: evil, App: evil, From: evil, To: []string{evil}, Ports: evil}
			}
			for _, lang := range []string{"en", evil} {
				b := htmlOf(t, r, report.Options{Lang: lang, Verbose: true})
				harmless(t, string(bytes.ReplaceAll(b, []byte("\t"), nil)))
				page := parsed(t, b)
				inert(t, page)
				if page.FirstChild.NextSibling == nil || attr(page.FirstChild.NextSibling, "lang") != "en" {
					t.Error("in no language of ours")
				}
			}
			r = diagnosed(hostile(evil))
			if got := elements(t, parsed(t, htmlOf(t, r, report.Options{Verbose: true}))); got != want && !strings.ContainsAny(evil, "\r\n") {
				t.Errorf("the page is made of other elements:\n%s\nnot\n%s", got, want)
			}
		})
	}
}

// Only a page on the web, with nobody's password in it, is a link.
func TestHTMLLinks(t *testing.T) {
	for see, linked := range map[string]bool{
		"https://vendor.example/ports?a=1&b=2": true, "http://vendor.example/": true, "HTTPS://vendor.example/": true,
		"javascript:alert(1)": false, "data:text/html,x": false, "ftp://vendor.example/": false, "vendor.example/ports": false, "https:///x": false, "https://me:secret@vendor.example/": false, "": false,
	} {
		r := calledIn()
		r.Checks[0].Spec.Firewall.See = see
		page := parsed(t, htmlOf(t, r, report.Options{}))
		found := false
		for n := range page.Descendants() {
			if href := attr(n, "href"); n.Data == "a" && !strings.HasPrefix(href, "#") {
				found = true
				if !linked || textOf(n) != see || !strings.Contains(attr(n, "rel"), "noreferrer") {
					t.Errorf("%s: a link to %s that shows %q", see, href, textOf(n))
				}
			}
		}
		if found != linked {
			t.Errorf("%s: a link: %v", see, found)
		}
		if !strings.Contains(textOf(page), see) {
			t.Errorf("%s is not shown", see)
		}
	}
}

func parsed(t testing.TB, page []byte) *html.Node {
	t.Helper()
	n, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// elements are the elements of a page in order, but for the lines into which a
// picture breaks its words.
func elements(t *testing.T, page *html.Node) string {
	t.Helper()
	var b strings.Builder
	for n := range page.Descendants() {
		if n.Type == html.ElementNode && (n.Data != "text" || n.Namespace != "svg") {
			b.WriteString(n.Data + " ")
		}
	}
	return b.String()
}

// inert fails for whatever acts, fetches or leads out of the page unseen.
func inert(t *testing.T, page *html.Node) {
	t.Helper()
	known := strings.Fields("html head meta title style body a header p span h1 h2 h3 h4 small dl dt dd time nav ul ol li main section article figure svg desc path use text defs symbol g circle code pre details summary table caption thead tbody tr th td div br strong footer")
	name := regexp.MustCompile(`^[a-z]+(-[0-9a-z]+)*$`)
	for n := range page.Descendants() {
		switch n.Type {
		case html.CommentNode:
			t.Errorf("a comment: %q", n.Data)
		case html.ElementNode:
			if !slices.Contains(known, n.Data) {
				t.Errorf("an element %q", n.Data)
			}
			for _, a := range n.Attr {
				u, err := url.Parse(a.Val)
				switch {
				case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "src", a.Key == "srcdoc", a.Key == "action":
					t.Errorf("%s has %s=%q", n.Data, a.Key, a.Val)
				case a.Key == "id" && !name.MatchString(a.Val):
					t.Errorf("an id %q", a.Val)
				case a.Key == "href" && !strings.HasPrefix(a.Val, "#") && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil):
					t.Errorf("a link to %q", a.Val)
				}
			}
		}
	}
}

// drawnAlike fails where a page's picture shows another path than the terminal
// does, of which this is the line.
func drawnAlike(t *testing.T, r *result.Report, line, cross string) {
	t.Helper()
	page := parsed(t, htmlOf(t, r, report.Options{}))
	var desc string
	for n := range page.Descendants() {
		if n.Data == "desc" {
			desc = textOf(n)
		}
	}
	_, after, found := strings.Cut(desc, "Reached: ")
	reached, beyond, _ := strings.Cut(after, " It ends ")
	if !found {
		t.Fatalf("no picture for %s", line)
	}
	passed, lost, _ := strings.Cut(line, cross)
	for said, devices := range map[string]string{reached: passed, beyond: lost} {
		for d := range strings.FieldsFuncSeq(devices, func(r rune) bool { return r == '→' || r == '>' }) {
			d = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(d), "-"))
			name := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(d, " gateway"), " provider"), " own network")
			if name = strings.Trim(name, "….- "); name != "" && !strings.Contains(said, name) {
				t.Errorf("%q has no %q of\n%s", said, name, line)
			}
		}
	}
}

// The thousand checks of BenchmarkFormats are many; this is a usual report.
func BenchmarkHTML(b *testing.B) {
	r := diagnosed(mixed())
	for b.Loop() {
		if err := report.HTML(io.Discard, r, report.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
