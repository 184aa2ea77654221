//go:build !windows

package main

import (
	"errors"
	"os"
	"syscall"
)

// openPipe opens a named pipe, to write to it. To open one as a file is opened is
// to wait until somebody reads it: where nobody does, the report would be lost
// with the run, which nothing but a kill would end.
func openPipe(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENXIO) {
		return nil, sentence{key: "cli.no-reader"}
	}
	if err != nil {
		return nil, err
	}
	// From here on a slow reader is waited for. macOS could not tell when it is
	// ready again.
	raw, err := f.SyscallConn()
	if err == nil {
		var failed error
		err = raw.Control(func(fd uintptr) { failed = syscall.SetNonblock(int(fd), false) })
		err = errors.Join(err, failed)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
