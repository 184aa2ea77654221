//go:build unix

package checks

import (
	"fmt"
	"io/fs"
)

// exposed says who may read a file beside its owner: "" if nobody. SSH clients
// refuse such a key.
func exposed(_ string, info fs.FileInfo) string {
	mode := info.Mode().Perm()
	switch {
	case mode&0o004 != 0:
		return fmt.Sprintf("everybody on this machine (its mode is %04o)", mode)
	case mode&0o040 != 0:
		return fmt.Sprintf("its group (its mode is %04o)", mode)
	}
	return ""
}
