//go:build unix

package dial

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"netcheck/report/result"

	"golang.org/x/sys/unix"
)

// TestFewDescriptors scans and connects in a process that may hardly open
// anything: that takes longer, and fails nothing.
func TestFewDescriptors(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), "DIAL_TEST_CHILD=few descriptors")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func fewDescriptors() int {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	l, err := net.Listen("tcp", "127.0.0.1:0") // the runtime opens what it needs for its own use
	if err != nil {
		fmt.Println(err)
		return 1
	}
	to := l.Addr().(*net.TCPAddr).AddrPort()
	limit := unix.Rlimit{Cur: 24, Max: 24}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		fmt.Println(err)
		return 1
	}
	n := New(Options{Descriptors: 1000}) // it believes that there are more
	errs := make(chan error)
	go func() {
		ports := make([]uint16, 500)
		for i := range ports {
			ports[i] = uint16(2000 + i)
		}
		out, err := n.Scan(ctx, loopback, ports, ScanOptions{})
		for _, p := range out {
			if err == nil && p.State != result.Closed && p.State != result.Open {
				err = fmt.Errorf("port %d is %s: %s", p.Port, p.State, p.Code)
			}
		}
		errs <- err
	}()
	for range 50 {
		go func() {
			c, err := n.Connect(ctx, to)
			if err == nil {
				time.Sleep(20 * time.Millisecond) // held a while, so that others must wait
				c.Close()
			}
			errs <- err
		}()
	}
	status := 0
	for range 51 {
		if err := <-errs; err != nil {
			fmt.Println(err)
			status = 1
		}
	}
	return status
}
