// Command netcheck tests in a shop whether a product's network needs are met:
// it runs the checks that a profile declares and reports what failed, where on
// the path, and what to do. This package is flags and wiring only: what is
// checked, how it is diagnosed and how it is shown lie in checks, report and
// profiles.
package main

import (
	"os"
	"runtime/debug"
)

func main() {
	// A run is over in seconds and keeps little: collecting no garbage before
	// there are 32 MiB, which most runs never see, costs memory that nobody
	// misses and saves a tenth of the time. Whoever sets GOGC or GOMEMLIMIT
	// knows better.
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(800)
		debug.SetMemoryLimit(64 << 20)
	}
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
