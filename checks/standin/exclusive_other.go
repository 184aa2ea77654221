//go:build !windows && !darwin

package standin

import "syscall"

// exclusively has nothing to do: here a port that somebody listens on can't be
// taken over.
func exclusively(_, _ string, _ syscall.RawConn) error { return nil }
