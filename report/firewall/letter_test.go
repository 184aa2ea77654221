package firewall_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netcheck/report"
	"netcheck/report/firewall"
	"netcheck/report/i18n"
	"netcheck/report/result"
)

var update = flag.Bool("update", false, "write the golden files anew")

// read reads a report of the laboratory, with its findings as they were worded.
func read(t *testing.T, name string) *result.Report {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := report.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// write writes what a report gives reason to ask for.
func write(t *testing.T, f firewall.Format, l *firewall.Letter, lang string) string {
	t.Helper()
	var b bytes.Buffer
	o := report.Options{Unicode: true, Lang: lang}
	err := error(nil)
	if f.Letter != nil {
		err = f.Letter(&b, l, o)
	} else {
		err = f.Sheet(&b, l.Rules(), o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestLetters holds the letters of the laboratory's reports, and their rules in
// the other formats, against golden files.
func TestLetters(t *testing.T) {
	for _, name := range []string{"reject-gateway-admin", "ftp-data-rejected", "drop-no-control", "roles-inner-rule", "inbound-provider-drops"} {
		t.Run(name, func(t *testing.T) {
			l := firewall.Ask(read(t, name), "")
			for _, f := range firewall.Formats() {
				if f.Letter == nil && name != "reject-gateway-admin" && name != "inbound-provider-drops" {
					continue
				}
				file := filepath.Join("testdata", name+f.Ext[0])
				got := write(t, f, l, "en")
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(string(want), got); d != "" {
					t.Errorf("%s: -want +got\n%s", file, d)
				}
			}
		})
	}
}

// TestLetterInEveryLanguage looks for what must be in a letter whatever the
// language, and for what is English in the others.
func TestLetterInEveryLanguage(t *testing.T) {
	l := firewall.Ask(read(t, "ftp-data-rejected"), "")
	for _, lang := range i18n.Languages() {
		got := write(t, firewall.Formats()[0], l, lang)
		for _, want := range []string{"ftp.contoso.example", "40007-40056", "203.0.113.1", "07:57 UTC", "TCP 21"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %s:\n%s", lang, want, got)
			}
		}
		for _, word := range []string{"Please", "Hello", "regards", "How ", "When:"} {
			if strings.Contains(got, word) != (lang == "en") {
				t.Errorf("%s: %q", lang, word)
			}
		}
	}
}

// A report that shows nothing held up asks for nothing, and says what that does
// not mean.
func TestLetterOfNothing(t *testing.T) {
	r := read(t, "reject-gateway-admin")
	r.Findings[0].Request = nil
	got := write(t, firewall.Formats()[0], firewall.Ask(r, ""), "en")
	if !strings.Contains(got, "nothing to ask of the firewall") || !strings.Contains(got, "1 check failed for another reason") {
		t.Error(got)
	}
}

// Of a report that is not whole nobody knows what else is held up, and nothing is
// made up for what it lacks.
func TestLetterOfAPart(t *testing.T) {
	const asked, silent = "asked", "silent"
	for name, asks := range map[string]bool{asked: true, silent: false} {
		r := read(t, "reject-gateway-admin")
		r.Lost, r.Started, r.Profile, r.Tool = &result.Lost{Cut: 2144}, time.Time{}, result.Profile{}, result.Tool{}
		if name == silent {
			r.Findings = nil
		}
		l := firewall.Ask(r, "")
		if !l.Part || len(l.Points) > 0 != asks {
			t.Fatalf("part %v, %d points", l.Part, len(l.Points))
		}
		for _, lang := range i18n.Languages() {
			for _, f := range firewall.Formats() {
				got := write(t, f, l, lang)
				for _, made := range []string{"0001", "netcheck .", "netcheck  ", "()", " .\n", "profile ", "is at hand", "saw nothing"} {
					if strings.Contains(got, made) {
						t.Errorf("%s, %s in %s: %q in\n%s", name, f.Name, lang, made, got)
					}
				}
				if lang == "en" && f.Name != "csv" && !strings.Contains(strings.Join(strings.Fields(got), " "), "report") {
					t.Errorf("%s, %s does not say that it is a part:\n%s", name, f.Name, got)
				}
			}
		}
		want := "The report that this is taken from is not whole"
		if !asks {
			want = "A product without a name: what to ask of the firewall is not known"
		}
		if got := write(t, firewall.Formats()[0], l, "en"); !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if !firewall.Ask(&result.Report{Verdict: result.Pass}, "").Part {
		t.Error("a report without a check is taken for a whole one")
	}
}

// What is no more than a hint is asked for as one, and no format makes a command
// of it.
func TestLetterOfAHint(t *testing.T) {
	r := read(t, "reject-gateway-admin")
	sure := write(t, firewall.Formats()[0], firewall.Ask(r, ""), "en")
	if !strings.Contains(sure, "is held up") || strings.Contains(sure, "may be held up") {
		t.Fatal(sure)
	}
	for i := range r.Findings {
		r.Findings[i].Confidence = result.Hint
	}
	l := firewall.Ask(r, "")
	for _, f := range firewall.Formats() {
		got := strings.Join(strings.Fields(write(t, f, l, "en")), " ")
		for _, claim := range []string{"is held up", "was seen to be held up", "} accept", "advfirewall firewall add", "New-NetFirewallRule", "pass quick", "1,allow"} {
			if strings.Contains(got, claim) {
				t.Errorf("%s: %q in\n%s", f.Name, claim, got)
			}
		}
		if !strings.Contains(got, "ee first whether the firewall blocks it") {
			t.Errorf("%s does not say that it is a hint:\n%s", f.Name, got)
		}
	}
	if got := write(t, firewall.Formats()[0], l, "en"); !strings.Contains(got, "may be held up") {
		t.Error(got)
	}
	// A host that may be off is nothing that a firewall is known to stop.
	for confidence, want := range map[result.Confidence]bool{result.Certain: false, result.Likely: true} {
		r.Findings[0].Confidence, r.Findings[0].NotExcluded = confidence, []result.Code{result.HostDown}
		if got := firewall.Ask(r, "").Points[0].Rule.Unsure; got != want {
			t.Errorf("%s, where the host may be off: unsure %v", confidence, got)
		}
	}
}

// What found another way, or is known to be harmless, asks for nothing.
func TestLetterLeavesOutWhatPassed(t *testing.T) {
	for _, v := range []result.Verdict{result.Pass, result.Warn} {
		r := read(t, "reject-gateway-admin")
		for i := range r.Checks {
			r.Checks[i].Verdict = v
		}
		if l := firewall.Ask(r, ""); len(l.Points) > 0 {
			t.Errorf("%s asks for %d", v, len(l.Points))
		}
	}
}

// Of a merged report one machine's part can be asked for alone.
func TestLetterOfOneMachine(t *testing.T) {
	r := read(t, "roles-inner-rule")
	if n := len(firewall.Ask(r, "erp-server").Points); n != 1 {
		t.Errorf("%d points, not 1", n)
	}
	if n := len(firewall.Ask(r, "wan-gateway").Points); n != 0 {
		t.Errorf("%d points of a machine that has none", n)
	}
}

// attack is what no format may pass on as it is.
const attack = "\x1b[2J\u202e\x07`$(id)` %PATH% \"'; | & <script>alert(1)</script> [a](javascript:b) @all\r\nflush ruleset\u2028=1+1 \x00"

// poison puts an attack into every text of a report.
func poison(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			switch k {
			case "schema", "started", "verdict", "confidence", "id", "findings", "checks", "machine", "code", "level", "state", "proto", "action", "ports":
				if k == "checks" || k == "findings" {
					if list, ok := e.([]any); ok && len(list) > 0 {
						if _, isText := list[0].(string); !isText {
							e = poison(e)
						}
					}
				}
				out[k] = e
			default:
				out[k] = poison(e)
			}
		}
		return out
	case []any:
		for i := range v {
			v[i] = poison(v[i])
		}
		return v
	case string:
		return v + attack
	}
	return v
}

func TestLetterOfAHostileReport(t *testing.T) {
	data, err := os.ReadFile("testdata/reject-gateway-admin.json")
	if err != nil {
		t.Fatal(err)
	}
	var all any
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if data, err = json.Marshal(poison(all)); err != nil {
		t.Fatal(err)
	}
	var r result.Report
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	l := firewall.Ask(&r, "")
	if len(l.Points) != 1 {
		t.Fatalf("%d points", len(l.Points))
	}
	for _, f := range firewall.Formats() {
		got := write(t, f, l, "en")
		for _, c := range got {
			if c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == '\u202e' || c == '\u2028' || c == 0x7f {
				t.Errorf("%s passes %q on", f.Name, c)
			}
		}
		var never []string
		switch f.Name {
		case "html":
			never = []string{"<script", `href="javascript`}
		case "markdown":
			never = []string{" <script", "[a](", " `$", "@all"}
		case "nftables", "netsh", "powershell", "pf":
			never = []string{"$", "`", "%", "&", "|"}
			if slices.ContainsFunc(strings.Split(got, "\n"), func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), "flush") }) {
				t.Errorf("%s has a line of the report's:\n%s", f.Name, got)
			}
		}
		for _, n := range never {
			if strings.Contains(got, n) {
				t.Errorf("%s has %q:\n%s", f.Name, n, got)
			}
		}
	}
}

// FuzzLetter reads reports that were in other hands: no format fails on one.
func FuzzLetter(f *testing.F) {
	for _, name := range []string{"reject-gateway-admin", "drop-no-control", "inbound-provider-drops"} {
		data, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := report.Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		l := firewall.Ask(r, "")
		for _, format := range firewall.Formats() {
			write(t, format, l, r.Lang)
		}
	})
}
