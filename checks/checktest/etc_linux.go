package checktest

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// PrivateEtc is the environment variable by which a test tells that it has put
// this process into user, mount and network namespaces of its own.
const PrivateEtc = "NETCHECK_PRIVATE_ETC"

// etcFiles are what decides how this machine looks names up.
var etcFiles = []string{"resolv.conf", "hosts", "nsswitch.conf"}

// etcVerb gives a file of /etc another text: etc FILE TEXT. It needs a process
// in namespaces of its own; elsewhere the case is skipped.
func etcVerb(w *World, args []string) error {
	args, _, err := on(args, 2)
	if err != nil {
		return err
	}
	if os.Getenv(PrivateEtc) == "" {
		return unavailable("an /etc for this test alone")
	}
	if err := privateEtc(); err != nil {
		return err
	}
	w.AtEnd(func() { _ = resetEtc() })
	return os.WriteFile(filepath.Join("/etc", args[0]), []byte(args[1]+"\n"), 0)
}

// resetEtc gives all files the plainest text.
func resetEtc() error {
	for file, text := range map[string]string{
		"resolv.conf": "", "hosts": "127.0.0.1 localhost\n", "nsswitch.conf": "hosts: files dns\n",
	} {
		if err := os.WriteFile(filepath.Join("/etc", file), []byte(text), 0); err != nil {
			return err
		}
	}
	return nil
}

// privateEtc puts files of this process' own over those of /etc, and brings up
// the loopback interface with addresses for name servers: 10.53.0.1 and .2.
var privateEtc = sync.OnceValue(func() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	dir, err := os.MkdirTemp("", "etc")
	if err != nil {
		return err
	}
	for _, file := range etcFiles {
		own := filepath.Join(dir, file)
		if err := os.WriteFile(own, nil, 0o644); err != nil {
			return err
		}
		if err := unix.Mount(own, filepath.Join("/etc", file), "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount over %s: %w", file, err)
		}
	}
	if err := os.RemoveAll(dir); err != nil { // the mounts keep the files
		return err
	}
	if err := resetEtc(); err != nil {
		return err
	}
	return addresses("127.0.0.1", "10.53.0.1", "10.53.0.2")
})

// addresses gives the loopback interface these addresses and brings it up.
func addresses(as ...string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	for i, a := range as {
		name := "lo" + strings.Repeat(fmt.Sprintf(":%d", i), min(i, 1))
		r, err := unix.NewIfreq(name)
		if err != nil {
			return err
		}
		if err := r.SetInet4Addr(netip.MustParseAddr(a).AsSlice()); err != nil {
			return err
		}
		if err := unix.IoctlIfreq(fd, unix.SIOCSIFADDR, r); err != nil {
			return fmt.Errorf("give %s the address %s: %w", name, a, err)
		}
		r.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
		if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, r); err != nil {
			return fmt.Errorf("bring up %s: %w", name, err)
		}
	}
	return nil
}
