package report_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netcheck/report"
	"netcheck/report/diagnosis"
	"netcheck/report/i18n"
	"netcheck/report/result"
)

// Wherever a file breaks off, what comes before is read, whole checks are as they
// were, and the run does not pass for want of what is missing.
func TestReadOfWhatIsCutShort(t *testing.T) {
	for name, of := range map[string]func() *result.Report{"healthy": healthy, "mixed": mixed, "merged": joined, "swept": swept} {
		t.Run(name, func(t *testing.T) {
			whole := diagnosed(of())
			text := asJSON(t, whole)
			most := 0
			step := max(1, len(text)/500) | 1 // at some hundred places, in all sorts of tokens
			for n := 0; n < len(text)-2; n += step {
				r, err := report.Read(bytes.NewReader(text[:n]))
				if err != nil {
					if most > 0 {
						t.Fatalf("of %d bytes nothing is read: %v", n, err)
					}
					continue
				}
				if len(r.Checks) < most || len(r.Checks) > len(whole.Checks) || r.Lost == nil || r.Lost.Cut != int64(n) || r.Complete {
					t.Fatalf("of %d bytes %d checks are read, of fewer %d; lost %+v", n, len(r.Checks), most, r.Lost)
				}
				most = len(r.Checks)
				for i := range most - 1 {
					was := whole.Checks[i]
					was.Observed = ""
					if diff := cmp.Diff(asWritten(t, was), asWritten(t, r.Checks[i])); diff != "" {
						t.Fatalf("of %d bytes: %s", n, diff)
					}
				}
				if n/step%125 == 0 {
					verdictOfWhatIsLost(t, r, whole.Verdict)
				}
			}
			if most != len(whole.Checks) {
				t.Errorf("%d checks of %d", most, len(whole.Checks))
			}
		})
	}
}

// verdictOfWhatIsLost holds that a report that is not whole says so, and does not
// pass, in each language and however often it is saved.
func verdictOfWhatIsLost(t *testing.T, r *result.Report, said result.Verdict) {
	t.Helper()
	for _, lang := range i18n.Languages() {
		diagnosis.Diagnose(r, lang)
		if r.Verdict != result.Fail && r.Verdict != result.Inconclusive || said == result.Fail && r.Verdict != result.Fail {
			t.Fatalf("the verdict is %q, and was %q", r.Verdict, said)
		}
		for _, f := range report.Formats() {
			if err := f.Write(io.Discard, r, report.Options{Lang: lang, Unicode: true}); err != nil {
				t.Fatal(err)
			}
		}
		var b bytes.Buffer
		if err := report.Terminal(&b, r, report.Options{Lang: lang, Unicode: true, Width: 500}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(strings.Fields(b.String()), " "), i18n.T(lang, "lost.so", nil)) {
			t.Fatalf("nothing says that it is not whole: %s", b.String())
		}
	}
	again, err := report.Read(bytes.NewReader(asJSON(t, r)))
	if err != nil {
		t.Fatal(err)
	}
	if diagnosed(again); again.Verdict != r.Verdict {
		t.Fatalf("%q, and saved again %q", r.Verdict, again.Verdict)
	}
}

// asWritten is a check without what a diagnosis makes anew.
func asWritten(t *testing.T, c result.Check) string {
	t.Helper()
	return string(asJSON(t, &result.Report{Checks: []result.Check{c}}))
}

// What is not built as it should be costs the check that it stands in, and no other.
func TestReadOfWhatIsDamaged(t *testing.T) {
	base := string(asJSON(t, diagnosed(mixed())))
	all := len(mixed().Checks)
	for _, c := range []struct {
		name, old, by string
		lost          string // what of it is noted; "" for nothing
		gone          int    // checks of which not even a name is left
		without       string // the check that has lost its evidence
	}{
		{"a step's time", `"op": "query"`, `"op": "query", "duration_ms": "long"`, "checks[0]", 0, "shop-name"},
		{"a result that is none", `"state": "rejected"`, `"state": ["rejected"]`, "checks[3]", 0, "printer"},
		{"a check without a name", `"id": "printer"`, `"id": 7`, "checks[3]", 1, ""},
		{"the machine's addresses", `"addresses": [`, `"addresses": 5, "x": [`, "machines[0].addresses", 0, ""},
		{"the start", `"started": "2026`, `"started": "the year 2026`, "started", 0, ""},
		{"the product's title", `"title": {`, `"title": 3, "x": {`, "profile.title", 0, ""},
		{"the list of follow-ups", "\n  \"findings\": [", `"followups": "none", "findings": [`, "followups", 0, ""},
		{"a follow-up", "\n  \"findings\": [", `"followups": [{"name": "sweep"}, {"steps": 1}], "findings": [`, "followups[1]", 0, ""},
		{"findings of another make", "\n  \"findings\": [", `"started": "x", "findings": {"a": 1}, "y": [`, "started", 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			damaged := strings.Replace(base, c.old, c.by, 1)
			if damaged == base {
				t.Fatalf("%s is nowhere", c.old)
			}
			r, err := report.Read(strings.NewReader(damaged))
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Checks) != all-c.gone || r.Lost == nil || strings.Join(r.Lost.Unread, " ") != c.lost || r.Lost.Cut > 0 {
				t.Fatalf("%d checks, lost %+v", len(r.Checks), r.Lost)
			}
			for _, check := range r.Checks {
				if check.ID == c.without && (check.Steps != nil || check.Results != nil || check.Verdict != result.Fail || check.Title == "" || check.Reason != result.BecauseUnread) {
					t.Errorf("%+v", check)
				}
			}
			verdictOfWhatIsLost(t, r, result.Fail)
		})
	}
}

// A newer netcheck's report is shown as far as it is known, with its words.
func TestReadOfANewerFormat(t *testing.T) {
	text := `{"schema": 2, "tool": {"name": "netcheck", "version": "9.0"}, "profile": {"id": "shop", "sha256": "x", "shape": "new"}, "verdict": "pass",
		"summary": {"pass": 3}, "machines": [{"id": "m1", "quantum": true}], "checks": [
		{"id": "a", "machine": "m1", "kind": "quic", "level": "required", "verdict": "pass", "entangled": 1},
		{"id": "b", "machine": "m1", "kind": "tcp", "level": "vital", "verdict": "undecided", "results": [{"host": "h", "ports": "1", "state": "halfway"}]},
		{"id": "c", "machine": "m1", "kind": "tcp", "level": "required", "verdict": "pass", "steps": {"shape": "new"}}]}`
	r, err := report.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&result.Lost{Schema: 2, Checks: 3, Unread: []string{"checks[2]"}}, r.Lost); diff != "" {
		t.Error(diff)
	}
	verdictOfWhatIsLost(t, r, result.Pass)
	var b bytes.Buffer
	if err := report.Terminal(&b, diagnosed(r), report.Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/terminal/newer.txt", b.Bytes())
	if r.Verdict != result.Inconclusive || r.Checks[1].Verdict != "undecided" || r.Checks[1].Results[0].State != "halfway" {
		t.Errorf("%+v", r)
	}
}

// A verdict that this netcheck does not know is none that it takes for a pass.
func TestUnknownVerdictIsNoPass(t *testing.T) {
	r, err := report.Read(strings.NewReader(`{"schema": 1, "machines": [{"id": "m1"}], "checks": [{"id": "a", "machine": "m1", "kind": "tcp", "level": "vital", "verdict": "undecided"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if diagnosed(r); r.Verdict != result.Inconclusive || r.Lost != nil {
		t.Errorf("%q, lost %+v", r.Verdict, r.Lost)
	}
}

// Mail packs, disks run full, and a machine that lost its power leaves zeros.
func TestReadOfWhatWasPacked(t *testing.T) {
	text := asJSON(t, diagnosed(mixed()))
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		lost bool
	}{
		"packed":                       {packed.Bytes(), false},
		"packed, and cut short":        {packed.Bytes()[:packed.Len()-packed.Len()/4], true},
		"zeros behind the end":         {append(bytes.Clone(text), make([]byte, 100)...), false},
		"zeros in place of the second": {append(bytes.Clone(text[:len(text)/2]), make([]byte, len(text)/2)...), true},
	} {
		r, err := report.Read(bytes.NewReader(c.data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if (r.Lost != nil) != c.lost || len(r.Checks) == 0 {
			t.Errorf("%s: lost %+v", name, r.Lost)
		}
	}
}

// What is lost of one machine's run is lost of the whole.
func TestMergeKeepsWhatWasLost(t *testing.T) {
	text := asJSON(t, diagnosed(edgeRun()))
	cut, err := report.Read(bytes.NewReader(text[:len(text)*3/4]))
	if err != nil {
		t.Fatal(err)
	}
	m, err := result.Merge(result.Named{Name: "server", Report: serverRun()}, result.Named{Name: "edge", Report: cut})
	if err != nil {
		t.Fatal(err)
	}
	again, err := result.Merge(result.Named{Name: "merged", Report: m.Report}, result.Named{Name: "server", Report: serverRun()})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*result.Report{m.Report, again.Report} {
		if diff := cmp.Diff(&result.Lost{Unread: []string{"machines[1].run"}}, r.Lost); diff != "" || r.Machines[0].Run.Lost != nil || r.Machines[1].Run.Lost == nil {
			t.Errorf("%s%+v", diff, r.Machines[1].Run)
		}
	}
}
