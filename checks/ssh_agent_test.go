//go:build unix

package checks

import (
	"crypto/ed25519"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/internal/servers"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// The keys of an agent log in where the account names none. Without any, or
// with an agent that hangs, it can't be told whether the login works.
func TestSSHAgent(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	host, err := servers.NewHostKey("ed25519")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &servers.SSH{Keys: []ssh.Signer{host}, User: "shop", Key: key}
	t.Cleanup(servers.Connections(l, server.Handle))
	keys := agent.NewKeyring()
	if err := keys.Add(agent.AddedKey{PrivateKey: private}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		serve   func(net.Conn)
		verdict result.Verdict
	}{
		"with the key":   {func(c net.Conn) { _ = agent.ServeAgent(keys, c) }, ""},
		"without a key":  {func(c net.Conn) { _ = agent.ServeAgent(agent.NewKeyring(), c) }, result.Inconclusive},
		"without a word": {func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, result.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			at := filepath.Join(t.TempDir(), "agent")
			s, err := net.Listen("unix", at)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(servers.Connections(s, c.serve))
			t.Setenv("SSH_AUTH_SOCK", at)
			p := uint16(l.Addr().(*net.TCPAddr).Port)
			check := &sshCheck{sshAccount: sshAccount{Host: "127.0.0.1", ports: ports{Port: value.Ports{{First: p, Last: p}}}, User: "shop"}}
			const timeout = 2 * time.Second
			env := &engine.Env{Network: dial.New(dial.Options{Timeout: timeout}), Timeout: timeout}
			out, err := check.Probe(t.Context(), engine.NewTrace(env, time.Now()))
			if err != nil || out.Verdict != c.verdict {
				t.Errorf("%q %s, %v; wanted %q", out.Verdict, out.Detail, err, c.verdict)
			}
		})
	}
}
