package machine

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

func hostsFile() string {
	dir, err := windows.GetSystemDirectory()
	if err != nil {
		dir = `C:\Windows\System32`
	}
	return filepath.Join(dir, "drivers", "etc", "hosts")
}
