//go:build unix

package dial

import "golang.org/x/sys/unix"

// openFiles is how many descriptors this process may have. Go's runtime has
// raised the soft limit to the hard one by the time it is asked.
func openFiles() int {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		return 256 // the smallest that POSIX systems come with
	}
	return int(min(uint64(l.Cur), mostFiles))
}
