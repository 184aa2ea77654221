//go:build linux

// Package lab builds networks in namespaces, for tests and measurements alone: a
// World is a shop, its gateway, a provider and a cloud, in which a case's verbs
// serve names, certificates and pages, and break things; a Path is a client, a
// router and a server to measure against. It needs no root where the system lets
// users have namespaces of their own, and it touches nothing outside them.
package lab

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Isolate makes cmd start as root of a user namespace of its own, in a network
// namespace of its own: a lab is built in such a process.
func Isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
}

// Unprivileged makes cmd start without any right over the network namespace
// that it is in: what it can do there, any user can.
func Unprivileged(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 65534, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 65534, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
}

// Space is a network namespace, and the thread that is in it.
type Space struct {
	tid  int
	jobs chan func()
}

// NewSpace makes a namespace with a loopback interface that is up.
func NewSpace() (*Space, error) {
	s := &Space{jobs: make(chan func())}
	ready := make(chan error)
	go func() {
		// never unlocked: the thread must not serve others when it is done
		runtime.LockOSThread()
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			ready <- fmt.Errorf("a new network namespace: %w", err)
			return
		}
		s.tid = unix.Gettid()
		ready <- nil
		for job := range s.jobs {
			job()
		}
	}()
	if err := <-ready; err != nil {
		return nil, err
	}
	return s, s.Up("lo", true)
}

// Close ends the thread, and with it the namespace once no socket is in it.
func (s *Space) Close() { close(s.jobs) }

// Do runs f in the namespace: the sockets that it opens are there.
func (s *Space) Do(f func() error) error {
	err := make(chan error)
	s.jobs <- func() { err <- f() }
	return <-err
}

// Aside runs f in the namespace, for as long as it likes: it holds up nobody
// else there.
func (s *Space) Aside(f func() error) error {
	err := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked, as above
		ns, e := os.Open(fmt.Sprintf("/proc/self/task/%d/ns/net", s.tid))
		if e == nil {
			e = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET)
			ns.Close()
		}
		if e == nil {
			e = f()
		}
		err <- e
	}()
	return <-err
}

// Run runs commands in the namespace, one a line; words are split at blanks.
func (s *Space) Run(lines string) error {
	return s.Do(func() error {
		for line := range strings.Lines(lines) {
			words := strings.Fields(line)
			if len(words) == 0 {
				continue
			}
			if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
				return fmt.Errorf("%s: %w: %s", strings.TrimSpace(line), err, bytes.TrimSpace(out))
			}
		}
		return nil
	})
}

// Rules loads nftables rules.
func (s *Space) Rules(rules string) error {
	return s.Do(func() error {
		cmd := exec.Command("nft", "-f", "-")
		cmd.Stdin = strings.NewReader(rules)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("nft: %w: %s", err, bytes.TrimSpace(out))
		}
		return nil
	})
}

// Set sets one of the namespace's net.* settings, such as ipv4/ip_forward.
func (s *Space) Set(name string, value int) error {
	return s.Do(func() error {
		return os.WriteFile("/proc/sys/net/"+name, []byte(strconv.Itoa(value)), 0)
	})
}

// Join connects two namespaces by a virtual cable.
func Join(a *Space, nameA string, b *Space, nameB string) error {
	if err := a.Run(fmt.Sprintf("ip link add %s type veth peer name %s netns %d\nip link set %s up", nameA, nameB, b.tid, nameA)); err != nil {
		return err
	}
	return b.Run("ip link set " + nameB + " up")
}
