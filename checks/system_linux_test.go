package checks_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"netcheck/checks/checktest"
)

var skipped = regexp.MustCompile(`--- SKIP: TestCases/[a-z]+/system-`)

// TestSystemWay runs the cases that need an /etc of their own, which decides
// how this machine looks names up, in a process with user, mount and network
// namespaces of its own. NETCHECK_LAB=require makes it fail where it can't run.
func TestSystemWay(t *testing.T) {
	if os.Getenv(checktest.PrivateEtc) != "" {
		t.Skip("this is that process")
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCases$/./^system-", "-test.v", "-test.parallel=1", "-test.timeout=2m")
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
	if err != nil || skipped.MatchString(text) || !strings.Contains(text, "--- PASS: TestCases/dns/system-") {
		t.Errorf("%v\n%s", err, text)
	}
}
