package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes netcheck a command that scripts and terminals can start: it is
// this test binary, called by another name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"netcheck": func() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }})
}
