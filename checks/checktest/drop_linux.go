package checktest

import (
	"net"
	"syscall"
)

// drop shrinks a listener's queue to one connection and fills it: Linux then
// drops every further SYN, as a firewall would.
func drop(w *World, args []string) error {
	args, address, err := on(args, 1)
	if err != nil {
		return err
	}
	l, err := w.Listen(args[0], address)
	if err != nil {
		return err
	}
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		return err
	}
	var again error
	if err := raw.Control(func(fd uintptr) { again = syscall.Listen(int(fd), 0) }); err != nil {
		return err
	}
	if again != nil {
		return again
	}
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return err
	}
	w.AtEnd(func() { c.Close() })
	return nil
}
