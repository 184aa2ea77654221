//go:build unix

package server

import "golang.org/x/sys/unix"

// openFiles is how many descriptors this process may have: Go's runtime has
// raised the soft limit to the hard one.
func openFiles() int64 {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		return 1024
	}
	return int64(min(uint64(l.Cur), mostFiles))
}
