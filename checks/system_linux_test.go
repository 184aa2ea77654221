package checks_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"netcheck/checks/checktest"
)

// TestSystemWay runs the cases that need an /etc of their own, which decides
// how this machine looks names up, in a process with user, mount and network
// namespaces of its own. The cases alone- have one each: Go's library reads
// resolv.conf anew only after some seconds. NETCHECK_LAB=require makes it fail
// where it can't run.
func TestSystemWay(t *testing.T) {
	if os.Getenv(checktest.PrivateEtc) != "" {
		t.Skip("this is that process")
	}
	names := []string{"system-"}
	alone, err := filepath.Glob("testdata/*/alone-*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range alone {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".txtar"))
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			privately(t, name)
		})
	}
}

// privately runs the cases that begin with a name.
func privately(t *testing.T, name string) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCases$/./^"+name, "-test.v", "-test.parallel=1", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), checktest.PrivateEtc+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	out, err := cmd.CombinedOutput()
	if _, ran := err.(*exec.ExitError); err != nil && !ran {
		if os.Getenv("NETCHECK_LAB") == "require" {
			t.Fatal("no namespaces here: ", err)
		}
		t.Skip("no namespaces here: ", err)
	}
	text := string(out)
	ran := regexp.MustCompile(`--- (\w+): TestCases/\w+/`+name).FindAllStringSubmatch(text, -1)
	other := slices.ContainsFunc(ran, func(m []string) bool { return m[1] != "PASS" })
	if err != nil || other || len(ran) == 0 {
		t.Errorf("%v\n%s", err, text)
	}
}
