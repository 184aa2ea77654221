package i18n

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every language has the same texts, each with what was put in; and each is one
// that a probe does say.
func TestSayingsAreComplete(t *testing.T) {
	sources := probes(t)
	var first []string
	for _, lang := range Languages()[1:] {
		data, err := fs.ReadFile(files, "said/"+lang+".json")
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(data, &texts); err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		keys := slices.Sorted(maps.Keys(texts))
		if first == nil {
			first = keys
		}
		if !slices.Equal(first, keys) {
			t.Errorf("%s has other texts than %s", lang, Languages()[1])
		}
		for _, english := range keys {
			for _, h := range hole.FindAllString(english, -1) {
				if strings.Count(texts[english], h) != 1 {
					t.Errorf("%s: %q does not put in %s once", lang, english, h)
				}
			}
			for _, piece := range hole.Split(english, -1) {
				if !strings.Contains(sources, strings.Trim(piece, " ,;:")) {
					t.Errorf("no probe says %q (of %q)", piece, english)
				}
			}
		}
	}
}

// probes are the sources of all who write texts into a report.
func probes(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, dir := range []string{"checks", "checks/engine", "checks/machine", "checks/talk"} {
		found, err := filepath.Glob(filepath.Join("../..", dir, "*.go"))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", dir, err)
		}
		for _, f := range found {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(regexp.MustCompile(`%[sdqvw]`).ReplaceAll(data, []byte("%")))
		}
	}
	return b.String()
}

func TestSaid(t *testing.T) {
	for _, c := range []struct{ english, german string }{
		{"nobody answered", "niemand hat geantwortet"},
		{"nothing listens on tcp 6767", "auf tcp 6767 lauscht nichts"},
		{"nothing listens on tcp 80 but netcheck, which stands in for the service", "auf tcp 80 lauscht nur netcheck, anstelle des Dienstes"},
		{"/k/id_rsa can be read by others: its group (its mode is 0640)", "/k/id_rsa kann von anderen gelesen werden: seine Gruppe (seine Rechte sind 0640)"},
		{"the newest file, a.zip, is 5 days 3 hours old, allowed are 2 days", "die neueste Datei, a.zip, ist 5 Tage 3 Stunden alt, erlaubt sind 2 Tage"},
		{"192.0.2.1 says that the name exists; 192.0.2.2 does not answer AAAA questions", "192.0.2.1 sagt, dass es den Namen gibt; 192.0.2.2 beantwortet keine AAAA-Fragen"},
		{"port is 70000: more than 9999", "port ist 70000: mehr als 9999"},
		{"certificate expired on 2026-11-10T08:57:04Z", "das Zertifikat ist am 10.11.2026 abgelaufen"},
		{"certificate is not valid before 2027-01-02T00:00:00Z", "das Zertifikat gilt erst ab 02.01.2027"},
		{"the client certificate expired on 2026-11-10", "das Client-Zertifikat ist am 10.11.2026 abgelaufen"},
		{"something that a library says", "something that a library says"},
		{"", ""},
		{"{A} is empty", "{A} ist leer"},
	} {
		if got := Said("de", c.english); got != c.german {
			t.Errorf("%q: %q, want %q", c.english, got, c.german)
		}
		if got := Said("en", c.english); got != c.english {
			t.Errorf("in English: %q", got)
		}
	}
}

// What the checks' own cases say is worded; ~ begins what is only a part of it.
func TestSaidOfChecks(t *testing.T) {
	found, err := filepath.Glob("../../checks/testdata/*/*.txtar")
	if err != nil || len(found) == 0 {
		t.Fatal("no cases: ", err)
	}
	for _, f := range found {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			text, ok := strings.CutPrefix(strings.TrimSpace(line), "detail ")
			if ok && !strings.HasPrefix(text, "~") && Said("de", text) == text {
				t.Errorf("%s: nothing words %q", f, text)
			}
		}
	}
}
