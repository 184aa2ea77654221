//go:build !windows

package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A pipe that nobody reads is an output that can't be written, and no reason to
// wait for good.
func TestWriteFileToAPipe(t *testing.T) {
	pipe := func(t *testing.T) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "a.json")
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Skipf("no pipes here: %v", err)
		}
		return path
	}
	long := strings.Repeat("a report that does not fit into a pipe\n", 1<<15)
	write := func(path string) <-chan error {
		done := make(chan error, 1)
		go func() {
			done <- writeFile(path, func(w io.Writer) error { _, err := io.WriteString(w, long); return err })
		}()
		return done
	}
	wait := func(t *testing.T, path string, done <-chan error) error {
		t.Helper()
		select {
		case err := <-done:
			return err
		case <-time.After(5 * time.Second):
			if f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0); err == nil {
				_ = f.Close() // lets go whoever waits
			}
			t.Fatal("it waits for a reader")
			return nil
		}
	}
	link := func(t *testing.T) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "b.json")
		if err := os.Symlink(pipe(t), path); err != nil {
			t.Skipf("no links here: %v", err)
		}
		return path
	}
	for name, named := range map[string]func(*testing.T) string{"a pipe": pipe, "a link to a pipe": link} {
		t.Run(name+" that nobody reads", func(t *testing.T) {
			path := named(t)
			err := wait(t, path, write(path))
			if unwritten, ok := errors.AsType[*unwrittenError](err); !ok || unwritten.in("en") != "can't write "+path+": nobody reads this pipe" {
				t.Errorf("the error is %v", err)
			}
		})
		t.Run(name+" that somebody reads", func(t *testing.T) {
			path := named(t)
			// Opened for both, it waits for nobody; the writer then has a reader.
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			done := write(path)
			got := strings.Builder{}
			if _, err := io.CopyN(&got, f, int64(len(long))); err != nil || got.String() != long {
				t.Errorf("%d of %d bytes came through: %v", got.Len(), len(long), err)
			}
			if err := wait(t, path, done); err != nil {
				t.Error(err)
			}
		})
	}
}
