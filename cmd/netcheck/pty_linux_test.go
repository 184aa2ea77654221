package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a command that runs on a pseudo-terminal of its own.
type terminal struct {
	t       *testing.T
	tty     *os.File
	cmd     *exec.Cmd
	columns int
	mu      sync.Mutex
	seen    []byte        // all that was written
	read    int           // of it, what was expected already
	more    chan struct{} // something was written
	over    chan struct{} // nothing more will be
}

// patience is how long a command may take before its test fails.
const patience = 20 * time.Second

// openTerminal starts netcheck on a pseudo-terminal of this width. Its stdout
// goes to the terminal, too.
func openTerminal(t *testing.T, columns int, env []string, args ...string) *terminal {
	t.Helper()
	return openTerminalIn(t, "", columns, env, args...)
}

// openTerminalIn does so in a folder.
func openTerminalIn(t *testing.T, folder string, columns int, env []string, args ...string) *terminal {
	t.Helper()
	term, slave := newTerminal(t, columns)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	term.cmd = exec.CommandContext(ctx, "netcheck", args...)
	term.cmd.Env = append([]string{"TERM=xterm-256color", "LANG=C.UTF-8", "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
	term.cmd.Dir = folder
	term.cmd.Stdin, term.cmd.Stdout, term.cmd.Stderr = slave, slave, slave
	term.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := term.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	go term.watch()
	return term
}

// newTerminal is a pseudo-terminal of this width that nothing runs on yet, and the
// side of it that a command has.
func newTerminal(t *testing.T, columns int) (*terminal, *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("this system gives no pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	var n int
	control(t, master, func(fd int) error {
		if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
			return err
		}
		n, err = unix.IoctlGetInt(fd, unix.TIOCGPTN)
		return err
	})
	control(t, master, func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: uint16(columns)})
	})
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("this system gives no pseudo-terminal: %v", err)
	}
	return &terminal{t: t, tty: master, columns: columns, more: make(chan struct{}, 1), over: make(chan struct{})}, slave
}

func control(t *testing.T, f *os.File, do func(fd int) error) {
	t.Helper()
	raw, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = do(int(fd)) }); err != nil || inner != nil {
		t.Fatal(err, inner)
	}
}

func (x *terminal) watch() {
	defer close(x.over)
	b := make([]byte, 4096)
	for {
		n, err := x.tty.Read(b)
		x.mu.Lock()
		x.seen = append(x.seen, b[:n]...)
		x.mu.Unlock()
		select {
		case x.more <- struct{}{}:
		default:
		}
		if err != nil {
			return // EIO: the command has closed its side
		}
	}
}

// all is all that was shown.
func (x *terminal) all() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return string(x.seen)
}

// next finds the text after what was expected before.
func (x *terminal) next(text string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	i := bytes.Index(x.seen[x.read:], []byte(text))
	if i >= 0 {
		x.read += i + len(text)
	}
	return i >= 0
}

// expect waits until the text is shown, after what was expected before.
func (x *terminal) expect(text string) {
	x.t.Helper()
	limit := time.After(patience)
	for !x.next(text) {
		select {
		case <-x.more:
		case <-x.over:
			if !x.next(text) {
				x.t.Fatalf("%q was never shown, but:\n%s", text, x.all())
			}
			return
		case <-limit:
			x.t.Fatalf("%q was not shown in time, but:\n%s", text, x.all())
		}
	}
}

// echoes tells whether the terminal shows what is typed.
func (x *terminal) echoes() bool {
	x.t.Helper()
	var echo bool
	control(x.t, x.tty, func(fd int) error {
		mode, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		echo = err == nil && mode.Lflag&unix.ECHO != 0
		return err
	})
	return echo
}

// send types.
func (x *terminal) send(keys string) {
	x.t.Helper()
	if _, err := x.tty.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

// exit waits for the command to end and returns its status.
func (x *terminal) exit() int {
	x.t.Helper()
	<-x.over
	_ = x.cmd.Wait()
	return x.cmd.ProcessState.ExitCode()
}
