package report_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"netcheck/report"
	"netcheck/report/diagnosis"
	"netcheck/report/result"
)

// goldenLanguages are those in which a sample is written, in every format:
// English, and for some another one.
func goldenLanguages(sample string) []string {
	if other := map[string]string{"mixed": "de", "half-filtered": "it", "merged": "fr"}[sample]; other != "" {
		return []string{"en", other}
	}
	return []string{"en"}
}

// goldenFile is where a format's golden file of a sample lies: testdata/FORMAT,
// and in it a file for each sample and language. The formats of their own tests
// (the terminal, by width and colours; JSON) have theirs there as well.
func goldenFile(f report.Format, sample, lang string) string {
	if f.Name == "prometheus" {
		lang = "en" // it has no word of a reader's, whatever the language
	}
	ext := ".txt"
	if len(f.Ext) > 0 {
		ext = f.Ext[0]
	}
	return filepath.Join("testdata", f.Name, sample+"."+lang+ext)
}

// ownGolden are the formats whose golden files other tests hold.
func ownGolden() []string { return []string{"terminal", "json", "html"} }

// uncompared tells that a golden file would be a thousand lines that nobody
// would compare.
func uncompared(f report.Format, sample string) bool {
	return sample == "crowd" && slices.Contains([]string{"junit", "tap", "prometheus"}, f.Name)
}

// Every format writes every sample as its golden file has it.
func TestFormatsGolden(t *testing.T) {
	for _, f := range report.Formats() {
		if slices.Contains(ownGolden(), f.Name) {
			continue
		}
		for sample, r := range samples() {
			if uncompared(f, sample) {
				continue
			}
			for _, lang := range goldenLanguages(sample) {
				t.Run(f.Name+"/"+sample+"."+lang, func(t *testing.T) {
					diagnosis.Diagnose(r, lang)
					golden(t, goldenFile(f, sample, lang), write(t, f, r, report.Options{Unicode: true, Lang: lang}))
				})
			}
		}
	}
}

// A format without a word of help, or without golden files, is none; and no
// ending means two formats.
func TestFormatsAreWhole(t *testing.T) {
	names, endings := map[string]bool{}, map[string]string{}
	for _, f := range report.Formats() {
		if f.Doc == "" || strings.HasSuffix(f.Doc, ".") || f.Name == "" || names[f.Name] {
			t.Errorf("%q: doc %q", f.Name, f.Doc)
		}
		names[f.Name] = true
		for _, e := range f.Ext {
			if endings[e] != "" || e != strings.ToLower(e) || !strings.HasPrefix(e, ".") {
				t.Errorf("the ending %q means %s and %s", e, endings[e], f.Name)
			}
			endings[e] = f.Name
		}
		files, err := os.ReadDir(filepath.Join("testdata", f.Name))
		if err != nil || len(files) < 3 {
			t.Errorf("%s: %d golden files in testdata/%s, %v", f.Name, len(files), f.Name, err)
		}
	}
}

// No golden file is of a sample or format that is no more.
func TestNoGoldenFileIsLeftOver(t *testing.T) {
	known := map[string]bool{}
	for _, f := range report.Formats() {
		for sample := range samples() {
			for _, lang := range goldenLanguages(sample) {
				known[goldenFile(f, sample, lang)] = !uncompared(f, sample)
			}
		}
	}
	for _, f := range report.Formats() {
		if slices.Contains(ownGolden(), f.Name) {
			continue
		}
		found, err := filepath.Glob(filepath.Join("testdata", f.Name, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			if !known[file] {
				t.Errorf("%s is nobody's", file)
			}
		}
	}
}

// The same report is the same bytes, whenever it is written.
func TestFormatsAreStable(t *testing.T) {
	for _, f := range report.Formats() {
		for sample, r := range samples() {
			t.Run(f.Name+"/"+sample, func(t *testing.T) {
				diagnosed(r)
				var saved bytes.Buffer
				if err := report.JSON(&saved, r, report.Options{}); err != nil {
					t.Fatal(err)
				}
				first := write(t, f, r, report.Options{Unicode: true, Verbose: true})
				for range 3 {
					again, err := report.Read(bytes.NewReader(saved.Bytes()))
					if err != nil {
						t.Fatal(err)
					}
					if got := write(t, f, again, report.Options{Unicode: true, Verbose: true}); !bytes.Equal(first, got) {
						t.Fatalf("not the same:\n%s\n%s", first, got)
					}
				}
			})
		}
	}
}

// Where a run's checks are told one by one, it is in the profile's order.
func TestChecksAreInOrder(t *testing.T) {
	var cs []result.Check
	for i := range 40 {
		v := result.Pass
		if i%7 == 0 {
			v = result.Fail
		}
		cs = append(cs, result.Check{ID: fmt.Sprintf("check-%02d", (i*17)%40), Target: "a.example:1", Verdict: v, Results: one("a.example", "198.51.100.1", "1", 1)})
	}
	r := diagnosed(newSample("order", cs...))
	for _, name := range []string{"json", "junit", "tap", "prometheus"} {
		text := string(write(t, format(t, name), r, report.Options{}))
		last := -1
		for _, c := range r.Checks {
			at := strings.Index(text, c.ID)
			if at < last || at < 0 {
				t.Errorf("%s: %s is out of its place", name, c.ID)
			}
			last = at
		}
	}
}

func format(t testing.TB, name string) report.Format {
	t.Helper()
	i := slices.IndexFunc(report.Formats(), func(f report.Format) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("no format %q", name)
	}
	return report.Formats()[i]
}

func write(t testing.TB, f report.Format, r *result.Report, o report.Options) []byte {
	t.Helper()
	o.Zone = time.UTC
	var b bytes.Buffer
	if err := f.Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
