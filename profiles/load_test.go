package profiles_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netcheck/profiles"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestBad holds one file for each mistake to its message, place and hint.
func TestBad(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = profiles.Load(filepath.Base(file), data, fakeKinds(), fakeCodes()...)
			var fe *profiles.FileError
			if !errors.As(err, &fe) {
				t.Fatalf("no *FileError but %v", err)
			}
			for _, p := range fe.Problems {
				if p.Line < 1 || p.Column < 1 {
					t.Errorf("%q has no place", p.Message)
				}
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".want", err.Error()+"\n")
		})
	}
}

// golden compares with a file, or writes it.
func golden(t *testing.T, file, got string) {
	t.Helper()
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
		t.Errorf("%s (-want +got):\n%s", file, d)
	}
}

// bombs are small or plain files that ask for much.
func bombs() map[string]string {
	var levels strings.Builder
	levels.WriteString("a0: &a0 [x]\n")
	for i := 1; i <= 9; i++ {
		levels.WriteString("a" + string(rune('0'+i)) + ": &a" + string(rune('0'+i)) + " [")
		levels.WriteString(strings.Repeat("*a"+string(rune('0'+i-1))+",", 10))
		levels.WriteString("]\n")
	}
	var merges strings.Builder
	merges.WriteString("m0: &m0 {k: v}\n")
	for i := 1; i <= 9; i++ {
		merges.WriteString("m" + string(rune('0'+i)) + ": &m" + string(rune('0'+i)) + "\n  x: {<<: *m" + string(rune('0'+i-1)) + "}\n  y: {<<: *m" + string(rune('0'+i-1)) + "}\n  <<: [")
		merges.WriteString(strings.Repeat("*m"+string(rune('0'+i-1))+",", 10))
		merges.WriteString("]\n")
	}
	var chain, needs, refs, fields strings.Builder
	for i := range 9_999 {
		fmt.Fprintf(&chain, "- {id: c%d, needs: c%d, reach: {host: a}}\n", i, (i+1)%9_999)
		fmt.Fprintf(&needs, "- {id: c%d, needs: [xa%d, xb%d, xc%d], reach: {host: a}}\n", i, i, i, i)
	}
	for i := range 60_000 {
		fmt.Fprintf(&fields, "filed%d: 1\n", i)
	}
	refs.WriteString("netcheck: 1\nid: x\nparams:\n")
	for i := range 20_000 {
		fmt.Fprintf(&refs, "  p%d: {type: port, default: \"${q%d}\"}\n", i, i)
	}
	const head = "netcheck: 1\nid: x\nchecks:\n"
	return map[string]string{
		"long cycle":       head + chain.String(),
		"unknown checks":   head + needs.String(),
		"unknown params":   refs.String(),
		"unknown fields":   fields.String(),
		"aliases":          levels.String(),
		"merges":           merges.String(),
		"alias of itself":  "a: &a [*a]\n",
		"merge of itself":  "a: &a {<<: *a}\n",
		"flow depth":       strings.Repeat("[", 200_000),
		"block depth":      strings.Repeat("- ", 100_000) + "x\n",
		"question depth":   strings.Repeat("? ", 50_000) + "x\n",
		"mapping depth":    strings.Repeat("{a: ", 100_000),
		"too long":         "a: " + strings.Repeat("x", 1<<20),
		"many keys":        strings.Repeat("? a\n: b\n", 100_000),
		"many values":      "a: [" + strings.Repeat("x,", 300_000) + "]",
		"long key":         strings.Repeat("k", 900_000) + ": 1\n",
		"many expressions": "netcheck: 1\nid: x\nchecks: [{id: a, reach: {payload: \"" + strings.Repeat("${a}", 100_000) + "\"}}]\n",
		"long sum":         "netcheck: 1\nid: x\nchecks: [{id: a, reach: {payload: \"${" + strings.Repeat("a + ", 100_000) + "a}\"}}]\n",
	}
}

func TestBombs(t *testing.T) {
	const most = 256 << 20 // bytes allocated in all: a shop's PC has no more to spare
	for name, data := range bombs() {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := load(data)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Fatal("accepted")
			}
			if n := len(err.Error()); n > 64<<10 {
				t.Errorf("an error of %d bytes", n)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > most {
				t.Errorf("took %d bytes", n)
			}
			if took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			t.Logf("%v, %d KiB, %.80q", took.Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>10, err)
		})
	}
}
