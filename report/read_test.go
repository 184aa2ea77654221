package report_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"netcheck/report"
	"netcheck/report/diagnosis"
	"netcheck/report/result"
)

// A report that was saved and read is the same, to the byte.
func TestReadGivesWhatJSONWrote(t *testing.T) {
	for name, r := range samples() {
		t.Run(name, func(t *testing.T) {
			first := asJSON(t, diagnosed(r))
			back, err := report.Read(bytes.NewReader(first))
			if err != nil {
				t.Fatal(err)
			}
			diagnosis.Diagnose(back, "en")
			if diff := cmp.Diff(string(first), string(asJSON(t, back))); diff != "" {
				t.Errorf("-wrote +read\n%s", diff)
			}
		})
	}
}

// TestReadAsWindowsSaves: PowerShell 5 writes what > sends to a file in UTF-16,
// other programs a mark before UTF-8.
func TestReadAsWindowsSaves(t *testing.T) {
	text := string(asJSON(t, diagnosed(mixed())))
	wide := func(order binary.AppendByteOrder) string {
		b := order.AppendUint16(nil, 0xfeff)
		for _, u := range utf16.Encode([]rune(text)) {
			b = order.AppendUint16(b, u)
		}
		return string(b)
	}
	for name, saved := range map[string]string{
		"UTF-8 with a mark": "\ufeff" + text, "UTF-16": wide(binary.LittleEndian), "UTF-16, the other way": wide(binary.BigEndian),
		"UTF-16 without a mark": wide(binary.LittleEndian)[2:], "UTF-16, the other way, without a mark": wide(binary.BigEndian)[2:],
	} {
		back, err := report.Read(strings.NewReader(saved))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(text, string(asJSON(t, diagnosed(back)))); diff != "" {
			t.Errorf("%s: -wrote +read\n%s", name, diff)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	whole := string(asJSON(t, diagnosed(mixed())))
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "the report is empty"},
		{"blank", " \n", "the report is empty"},
		{"the head of a report", whole[:strings.Index(whole, `"checks"`)], "cut short before its first check (at byte"},
		{"a page", "\n<!DOCTYPE html>", "this is an HTML page: a report that netcheck can read again is what --output FILE.json writes"},
		{"a JUnit report", `<?xml version="1.0"?>`, "this is XML, such as a JUnit report"},
		{"an archive", "PK\x03\x04\x14\x00", "this is an archive, such as ZIP"},
		{"a print", "%PDF-1.7\n", "this is a PDF document"},
		{"a picture", "\x89PNG\r\n", "this is a picture"},
		{"a mail", "Received: from x\r\n", "this is a mail: save the .json file that came with it"},
		{"a message of Outlook", "\xd0\xcf\x11\xe0\xa1", "this is a message of Outlook"},
		{"a profile", "# the shop\nnetcheck: 1\nid: shop\n", "this is a profile, which says what to check: to run it, netcheck run FILE"},
		{"text", "FAIL: Example till\n", "the report is not JSON: a report that netcheck can read again"},
		{"a packed file that is damaged", "\x1f\x8b\x08", "the file is packed by gzip, and damaged"},
		{"other JSON", `{"name": "x"}`, `this is not a netcheck report: it has no "schema"`},
		{"a list", `[1]`, "this is not a netcheck report: that is an object, and this is a JSON array"},
		{"a wrong type", strings.Replace(whole, `"checks": [`, `"checks": 7, "x": [`, 1), `the report is damaged: number at byte`},
		{"a time that is none", `{"schema": 1, "started": "yesterday"}`, `the report is damaged: "yesterday" is not a time`},
		{"something behind it", whole + "{}", "the file goes on behind the report's end (at byte "},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := report.Read(strings.NewReader(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

func TestReadOfAnotherFormatSaysWhatItCan(t *testing.T) {
	_, err := report.Read(strings.NewReader(`{"schema": 2, "tool": {"name": "netcheck", "version": "9.0\u001b[2J"}, "verdict": "fail", "checks": {"shape": "new"}}`))
	e, ok := errors.AsType[*report.SchemaError](err)
	if !ok {
		t.Fatal(err)
	}
	const want = "the report has format 2, and this netcheck reads format 1; it was written by netcheck 9.0\n" +
		`all that can be read of it is the verdict, "fail": its checks and findings need that netcheck or a newer one`
	if e.Error() != want {
		t.Errorf("%s\nwant\n%s", e, want)
	}
}

func TestReadIsBounded(t *testing.T) {
	if _, err := report.Read(endless{}); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Error(err)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// Steps whose parents point nowhere, or in a circle, do no harm.
func TestReadMendsParents(t *testing.T) {
	r, err := report.Read(strings.NewReader(`{"schema": 1, "checks": [{"id": "a", "verdict": "fail", "kind": "tcp", "steps": [
		{"op": "connect", "parent": 0}, {"op": "connect", "parent": 2, "failure": "refused"}, {"op": "connect", "parent": 1, "failure": "refused"}, {"op": "x", "parent": -4}]}],
		"followups": [{"name": "sweep", "steps": [{"op": "sweep", "parent": 0}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, false, true, false} {
		if got := r.Checks[0].Steps[i].Parent != nil; got != want {
			t.Errorf("step %d has a parent: %v", i, got)
		}
	}
	if r.Followups[0].Steps[0].Parent != nil {
		t.Error("a follow-up's step is its own parent")
	}
	diagnosed(r)
	var b bytes.Buffer
	if err := report.Terminal(&b, r, report.Options{Verbose: true}); err != nil {
		t.Fatal(err)
	}
}

// Whatever a file holds, it is refused, or can be diagnosed, shown and saved.
func FuzzRead(f *testing.F) {
	for _, r := range samples() {
		if len(r.Checks) < 100 {
			f.Add(asJSON(f, diagnosed(r)))
		}
	}
	whole := asJSON(f, diagnosed(swept()))
	for _, n := range []int{len(whole) / 5, len(whole) / 3, len(whole) / 2, len(whole) - 3} {
		f.Add(whole[:n])
	}
	f.Add([]byte(`{"schema":7,"verdict":"fail","machines":[1,{"id":2}],"profile":{"title":3},"checks":[{"id":"a","level":"x","verdict":"y"},{"id":"b","steps":4},5`))
	f.Add([]byte(`{"schema":1,"checks":[{"results":[{"ports":"9-1,x","evidence":{"icmp":{}}}],"steps":[{"facts":{"a":{"b":[1,null]}}}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := report.Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		diagnosis.Diagnose(r, "en")
		for _, o := range readers {
			var b bytes.Buffer
			if err := report.Terminal(&b, r, o); err != nil {
				t.Fatal(err)
			}
			harmless(t, b.String())
		}
		for _, format := range report.Formats() {
			if err := format.Write(io.Discard, r, report.Options{Verbose: true, Strict: true}); err != nil {
				t.Fatal(err)
			}
		}
		if r.Lost != nil && r.Verdict != result.Fail && r.Verdict != result.Inconclusive {
			t.Fatalf("a report that is not whole gives %q", r.Verdict)
		}
		saved := asJSON(t, r)
		harmless(t, string(saved))
		again, err := report.Read(bytes.NewReader(saved))
		if err != nil {
			t.Fatalf("what was written can't be read: %v", err)
		}
		diagnosis.Diagnose(again, "en")
		if diff := cmp.Diff(string(saved), string(asJSON(t, again))); diff != "" {
			t.Fatalf("diagnosed again it differs: %s", diff)
		}
	})
}

// Whatever two files hold, their reports are refused, or are one that can be
// shown, saved and diagnosed again, in whatever order they came.
func FuzzReadMerged(f *testing.F) {
	f.Add(asJSON(f, diagnosed(serverRun())), asJSON(f, diagnosed(edgeRun())))
	f.Add(asJSON(f, diagnosed(joined())), asJSON(f, diagnosed(edgeRun())))
	hostileRun := ofRole("till", 9, hostile("\x1b[2J").Checks...)
	f.Add(asJSON(f, diagnosed(hostileRun)), asJSON(f, diagnosed(joined())))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		a, errA := report.Read(bytes.NewReader(first))
		b, errB := report.Read(bytes.NewReader(second))
		if errA != nil || errB != nil {
			return
		}
		m, err := result.Merge(result.Named{Name: "a", Report: a}, result.Named{Name: "b", Report: b})
		if err != nil {
			return
		}
		saved := asJSON(t, diagnosed(m.Report))
		for _, o := range readers {
			var b bytes.Buffer
			if err := report.Terminal(&b, m.Report, o); err != nil {
				t.Fatal(err)
			}
			harmless(t, b.String())
		}
		harmless(t, string(saved))
		again, err := report.Read(bytes.NewReader(saved))
		if err != nil {
			t.Fatalf("what was written can't be read: %v", err)
		}
		if diff := cmp.Diff(string(saved), string(asJSON(t, diagnosed(again)))); diff != "" {
			t.Fatalf("diagnosed again it differs: %s", diff)
		}
		_, err = result.Merge(result.Named{Name: "m", Report: again}, result.Named{Name: "a", Report: a})
		if err != nil {
			t.Fatalf("what was merged can't be merged: %v", err)
		}
	})
}

func asJSON(t testing.TB, r *result.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.JSON(&b, r, report.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
