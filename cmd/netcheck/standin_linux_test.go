package main

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A user without rights is told how to get a port that is the administrator's,
// and has the others.
func TestStandinOfAUserWithoutRights(t *testing.T) {
	const nobody = 65534
	c := exec.CommandContext(t.Context(), "netcheck", "standin", "--port", "443,8443", "--for", "50ms", "--format", "json", "--quiet")
	c.Env = []string{"LANG=C.UTF-8", "PATH=" + os.Getenv("PATH")}
	c.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	out, err := c.Output()
	if c.ProcessState == nil {
		if os.Getenv("NETCHECK_LAB") == "require" {
			t.Fatal("no namespaces here: ", err)
		}
		t.Skip("no namespaces here: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var seen standing
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatal(err)
	}
	if len(seen.Ports) != 2 || seen.Ports[0].State != portNotPermitted || seen.Ports[1].State != portWaiting {
		t.Fatalf("%s", out)
	}
	if hint := seen.Ports[0].Hint; !strings.Contains(hint, "setcap cap_net_bind_service=+ep") {
		t.Errorf("the way to permit it: %q", hint)
	}
}

// On a terminal the table is drawn while people come, and is gone when what was
// seen is printed.
func TestStandinOnATerminal(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	x := openTerminal(t, 80, nil, "standin", "--port", port, "--address", "127.0.0.1")
	x.expect("standing in on tcp " + port)
	x.expect("0 of 1 port reached, ")
	x.expect("Ctrl-C ends it")
	x.expect("tcp " + port + "  not reached yet")
	c, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	x.expect("tcp " + port + "  reached by this machine alone")
	x.send("\x03")
	x.expect("stood in for 1 port, ")
	x.expect("Not reached:")
	if got := x.exit(); got != exitOK {
		t.Errorf("exit status %d, not 0:\n%s", got, x.all())
	}
}
