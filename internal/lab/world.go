//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// World is a shop and what lies between it and the cloud: a till and a server
// on one network behind a gateway, a provider's router, a core router, and a
// cloud with several addresses; see Plan. What else it is, verbs say.
type World struct {
	Plan Plan
	Env  []string // of the prober

	places   map[string]*Space
	services services
	root     bool            // the prober is the till's administrator
	dir      string          // what the prober has as /etc
	lent     map[string]bool // the places that have it
	ports    uint16          // given away by port
	begin    []func()        // when the prober starts
	closers  []func()
	wg       sync.WaitGroup
}

// New builds the world that these lines tell of, one verb a line. It must run
// in an isolated process.
func New(lines string) (*World, error) {
	calls, err := parse(lines)
	if err != nil {
		return nil, err
	}
	w := &World{Plan: plan(), places: map[string]*Space{}, lent: map[string]bool{}}
	err = w.run(calls, shape)
	if err == nil {
		err = errors.Join(w.stand(), w.internet())
	}
	for _, s := range []stage{know, serve, harm} {
		if err == nil {
			err = w.run(calls, s)
		}
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// Place is one of the world's machines: till, server, gateway, provider, core,
// cloud, and those that verbs add.
func (w *World) Place(name string) (*Space, error) {
	if s := w.places[name]; s != nil {
		return s, nil
	}
	return nil, fmt.Errorf("no place %q", name)
}

// Listen serves the connections to a port of a place. Serve's connection ends
// with the world, and after half a minute.
func (w *World) Listen(place string, at netip.AddrPort, serve func(net.Conn)) error {
	s, err := w.Place(place)
	if err != nil {
		return err
	}
	var l net.Listener
	if err := s.Do(func() (err error) { l, err = plainly.Listen(context.Background(), "tcp", at.String()); return err }); err != nil {
		return fmt.Errorf("at %s: %w", place, err)
	}
	w.closers = append(w.closers, func() { l.Close() })
	w.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.wg.Go(func() {
				defer c.Close()
				c.SetDeadline(time.Now().Add(30 * time.Second)) // as long as a case may take
				serve(c)
			})
		}
	})
	return nil
}

// Packets is a socket for datagrams at a place. It ends with the world.
func (w *World) Packets(place string, at netip.AddrPort) (net.PacketConn, error) {
	s, err := w.Place(place)
	if err != nil {
		return nil, err
	}
	var c net.PacketConn
	if err := s.Do(func() (err error) {
		c, err = plainly.ListenPacket(context.Background(), "udp", at.String())
		return err
	}); err != nil {
		return nil, fmt.Errorf("at %s: %w", place, err)
	}
	w.closers = append(w.closers, func() { c.Close() })
	return c, nil
}

// plainly leaves out Multipath TCP, which not every server speaks.
var plainly = func() *net.ListenConfig {
	var c net.ListenConfig
	c.SetMultipathTCP(false)
	return &c
}()

// Dial connects from a place.
func (w *World) Dial(ctx context.Context, place, network, to string) (c net.Conn, err error) {
	s, err := w.Place(place)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	return c, s.Aside(func() error { c, err = d.DialContext(ctx, network, to); return err })
}

// Go runs f until the world ends.
func (w *World) Go(f func()) { w.wg.Go(f) }

// OnClose has f called when the world ends.
func (w *World) OnClose(f func()) { w.closers = append(w.closers, f) }

// Etc writes a file into the prober's /etc, which has nothing else of this
// machine's.
func (w *World) Etc(name, content string) error {
	name = filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(content), 0o644)
}

// etc gives the till, and whoever is started there, an /etc of its own.
func (w *World) etc() error {
	var err error
	if w.dir, err = os.MkdirTemp("", "lab-etc-"); err != nil {
		return err
	}
	w.OnClose(func() { os.RemoveAll(w.dir) })
	for name, content := range map[string]string{
		"resolv.conf":   "nameserver " + w.Plan.Gateway.Addr().String() + "\noptions timeout:2 attempts:2\n",
		"hosts":         "127.0.0.1 localhost\n::1 localhost\n",
		"nsswitch.conf": "hosts: files dns\n",
		"passwd":        "root:x:0:0::/:/bin/false\nnobody:x:65534:65534::/:/bin/false\n",
		"services":      "",
	} {
		if err := w.Etc(name, content); err != nil {
			return err
		}
	}
	if err := w.lendLibraries(); err != nil {
		return err
	}
	return w.lendEtc("till")
}

// lendEtc gives whatever is started at a place from now on the world's /etc.
func (w *World) lendEtc(place string) error {
	s, err := w.Place(place)
	if err != nil || w.lent[place] {
		return err
	}
	w.lent[place] = true
	return s.Do(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
			return fmt.Errorf("a mount namespace: %w", err)
		}
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			return fmt.Errorf("private mounts: %w", err)
		}
		if err := unix.Mount(w.dir, "/etc", "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("mounting /etc: %w", err)
		}
		// what starts here gains no rights by running a program
		return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	})
}

// lendLibraries lets programs of this machine find those of their libraries
// that Debian leads to by way of /etc.
func (w *World) lendLibraries() error {
	links, err := filepath.Glob("/etc/alternatives/*.so*")
	if err != nil || len(links) == 0 {
		return err
	}
	if err := os.Mkdir(filepath.Join(w.dir, "alternatives"), 0o755); err != nil {
		return err
	}
	for _, l := range links {
		to, err := os.Readlink(l)
		if err == nil {
			err = os.Symlink(to, filepath.Join(w.dir, "alternatives", filepath.Base(l)))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Probe runs a command at the till as a technician would: without any right
// beyond those of any user, or, where the world says so, as root of the world
// and of nothing else. Its environment is the world's alone.
func (w *World) Probe(ctx context.Context, argv0 string, args []string, stdout, stderr io.Writer) error {
	return w.ProbeAt(ctx, "till", argv0, args, stdout, stderr)
}

// ProbeAt does the same at another place, with the till's /etc.
func (w *World) ProbeAt(ctx context.Context, place, argv0 string, args []string, stdout, stderr io.Writer) error {
	if err := w.lendEtc(place); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Args = append([]string{argv0}, args...)
	cmd.Env = append([]string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8"}, w.Env...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if w.root {
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	} else {
		Unprivileged(cmd)
	}
	for _, f := range w.begin {
		f()
	}
	if err := w.places[place].Do(cmd.Start); err != nil {
		return err
	}
	return cmd.Wait()
}

// Close takes the world down.
func (w *World) Close() {
	for i := len(w.closers) - 1; i >= 0; i-- {
		w.closers[i]()
	}
	for _, s := range w.places {
		s.Close()
	}
}

// Confine makes cmd start where a world can be built: as root of namespaces of
// its own, which end with it.
func Confine(cmd *exec.Cmd) {
	Isolate(cmd)
	cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWNS
	cmd.SysProcAttr.Setpgid = true
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second // for what it had started to let go of its pipes
}

// space adds a machine.
func (w *World) space(name string, router bool) error {
	s, err := NewSpace()
	if err != nil {
		return err
	}
	w.places[name] = s
	// else IPv6 is silent for its first second, while it looks for doubles
	err = errors.Join(s.Set("ipv6/conf/all/accept_dad", 0), s.Set("ipv6/conf/default/accept_dad", 0), s.Set("ipv6/conf/default/accept_ra", 0))
	if router {
		err = errors.Join(err, s.Set("ipv4/ip_forward", 1), s.Set("ipv6/conf/all/forwarding", 1))
	}
	return err
}

// Known tells whether a word names a place of any world.
func Known(place string) bool {
	return strings.Contains(" till server gateway outer vlan provider core cloud ", " "+place+" ")
}
