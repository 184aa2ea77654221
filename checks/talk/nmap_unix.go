//go:build unix

package talk

import (
	"os/exec"
	"syscall"

	"github.com/Ullaakut/nmap/v3"
)

// alone starts a program in a session of its own, which ends as one: when its
// context does, and by end, which is called when it is over. It has no terminal:
// nmap would take a person's keys, and when it is killed not give it back as it
// was.
func alone(cmd *exec.Cmd) (end func(), err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	kill := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel = kill
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() { _ = kill() }, nil // most often nobody is left
}

// keysAside keeps nmap from waiting for keys. Asked for by option it would not
// tell how far it is, either.
func keysAside() []nmap.Option { return nil }

// installed is where the program is though the path does not lead there.
func installed() string { return "" }
