package main

import (
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

// doubleClicked tells whether netcheck has a console to itself, as it has when
// it was opened by a double click: one that it was typed in is shared with
// whatever reads the commands there.
func doubleClicked() (opening, bool) {
	var ids [2]uint32
	list := windows.NewLazySystemDLL("kernel32.dll").NewProc("GetConsoleProcessList")
	if list.Find() != nil {
		return opening{}, false
	}
	if n, _, _ := list.Call(uintptr(unsafe.Pointer(&ids[0])), uintptr(len(ids))); n != 1 {
		return opening{}, false
	}
	program, err := os.Executable()
	if err != nil {
		return opening{}, false
	}
	documents, _ := windows.KnownFolderPath(windows.FOLDERID_Documents, windows.KF_FLAG_DEFAULT)
	return opening{filepath.Dir(program), documents, os.TempDir(), openFile}, true
}

// openFile has Windows open a file as a double click would: no shell reads its
// name, so that nothing in it can be a command.
func openFile(file string) error {
	verb, err := windows.UTF16PtrFromString("open")
	if err != nil {
		return err
	}
	name, err := windows.UTF16PtrFromString(file)
	if err != nil {
		return err
	}
	return windows.ShellExecute(0, verb, name, nil, nil, windows.SW_SHOWNORMAL)
}
