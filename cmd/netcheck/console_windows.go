package main

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// prepareConsole makes consoles understand escape sequences, which they do
// from Windows 10 and Server 2016 on but only when asked. It tells whether
// that worked, and returns how to leave them as they were.
func prepareConsole(streams ...any) (draw bool, restore func()) {
	draw = true
	var undo []func()
	for _, stream := range streams {
		f, ok := stream.(*os.File)
		if !ok {
			continue
		}
		h := windows.Handle(f.Fd())
		var mode uint32
		if windows.GetConsoleMode(h, &mode) != nil {
			continue // not a console
		}
		if windows.SetConsoleMode(h, mode|windows.ENABLE_PROCESSED_OUTPUT|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) != nil {
			draw = false
			continue
		}
		undo = append(undo, func() { _ = windows.SetConsoleMode(h, mode) })
	}
	return draw, func() {
		for _, f := range undo {
			f()
		}
	}
}

// readerLeft tells whether a write failed because nobody reads any more.
func readerLeft(err error) bool {
	return errors.Is(err, windows.ERROR_BROKEN_PIPE) || errors.Is(err, windows.ERROR_NO_DATA)
}

// systemLanguage is the language that the user chose for Windows.
func systemLanguage() string {
	languages, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil || len(languages) == 0 {
		return ""
	}
	return languages[0]
}
