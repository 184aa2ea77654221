package talk

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"
	"os/exec"
	"strings"
	"sync"
	"time"
)

const platformWay = "go"

// errNotFound is getent's exit status 2; it has no word on why.
var errNotFound = errors.New("not found")

var getent = sync.OnceValues(func() (string, error) { return exec.LookPath("getent") })

// systemLookup runs getent, the C library's way for programs that are not
// linked to it. The child is killed when ctx is over, its output is bounded.
func systemLookup(ctx context.Context, name string) ([]netip.Addr, string, error) {
	path, err := getent()
	if err != nil {
		return platformLookup(ctx, name)
	}
	if strings.HasPrefix(name, "-") {
		return nil, "getent", errNotFound // no name begins so, but an option does
	}
	cmd := exec.CommandContext(ctx, path, "ahosts", name)
	// A child that was killed, or has ended, holds its pipe no longer; but a busy
	// machine may take a while to bring what it wrote, and without it the name
	// would seem to be missing.
	cmd.WaitDelay = time.Second
	var out limited
	cmd.Stdout = &out
	err = cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 2 {
		return nil, "getent", errNotFound
	}
	if err != nil {
		return nil, "getent", err
	}
	addrs := readAhosts(&out.Buffer)
	if len(addrs) == 0 {
		return nil, "getent", errNotFound
	}
	return addrs, "getent", nil
}

// limited keeps the first 64 KiB, far more than any list of addresses.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if room := 64<<10 - l.Len(); room > 0 {
		l.Buffer.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}

// readAhosts reads lines such as "192.0.2.1  STREAM www.example.com".
func readAhosts(r io.Reader) []netip.Addr {
	var addrs []netip.Addr
	for sc := bufio.NewScanner(r); sc.Scan() && len(addrs) < maxAddrs; {
		f := strings.Fields(sc.Text())
		if len(f) < 2 || f[1] != "STREAM" {
			continue
		}
		if a, err := netip.ParseAddr(f[0]); err == nil {
			addrs = append(addrs, a.Unmap())
		}
	}
	return addrs
}
