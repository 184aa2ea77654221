//go:build unix

package checks

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/internal/servers"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// A key that its owner alone may read is as it should be: whoever else runs
// netcheck can't tell whether it logs in, and nothing is wrong with it.
func TestSSHKeyOfAnother(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	host, err := servers.NewHostKey("ed25519")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &servers.SSH{Keys: []ssh.Signer{host}}
	t.Cleanup(servers.Connections(l, server.Handle))
	file := filepath.Join(t.TempDir(), "id")
	if err := os.WriteFile(file, []byte("x"), 0); err != nil {
		t.Fatal(err)
	}
	p := uint16(l.Addr().(*net.TCPAddr).Port)
	check := &sshCheck{sshAccount: sshAccount{Host: "127.0.0.1", ports: ports{Port: value.Ports{{First: p, Last: p}}}, User: "shop", Key: file}}
	const timeout = 2 * time.Second
	env := &engine.Env{Network: dial.New(dial.Options{Timeout: timeout}), Timeout: timeout}
	out, err := check.Probe(t.Context(), engine.NewTrace(env, time.Now()))
	if err != nil || out.Verdict != result.Inconclusive {
		t.Errorf("%q %s, %v; wanted %q", out.Verdict, out.Detail, err, result.Inconclusive)
	}
}
