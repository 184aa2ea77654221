package checks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

const (
	maxFiles  = 100_000 // of a folder
	readAtOne = 256     // entries at once, between looks at the time
)

// onMachine finds the newest file here. A folder may lie on another machine,
// and a system waits for a dead one as long as it likes: who waits for the
// answer does not.
func (c *freshCheck) onMachine(ctx context.Context, t *engine.Trace) (file, error) {
	var newest file
	err := t.Span(ctx, result.OpInspect, func(ctx context.Context, st *engine.Step) error {
		st.Set("file.path", talk.Clean(c.Path, 300))
		found := make(chan error, 1)
		var seen file
		go func() { found <- c.readFolder(ctx, &seen) }()
		select {
		case err := <-found:
			newest = seen
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	return newest, err
}

// wildcards are what makes a pattern of a file's name.
const wildcards = "*?["

// readFolder looks at the files of a folder, or at a single one.
func (c *freshCheck) readFolder(ctx context.Context, newest *file) error {
	dir, only := c.Path, *c
	if last := filepath.Base(c.Path); strings.ContainsAny(last, wildcards) {
		dir, only.Pattern = filepath.Dir(c.Path), last
	}
	info, err := os.Stat(dir)
	if err != nil {
		return unreadable(dir, err)
	}
	if !info.IsDir() {
		newest.seen = 1
		newest.offer(info.Name(), info.ModTime(), 0)
		return nil
	}
	folder, err := os.Open(dir)
	if err != nil {
		return unreadable(dir, err)
	}
	defer folder.Close()
	for newest.seen < maxFiles {
		entries, err := folder.ReadDir(readAtOne)
		for _, e := range entries {
			if newest.seen++; !only.matches(e.Name()) {
				continue
			}
			info, err := os.Stat(filepath.Join(dir, e.Name())) // a link's age is its file's
			if err == nil && info.Mode().IsRegular() {
				newest.offer(e.Name(), info.ModTime(), 0)
			}
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return unreadable(dir, err)
		}
	}
	newest.cut = true
	return nil
}

// unreadable gives an error of this machine's files a name.
func unreadable(path string, err error) error {
	text := fmt.Errorf("%s: %w", talk.Clean(path, 300), reason(err))
	if errors.Is(err, fs.ErrNotExist) {
		return engine.Failed(result.FailMissing, text)
	}
	return engine.Failed(result.FailAccess, text)
}

// reason takes the path off an error, which its reader has said already.
func reason(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}
