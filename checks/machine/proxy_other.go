//go:build !windows

package machine

// systemProxy: Linux has no setting of the system but the environment's, and
// macOS tells its own to programs that it runs alone.
func systemProxy() []string { return nil }
