//go:build !linux

// Command perf compares netcheck with the tools that technicians use. It needs
// Linux and its network namespaces.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "perf: only Linux has the network namespaces that this needs")
	os.Exit(1)
}
