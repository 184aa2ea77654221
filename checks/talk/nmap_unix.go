//go:build unix

package talk

import (
	"os/exec"
	"syscall"
)

// alone starts a program in a process group of its own, which ends as one: when
// its context does, and by end, which is called when it is over.
func alone(cmd *exec.Cmd) (end func(), err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	kill := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel = kill
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() { _ = kill() }, nil // most often nobody is left
}

// installed is where the program is though the path does not lead there.
func installed() string { return "" }
