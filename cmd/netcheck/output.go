package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// writeFile gives a file new content, wholly or not at all: a reader never
// sees half a report, and a full disk leaves the earlier one in place. What is
// not a plain file (a device, a pipe, a link) is written to directly.
func writeFile(path string, write func(io.Writer) error) error {
	perm := fs.FileMode(0o666) // less the umask
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return &unwrittenError{path, reason(err)}
	case info.IsDir():
		return &unwrittenError{path, sentence{key: "cli.is-folder"}}
	case !info.Mode().IsRegular():
		return writeDirectly(path, write)
	default:
		perm = info.Mode().Perm()
	}
	temp := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%08x", filepath.Base(path), rand.Uint32()))
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if errors.Is(err, fs.ErrPermission) {
		return writeDirectly(path, write) // the folder is closed to us; the file in it may be not
	}
	if err != nil {
		return &unwrittenError{path, reason(err)}
	}
	err = errors.Join(write(f), f.Close())
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
		return &unwrittenError{path, reason(err)}
	}
	return nil
}

func writeDirectly(path string, write func(io.Writer) error) error {
	open := func(path string) (*os.File, error) {
		return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	}
	if info, err := os.Stat(path); err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
		open = openPipe
	}
	f, err := open(path)
	if err != nil {
		return &unwrittenError{path, reason(err)}
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return &unwrittenError{path, reason(err)}
	}
	return nil
}

// reason leaves the path out of a file error, which the message names itself,
// and says the commonest ones in the reader's language.
func reason(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		err = link.Err
	}
	for _, known := range append(systemTroubles, trouble{fs.ErrNotExist, "cli.not-there"}, trouble{fs.ErrPermission, "cli.not-allowed"}) {
		if errors.Is(err, known.is) {
			return &fileTrouble{sentence{key: known.key}, err}
		}
	}
	return err
}

// trouble is an error of the operating system, and the key of what is said of it.
type trouble struct {
	is  error
	key string
}

// fileTrouble is why a file can't be used.
type fileTrouble struct {
	sentence
	err error
}

func (f *fileTrouble) Unwrap() error { return f.err }
