package main

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestUnit has systemd itself look at the unit.
func TestUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze")
	}
	self, err := os.Executable() // the unit's own may not be installed
	if err != nil {
		t.Fatal(err)
	}
	unit := bytes.ReplaceAll(unitFile, []byte("/usr/bin/netcheck"), []byte(self))
	path := filepath.Join(t.TempDir(), "netcheck-vantage.service")
	if err := os.WriteFile(path, unit, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", "--generators=no", path).CombinedOutput()
	if err != nil || strings.Contains(string(out), "netcheck-vantage") { // it warns of what it does not know
		t.Errorf("%v: %s", err, out)
	}
}

// TestNeedsNothing runs netcheck where there is nothing else, as its container
// does: no library, no certificate, no resolver, no time zone.
func TestNeedsNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("builds netcheck")
	}
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "netcheck"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	c := exec.CommandContext(t.Context(), "/netcheck", "vantage", "--plain", "--listen", "127.0.0.1:0")
	c.Env, c.Dir = []string{}, "/"
	c.SysProcAttr = &syscall.SysProcAttr{
		Chroot:      dir,
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	said, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		if os.Getenv("NETCHECK_LAB") == "require" {
			t.Fatal(err)
		}
		t.Skipf("no user namespace: %v", err)
	}
	lines := bufio.NewScanner(said)
	lines.Scan()
	at := regexp.MustCompile(`listening on (\S+) `).FindStringSubmatch(lines.Text())
	if at == nil {
		_ = c.Process.Kill()
		t.Fatalf("it said %q: %v", lines.Text(), c.Wait())
	}
	client := &http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	if res, err := client.Get("http://" + at[1] + "/v1/address"); err != nil {
		t.Error(err)
	} else if res.Body.Close(); res.StatusCode != http.StatusOK {
		t.Error(res.Status)
	}
	_ = c.Process.Signal(syscall.SIGTERM)
	for lines.Scan() { // until it has ended
	}
	if err := c.Wait(); err != nil {
		t.Errorf("told to stop: %v", err)
	}
}
