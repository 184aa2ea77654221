package machine

import (
	"context"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"
)

// netshPatience is for netsh, which takes a second to start on an old till.
const netshPatience = 5 * time.Second

// serviceState asks netsh. The interface for programs
// (HttpQueryServiceConfiguration) tells which URLs are reserved, for whom, but
// not which of them are served, nor by what process.
func serviceState(ctx context.Context, environ []string) ServiceState {
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return nil
	}
	out, err := shownWithin(ctx, netshPatience, environ, filepath.Join(system, "netsh.exe"), "http", "show", "servicestate", "view=requestq")
	if err != nil {
		return nil
	}
	return out
}
