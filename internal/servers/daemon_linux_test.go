package servers

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// begin starts a daemon on a free port of loopback, with these words.
func begin(t *testing.T, name string, words ...string) netip.AddrPort {
	t.Helper()
	at := vacant(t)
	i := slices.IndexFunc(Daemons(), func(k DaemonKind) bool { return k.Name == name })
	d, err := Daemons()[i].New(at, signer(t), words...)
	if err != nil {
		t.Fatal(err)
	}
	stop, err := d.Start(Loopback)
	if missing, ok := errors.AsType[Missing](err); ok && os.Getenv("NETCHECK_LAB") != "require" {
		t.Skip(missing)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if _, err := dialTo(at); err == nil {
			t.Errorf("%s still serves when it has been stopped", name)
		}
	})
	return at
}

func vacant(t *testing.T) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return netip.MustParseAddrPort(l.Addr().String())
}

func signer(t *testing.T) Signer {
	t.Helper()
	ca, err := NewAuthority("Shop Lab", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return func(variant string) (tls.Certificate, *Authority, error) {
		c, err := ca.Issue(variant, "localhost", "127.0.0.1")
		return c, ca, err
	}
}

func dialTo(at netip.AddrPort) (net.Conn, error) {
	c, err := net.DialTimeout("tcp", at.String(), time.Second)
	if err == nil {
		err = c.SetDeadline(time.Now().Add(10 * time.Second))
	}
	return c, err
}

// hold has a dialogue: a line that begins with < is what a line from the server
// must begin with sooner or later, and others are said.
func hold(t *testing.T, at netip.AddrPort, dialogue ...string) net.Conn {
	t.Helper()
	c, err := dialTo(at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	r := bufio.NewReader(c)
	for _, line := range dialogue {
		want, hears := strings.CutPrefix(line, "<")
		if !hears {
			if _, err := io.WriteString(c, line+"\r\n"); err != nil {
				t.Fatal(err)
			}
			continue
		}
		heard := ""
		for {
			got, err := r.ReadString('\n')
			if err != nil {
				t.Fatalf("%v: no line %q in\n%s", err, want, heard)
			}
			if heard += got; strings.HasPrefix(got, want) {
				break
			}
		}
	}
	return c
}

// listener is a server that says what it hears.
func listener(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(Connections(l, func(c net.Conn) { _, _ = io.Copy(struct{ io.Writer }{c}, c) }))
	return l.Addr().String()
}

// TestDaemonEndsWithItsTest holds that nothing is left of a daemon even where
// nobody stops it: this test starts itself again, and kills what it started.
func TestDaemonEndsWithItsTest(t *testing.T) {
	if os.Getenv("DAEMON_HOLDER") != "" {
		fmt.Println("at", begin(t, "sshd"))
		_, _ = io.Copy(io.Discard, os.Stdin) // until it is killed
		return
	}
	if err := available("sshd"); err != nil && os.Getenv("NETCHECK_LAB") != "require" {
		t.Skip(err)
	}
	tmp := t.TempDir() // where a killed test leaves its folders
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "DAEMON_HOLDER=1", "TMPDIR="+tmp)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	at, err := netip.ParseAddrPort(strings.TrimSpace(strings.TrimPrefix(said, "at ")))
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	const patience = 5 * time.Second // for the kernel to end a handful of processes
	for end := time.Now().Add(patience); ; {
		c, err := dialTo(at)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, c) // a server that is going hangs up
		c.Close()
		if time.Now().After(end) {
			t.Fatal("the daemon has outlived its test")
		}
	}
}

// TestDaemonSaysWhatItLacks: a program that is not there is told from one that
// does not start, whose own words are in the error.
func TestDaemonSaysWhatItLacks(t *testing.T) {
	_, err := (&Daemon{Program: "no-such-server", User: shop}).Start(Loopback)
	if _, ok := errors.AsType[Missing](err); !ok {
		t.Errorf("%v, want that it is missing", err)
	}
	if err := available("nginx"); err != nil {
		t.Skip(err)
	}
	d, err := Nginx(vacant(t), signer(t))
	if err != nil {
		t.Fatal(err)
	}
	d.Files["nginx.conf"] = "nonsense;"
	if _, err := d.Start(Loopback); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("%v, want what nginx says", err)
	}
}
