package machine

import (
	"bufio"
	"bytes"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

func system() string {
	name := distribution(os.DirFS("/"))
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return name
	}
	kernel := "Linux " + printable(unix.ByteSliceToString(u.Release[:]))
	if name == "" {
		return kernel
	}
	return name + ", " + kernel
}

// distribution reads os-release(5).
func distribution(root fs.FS) string {
	for _, file := range []string{"etc/os-release", "usr/lib/os-release"} {
		b, err := readSome(root, file)
		if err != nil {
			continue
		}
		for sc := bufio.NewScanner(bytes.NewReader(b)); sc.Scan(); {
			if v, ok := strings.CutPrefix(sc.Text(), "PRETTY_NAME="); ok {
				return printable(strings.Trim(v, `"'`))
			}
		}
	}
	return ""
}
