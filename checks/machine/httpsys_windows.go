package machine

import (
	"context"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"
)

// netshPatience is for netsh, which takes a second to start on an old till.
const netshPatience = 5 * time.Second

// urlGroups asks netsh. The interface for programs (HttpQueryServiceConfiguration)
// tells which URLs are reserved, for whom, but not which of them are served, nor
// by what process.
func urlGroups(ctx context.Context, environ []string, port uint16) []URLGroup {
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return nil
	}
	out, err := shownWithin(ctx, netshPatience, environ, filepath.Join(system, "netsh.exe"), "http", "show", "servicestate", "view=requestq")
	if err != nil {
		return nil
	}
	groups := fromServiceState(out, port)
	for _, g := range groups {
		for i, p := range g.Processes {
			if o, err := ownerOf(Socket{PID: p.PID}); err == nil && p.Name == "" {
				g.Processes[i] = o
			}
		}
	}
	return groups
}
