package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"netcheck/checks/talk"
	"netcheck/report/result"
)

// release is set by the release's build: -ldflags "-X main.release=1.2.3".
var release = ""

// version is the release's number, or what Go knows of a build from source.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// tool is what a report says of the program that made it.
func tool() result.Tool {
	t := result.Tool{Name: "netcheck", Version: version(), Built: runtime.GOOS + "/" + runtime.GOARCH, Roots: talk.PublicRootsDate}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return t
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			t.Commit = s.Value + t.Commit
		case s.Key == "vcs.modified" && s.Value == "true":
			t.Commit += "+"
		case s.Key == "vcs.time":
			t.Built += ", source of " + s.Value
		}
	}
	return t
}

func newVersion(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, and what the build holds",
		Args:  arguments(0, 0, ""),
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintf(s.out, "netcheck %s\n%s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}
