package main

import (
	"crypto/x509"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes netcheck a command that scripts and terminals can start: it is
// this test binary, called by another name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"netcheck":        func() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		"netcheck-in-lab": func() { os.Exit(runInLab()) },
	})
}

// runInLab is netcheck on an internet that has public authorities of its own.
func runInLab() int {
	s := newStreams(os.Stdin, os.Stdout, os.Stderr, os.Environ(), false)
	pem, err := os.ReadFile(s.getenv("LAB_PUBLIC_ROOTS"))
	s.public = x509.NewCertPool()
	if err != nil || !s.public.AppendCertsFromPEM(pem) {
		s.message("the laboratory's public roots: %v", err)
		return 2
	}
	return s.execute(os.Args[1:], func() {})
}
