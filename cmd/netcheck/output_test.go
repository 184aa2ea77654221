package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"netcheck/report/i18n"
)

func TestWriteFile(t *testing.T) {
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	read := func(t *testing.T, path string) string {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	alone := func(t *testing.T, dir string) {
		t.Helper()
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 1 {
			t.Errorf("%d files are in the folder, not 1: %v %v", len(entries), entries, err)
		}
	}

	t.Run("a new file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a.json")
		if err := writeFile(path, text("new")); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != "new" {
			t.Errorf("the file holds %q", got)
		}
		alone(t, filepath.Dir(path))
	})
	t.Run("an existing file keeps its mode", func(t *testing.T) {
		if runtime.GOOS == "windows" {
			t.Skip("modes mean little there")
		}
		path := filepath.Join(t.TempDir(), "a.json")
		if err := os.WriteFile(path, []byte("a longer text"), 0o640); err != nil {
			t.Fatal(err)
		}
		if err := writeFile(path, text("new")); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		if got := read(t, path); got != "new" {
			t.Errorf("the file holds %q", got)
		}
	})
	t.Run("a failure leaves the old file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a.json")
		if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		full := errors.New("the disk is full")
		err := writeFile(path, func(w io.Writer) error {
			_, _ = io.WriteString(w, "half of it")
			return full
		})
		if unwritten, ok := errors.AsType[*unwrittenError](err); !ok || !errors.Is(err, full) || unwritten.where != path {
			t.Errorf("the error is %v", err)
		}
		if got := read(t, path); got != "old" {
			t.Errorf("the file holds %q", got)
		}
		alone(t, filepath.Dir(path))
	})
	t.Run("a link is followed", func(t *testing.T) {
		dir := t.TempDir()
		path, target := filepath.Join(dir, "a.json"), filepath.Join(dir, "b.json")
		if err := os.Symlink(target, path); err != nil {
			t.Skipf("no links here: %v", err)
		}
		if err := writeFile(path, text("new")); err != nil {
			t.Fatal(err)
		}
		if got := read(t, target); got != "new" {
			t.Errorf("the file holds %q", got)
		}
	})
}

// What the system says of a file is said in the reader's language, and stays what it
// is for whoever handles it.
func TestSystemsReasons(t *testing.T) {
	for _, known := range systemTroubles {
		said := reason(&fs.PathError{Op: "open", Path: "a", Err: known.is})
		words, ok := said.(interface{ in(lang string) string })
		if !ok || !errors.Is(said, known.is) {
			t.Errorf("%v: %v", known.is, said)
			continue
		}
		seen := map[string]bool{}
		for _, lang := range i18n.Languages() {
			seen[words.in(lang)] = true
		}
		if len(seen) != len(i18n.Languages()) || seen[""] {
			t.Errorf("%v is said in %d ways: %v", known.is, len(seen), seen)
		}
	}
}
