package report_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"netcheck/report"
	"netcheck/report/diagnosis"
	"netcheck/report/result"
)

// readers are whom the golden files are for.
var readers = map[string]report.Options{
	"80-plain":     {Width: 80, Unicode: true},
	"120-colour":   {Width: 120, Unicode: true, Color: report.Color256},
	"60-ascii":     {Width: 60},
	"40-ascii":     {Width: 40},
	"80-verbose":   {Width: 80, Unicode: true, Verbose: true},
	"80-16-colour": {Width: 80, Color: report.Color16},
}

func TestTerminalGolden(t *testing.T) {
	for sample, r := range samples() {
		diagnosed(r)
		for reader, o := range readers {
			if sample == "crowd" && o.Verbose {
				continue // a thousand lines that nobody would compare
			}
			t.Run(sample+"/"+reader, func(t *testing.T) {
				var b bytes.Buffer
				if err := report.Terminal(&b, r, o); err != nil {
					t.Fatal(err)
				}
				golden(t, filepath.Join("testdata", "terminal", sample+"."+reader+".txt"), b.Bytes())
				for l := range strings.Lines(b.String()) {
					if strings.Contains(l, "netcheck run ") {
						continue // whole, to be copied
					}
					if w := ansi.StringWidth(strings.TrimSuffix(l, "\n")); w > o.Width {
						t.Errorf("%d columns of %d: %q", w, o.Width, l)
					}
				}
			})
		}
	}
}

func TestJSONGolden(t *testing.T) {
	for _, sample := range []string{"mixed", "half-filtered", "merged", "swept"} {
		t.Run(sample, func(t *testing.T) {
			var b bytes.Buffer
			if err := report.JSON(&b, diagnosed(samples()[sample]), report.Options{}); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", "json", sample+".json"), b.Bytes())
		})
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s: -want +got\n%s", file, diff)
	}
}

// A long report is folded: what fits on a few screens is read.
func TestLongReportsStayReadable(t *testing.T) {
	var b bytes.Buffer
	if err := report.Terminal(&b, diagnosed(crowd()), report.Options{Width: 80}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n > 100 {
		t.Errorf("%d lines for 1001 checks", n)
	}
	for _, want := range []string{"990 of 1,000", "32,767 ports"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("nothing says %q", want)
		}
	}
}

// Where only the closer look was cut short, nothing was left untested.
func TestWhatWasCutShortIsTold(t *testing.T) {
	for _, tt := range []struct {
		name              string
		complete, looking bool
		want              string
	}{
		{"nothing", true, false, ""},
		{"the checks", false, false, "what had not been tested"},
		{"the closer look", false, true, "the closer look was cut short"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := diagnosed(halfFiltered())
			r.Complete, r.FollowupsCut = tt.complete, tt.looking
			var b bytes.Buffer
			if err := report.Terminal(&b, r, report.Options{Width: 200}); err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				tt.want = "cut short"
				if strings.Contains(b.String(), tt.want) {
					t.Errorf("says %q", tt.want)
				}
			} else if !strings.Contains(b.String(), tt.want) || strings.Count(b.String(), "cut short") != 1 {
				t.Errorf("does not say %q, and that alone", tt.want)
			}
		})
	}
}

// What the profile says is said in the reader's language, also where netcheck
// itself does not speak it.
func TestProfileTextsAreInTheReadersLanguage(t *testing.T) {
	r := mixed()
	for i := range r.Checks {
		c := &r.Checks[i]
		c.Spec.Title = result.Text{"en": "English title", "it": "titolo italiano"}
		c.Spec.Consequence = result.Text{"en": "English consequence", "it": "conseguenza italiana"}
		c.Spec.Remedy = result.Text{"en": "English remedy", "it": "rimedio italiano"}
	}
	diagnosis.Diagnose(r, "it")
	var b bytes.Buffer
	if err := report.Terminal(&b, r, report.Options{Width: 80, Lang: "it"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"titolo italiano", "conseguenza italiana", "rimedio italiano"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(b.String(), "English") {
		t.Errorf("not all of the profile is in Italian:\n%s", b.String())
	}
}

// A run that passes has nothing wrong, and what is only recommended deserves a
// look.
func TestPassHasNothingWrong(t *testing.T) {
	for level, wrong := range map[result.Level]bool{result.Required: true, result.Recommended: false} {
		r := halfFiltered()
		r.Checks[2].Level = level
		diagnosis.Diagnose(r, "en")
		r.Summary, r.Verdict = diagnosis.Judge(r)
		var b bytes.Buffer
		if err := report.Terminal(&b, r, report.Options{Width: 80}); err != nil {
			t.Fatal(err)
		}
		text := strings.ToLower(b.String())
		if strings.Contains(text, "what is wrong") != wrong || strings.Contains(text, "worth a look") == wrong {
			t.Errorf("%s:\n%s", level, b.String())
		}
		if !strings.Contains(text, "the firewall rule to ask for") {
			t.Errorf("%s: no rule", level)
		}
	}
}

// What works, with a warning, stops nothing; nor does a clear-text login that
// was seen on the way to a failure.
func TestConsequenceIsSaidOfFailuresAlone(t *testing.T) {
	for name, tt := range map[string]struct {
		verdict result.Verdict
		code    result.Code
		want    bool
	}{
		"failure":               {result.Fail, result.TCPClosed, true},
		"inconclusive":          {result.Inconclusive, result.TCPClosed, true},
		"warning":               {result.Warn, result.TCPClosed, false},
		"clear text of failure": {result.Fail, result.FTPClearText, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := mixed()
			r.Checks = r.Checks[:1]
			c := &r.Checks[0]
			c.Verdict, c.Findings = tt.verdict, []string{"f1"}
			c.Spec.Consequence = result.Text{"en": "Nothing can be sold."}
			r.Findings = []result.Finding{{ID: "f1", Code: tt.code, Summary: "Something was seen", Checks: []string{c.ID}}}
			var b bytes.Buffer
			if err := report.Terminal(&b, r, report.Options{Width: 80}); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(b.String(), "Nothing can be sold."); got != tt.want {
				t.Errorf("says the consequence: %t, want %t\n%s", got, tt.want, b.String())
			}
		})
	}
}

// With a role's checks elsewhere, the command that runs them can be copied: it
// has the flags that were given, and a shell leaves its words whole.
func TestElsewhereCommandIsQuoted(t *testing.T) {
	for name, test := range map[string]struct {
		ref  string
		args []string
		want string
	}{
		"plain":             {"shop.yaml", []string{"--site", "shops/42.yaml", "--set", "a=b"}, `netcheck run shop.yaml --role device --site shops/42.yaml --set a=b`},
		"spaces":            {"my shop.yaml", []string{"--set", "note=it's here"}, `netcheck run "my shop.yaml" --role device --set "note=it's here"`},
		"a list":            {"shop.yaml", []string{"--set", "tills=a,b"}, `netcheck run shop.yaml --role device --set "tills=a,b"`},
		"no value":          {"shop.yaml", []string{"--set", "a="}, `netcheck run shop.yaml --role device --set a=`},
		"what a shell runs": {`My $(shop) "profile".yaml`, nil, `netcheck run 'My $(shop) "profile".yaml' --role device`},
		"both quotes":       {`a'"; $(b)` + "`c`" + `.yaml`, nil, `netcheck run "a'; (b)c.yaml" --role device`},
		"a folder":          {`my shop\`, nil, `netcheck run 'my shop\' --role device`},
	} {
		t.Run(name, func(t *testing.T) {
			r := healthy()
			r.Profile.Ref, r.Profile.Args = test.ref, test.args
			var b bytes.Buffer
			if err := report.Terminal(&b, diagnosed(r), report.Options{Width: 100}); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(b.String(), test.want+"\n") {
				t.Errorf("no %s in\n%s", test.want, b.String())
			}
		})
	}
}

// The id of a for_each's item stands in a line once.
func TestItemsAreNamedOnce(t *testing.T) {
	for name, test := range map[string]struct{ title, want string }{
		"in the title":         {"Till till2 can be reached", "Till till2 can be reached\n"},
		"not in it":            {"The till can be reached", "The till can be reached (till2)\n"},
		"in a longer word":     {"Till till20 can be reached", "Till till20 can be reached (till2)\n"},
		"in a longer and once": {"till20 or till2", "till20 or till2\n"},
		"no title":             {"", "reach[till2]\n"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &result.Report{Schema: 1, Verdict: result.Pass, Checks: []result.Check{{
				ID: "reach[till2]", Group: "reach", Kind: "tcp", Level: result.Required, Verdict: result.Pass, Title: test.title, Spec: result.Spec{Title: result.Text{"": test.title}},
			}}}
			var b bytes.Buffer
			if err := report.Terminal(&b, r, report.Options{Width: 80, Unicode: true}); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(b.String(), "✓ "+test.want) {
				t.Errorf("no line %q in\n%s", test.want, b.String())
			}
		})
	}
}

// A line for a whole for_each is about none of its items in particular.
func TestFoldedItemsAreNotNamed(t *testing.T) {
	r := &result.Report{Schema: 1, Verdict: result.Pass}
	for _, item := range []string{"till1", "till2", "till3", "till4"} {
		for _, v := range []result.Verdict{result.Pass, result.Elsewhere} {
			group := "reach-" + string(v)
			r.Checks = append(r.Checks, result.Check{
				ID: group + "[" + item + "]", Group: group, Kind: "tcp", Level: result.Required, Verdict: v,
				Spec: result.Spec{From: []string{"server"}, Title: result.Text{"": "Till " + item + " can be reached"}},
			})
		}
	}
	var b bytes.Buffer
	if err := report.Terminal(&b, r, report.Options{Width: 80, Unicode: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"✓ Till … can be reached  4 of 4\n", "server: Till … can be reached\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// harmless holds that a text can do nothing but be read.
func harmless(t *testing.T, s string) {
	t.Helper()
	for _, r := range sgr.ReplaceAllString(s, "") {
		if r != '\n' && (unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)) {
			t.Fatalf("%q gets through in %q", r, s)
		}
	}
	if !utf8.ValidString(s) {
		t.Fatalf("not UTF-8: %q", s)
	}
}

func FuzzHostileTexts(f *testing.F) {
	for _, s := range []string{
		"", "plain", "\x1b[2J\x1b]0;title\x07", "\x1bP1;2|\x1b\\", "a\u202eb\u2066c", "\u009b31m", "\xff\xfe", "line\nline\r\n\ttab", "\x7f\b\b", "é漢字👩‍👩‍👧", "{{.Host}} %s %n", strings.Repeat("x", 500), "\u2028\u2029\u200f",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, evil string) {
		r := diagnosed(hostile(evil))
		for _, o := range readers {
			var b bytes.Buffer
			if err := report.Terminal(&b, r, o); err != nil {
				t.Fatal(err)
			}
			if o.Color == report.ColorNone && strings.Contains(b.String(), "\x1b") {
				t.Fatal("an escape without colour")
			}
			harmless(t, b.String())
			if !o.Unicode {
				for _, c := range b.String() {
					if c > unicode.MaxASCII {
						t.Fatalf("%q on a console that has ASCII only", c)
					}
				}
			}
		}
		var b bytes.Buffer
		if err := report.JSON(&b, r, report.Options{}); err != nil {
			t.Fatal(err)
		}
		harmless(t, b.String())
	})
}

func BenchmarkFormats(b *testing.B) {
	r := diagnosed(thousand())
	for _, f := range report.Formats() {
		b.Run(f.Name, func(b *testing.B) {
			for b.Loop() {
				if err := f.Write(io.Discard, r, report.Options{Width: 80, Color: report.Color256, Unicode: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDiagnose(b *testing.B) {
	r := thousand()
	for b.Loop() {
		diagnosed(r)
	}
}

// Every check with a fault of its own is the most that there can be to say.
func BenchmarkDiagnoseFaults(b *testing.B) {
	r := thousand()
	for i := range r.Checks {
		c := &r.Checks[i]
		c.Verdict, c.Kind = result.Fail, "dns"
		c.Results = []result.Result{{Address: "192.168.1.1", Proto: "udp", Ports: "53", State: result.Open, Failure: result.FailNXDomain}}
		c.Steps = []result.Step{{Op: result.OpQuery, Failure: result.FailNXDomain, Facts: result.Facts{"server.address": "192.168.1.1", "dns.question.name": c.ID + ".example"}}}
	}
	for b.Loop() {
		diagnosed(r)
	}
}

// thousand is a thousand different checks, every tenth of which failed.
func thousand() *result.Report {
	r := crowd()
	r.Checks = r.Checks[:1000]
	for i := range r.Checks {
		c := &r.Checks[i]
		c.ID = strings.NewReplacer("[", "-", "]", "").Replace(c.ID)
		c.Group, c.Spec.Tolerate = c.ID, ""
		if i%10 == 3 {
			c.Verdict = result.Fail
			c.Results[0].State, c.Results[0].Failure = result.Filtered, result.FailConnectTimeout
		}
	}
	return r
}
