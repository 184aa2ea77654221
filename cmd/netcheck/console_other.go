//go:build !windows

package main

import (
	"errors"
	"syscall"
)

// prepareConsole has nothing to do: a terminal that can't draw says so in TERM.
func prepareConsole(...any) (draw bool, restore func()) { return true, func() {} }

// readerLeft tells whether a write failed because nobody reads any more.
func readerLeft(err error) bool { return errors.Is(err, syscall.EPIPE) }

// systemLanguage is unknown beyond the environment.
func systemLanguage() string { return "" }
