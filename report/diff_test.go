package report_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"netcheck/report"
	"netcheck/report/diagnosis"
	"netcheck/report/i18n"
	"netcheck/report/result"
)

// mended is what mixed became after some work on the firewall and the printer,
// on another line.
func mended() *result.Report {
	r := mixed()
	r.Started = r.Started.AddDate(0, 0, 1)
	r.Profile.Revision, r.Profile.SHA256 = "2026-11-22", strings.Repeat("cd", 32)
	r.Params = map[string]any{"till": "till-2"}
	r.Machines[0].Gateway, r.Machines[0].Resolvers = "192.168.1.254", nil
	for i := range r.Checks {
		c := &r.Checks[i]
		switch c.ID {
		case "shop-name":
			c.Verdict, c.Steps = result.Pass, nil
			c.Results = []result.Result{{Address: "192.168.1.1", Proto: "udp", Ports: "53", State: result.Open}}
		case "shop":
			c.Verdict, c.Reason, c.Detail = result.Fail, "", ""
			c.Results = []result.Result{{
				Host: "shop.vendor.example", Address: "198.51.100.51", Proto: "tcp", Ports: "443", State: result.Filtered, Failure: result.FailConnectTimeout,
				Evidence: &result.Evidence{Attempts: 3, Waited: ms(3000)},
			}}
		case "edi":
			c.Results[0].Evidence.ICMP.From, c.Results[0].Evidence.ICMP.TTL = "203.0.113.9", 60
		case "license":
			c.Verdict, c.Reason = result.Skip, result.BecauseSelection
		case "discovery":
			c.Level = result.Required
		}
	}
	r.Checks = append(r.Checks, result.Check{ID: "added", Group: "added", Machine: "m1", Kind: "tcp", Level: result.Required, Title: "A new check", Target: "192.168.1.9:80", Verdict: result.Pass})
	return r
}

func compared(t testing.TB, before, after *result.Report, lang string) *result.Comparison {
	t.Helper()
	diagnosis.Diagnose(before, lang)
	diagnosis.Diagnose(after, lang)
	c, err := result.Compare(result.Named{Name: "before.json", Report: before}, result.Named{Name: "after.json", Report: after})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDiffFormats(t *testing.T) {
	merged := joined()
	merged.Checks[0].Verdict, merged.Checks[0].Results = result.Pass, one("comms.vendor.example", "198.51.100.50", "443", 20)
	cut := mixed()
	cut.Complete, cut.Lost = false, &result.Lost{Cut: 12345}
	for name, two := range map[string][2]*result.Report{
		"mended": {mixed(), mended()}, "same": {mixed(), mixed()}, "merged": {joined(), merged}, "one-of-two": {joined(), serverRun()}, "cut": {mixed(), cut},
	} {
		for _, lang := range i18n.Languages() {
			if lang != "en" && name != "mended" {
				continue
			}
			c := compared(t, two[0], two[1], lang)
			for _, f := range report.DiffFormats() {
				var b bytes.Buffer
				if err := f.Write(&b, c, report.Options{Unicode: true, Lang: lang}); err != nil {
					t.Fatal(err)
				}
				if lang == "en" {
					golden(t, filepath.Join("testdata", "diff", name+f.Ext[0]), b.Bytes())
				}
				if s := b.String(); strings.Contains(s, "diff.") || strings.Contains(s, "change.") || strings.Contains(s, "fact.") || strings.Contains(s, "<no value>") || f.Name == "json" && !json.Valid(b.Bytes()) {
					t.Errorf("%s as %s: %s", name, f.Name, s)
				}
			}
			var b bytes.Buffer
			if err := report.DiffTerminal(&b, c, report.Options{Width: 40, Lang: lang}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.SplitSeq(b.String(), "\n") {
				if len(line) > 40 || !isASCII(line) {
					t.Errorf("%s in %s: %q", name, lang, line)
				}
			}
		}
	}
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > '~' }) < 0
}

// What a server says reaches nobody's terminal, and is no Markdown of ours.
func FuzzDiff(f *testing.F) {
	for _, s := range []string{"plain", "\x1b[2J", "[a](http://evil.example)", "<img src=x>", "@all `code` **b** | www.evil.example", "![x](y)", "- x\n# y", "\\[x](y)", "a\u202eb", "1. x"} {
		f.Add(s)
	}
	live := regexp.MustCompile("(^|[^\\\\])(\\\\\\\\)*[<\\[`@|]")
	f.Fuzz(func(t *testing.T, evil string) {
		before, after := hostile("harmless"), hostile(evil)
		for i := range after.Checks { // some of which are called alike
			before.Checks[i].ID += string(rune('a' + i))
			after.Checks[i].ID += string(rune('a' + i))
		}
		after.Machines[0].Gateway, after.Machines[0].OS = evil, evil
		after.Params, after.Profile.Role = map[string]any{evil: evil}, "harmless"
		c := compared(t, before, after, "en")
		for i := range c.Changes {
			c.Changes[i].Failing = []string{evil}
		}
		for _, format := range report.DiffFormats() {
			var b bytes.Buffer
			if err := format.Write(&b, c, report.Options{}); err != nil {
				t.Fatal(err)
			}
			harmless(t, b.String())
			if format.Name != "markdown" {
				continue
			}
			for line := range strings.Lines(b.String()) {
				if live.MatchString(line) {
					t.Fatalf("it is live: %q", line)
				}
			}
		}
	})
}
