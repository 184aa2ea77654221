// Package checktest is for tests of check kinds: it reads a case, builds the
// world it describes from real servers on loopback, runs the check through the
// real loader and engine, and compares what came of it. A second suite, the
// laws, holds what every kind must keep, whatever it does.
//
// A case is a txtar file, testdata/KIND/NAME.txtar:
//
//	# A port where nobody listens is refused.
//	refuse $port
//	-- check.yaml --
//	tcp: {host: 127.0.0.1, port: $port}
//	-- want --
//	verdict inconclusive
//	step connect refused
//
// Above the files stands the world, one verb a line (verbs.go lists them); a
// verb that is given a new $name chooses a value for it. check.yaml holds one
// check, params.yaml (optional) the profile's parameters. How want is written
// is said in want.go.
//
// Nothing here contacts anything but this machine, and no other package than
// a test may import it.
package checktest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"netcheck/checks/engine"
)

// Run runs every case under dir, which has a folder for each kind.
func Run(t *testing.T, kinds []engine.Kind, dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no cases in %s", dir)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file[len(dir)+1:], ".txtar")
		t.Run(filepath.ToSlash(name), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			// A case listens, connects and waits on a machine that does so for
			// hundreds of others at that moment: one that is wrong is tried once
			// more, in a world of its own, and is wrong if it still is.
			if first := runCase(t, kinds, data); first != "" {
				t.Logf("at first: %s", first)
				if again := runCase(t, kinds, data); again != "" {
					t.Error(again)
				}
			}
		})
	}
}

// runCase is what is wrong with a case; "" if nothing is.
func runCase(t *testing.T, kinds []engine.Kind, data []byte) string {
	t.Helper()
	archive := txtar.Parse(data)
	w := NewWorld(t)
	w.Build(string(archive.Comment))
	var check, params, expected string
	for _, f := range archive.Files {
		text := w.Expand(string(f.Data))
		switch f.Name {
		case "check.yaml":
			check = text
		case "params.yaml":
			params = text
		case "want":
			expected = text
		default:
			w.AddFile(f.Name, f.Data)
		}
	}
	want, err := parseWant(expected)
	if err != nil {
		t.Fatalf("want: %v", err)
	}
	plan, err := compile(kinds, params, itemOf(check), w.Values)
	if err != nil {
		t.Fatalf("check.yaml: %v", err)
	}
	got := w.run(t.Context(), plan)
	if diff := want.compare(got); diff != "" {
		return fmt.Sprintf("%s\nthe check:\n%s", diff, render(got))
	}
	return ""
}
