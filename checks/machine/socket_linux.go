package machine

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

func sockets(proto string, ports []uint16) ([]Socket, error) {
	found, err := socketsIn(os.DirFS("/proc"), proto, ports)
	if errors.Is(err, fs.ErrNotExist) { // a container without /proc
		return attemptSockets(proto, ports)
	}
	return found, err
}

// socketsIn reads /proc/net/tcp and its siblings, which show every user's
// sockets to every user.
func socketsIn(proc fs.FS, proto string, ports []uint16) ([]Socket, error) {
	wanted := make(map[uint16]bool, len(ports))
	for _, p := range ports {
		wanted[p] = true
	}
	var found []Socket
	for i, file := range []string{"net/" + proto, "net/" + proto + "6"} {
		b, err := readSome(proc, file)
		if i > 0 && errors.Is(err, fs.ErrNotExist) { // IPv6 is switched off
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list sockets: %w", err)
		}
		for sc := bufio.NewScanner(bytes.NewReader(b)); sc.Scan(); {
			if s, ok := parseSocket(proto, sc.Text()); ok && wanted[s.Addr.Port()] {
				found = append(found, s)
			}
		}
	}
	return found, nil
}

func holdsOtherEnd(local netip.AddrPort) (bool, error) { return otherEndIn(os.DirFS("/proc"), local) }

// otherEndIn looks for a socket whose remote end is this one.
func otherEndIn(proc fs.FS, local netip.AddrPort) (bool, error) {
	for i, file := range []string{"net/tcp", "net/tcp6"} {
		b, err := readSome(proc, file)
		if i > 0 && errors.Is(err, fs.ErrNotExist) { // IPv6 is switched off
			continue
		}
		if err != nil {
			return false, fmt.Errorf("list sockets: %w", err)
		}
		for sc := bufio.NewScanner(bytes.NewReader(b)); sc.Scan(); {
			f := strings.Fields(sc.Text())
			if len(f) < 4 {
				continue
			}
			if remote, ok := parseProcAddr(f[2]); ok && remote == local {
				return true, nil
			}
		}
	}
	return false, nil
}

// parseSocket reads a line of /proc/net/tcp: number, local, remote, state,
// queues, timer, retransmits, user, timeout, inode.
func parseSocket(proto, line string) (Socket, bool) {
	f := strings.Fields(line)
	if len(f) < 10 {
		return Socket{}, false
	}
	const listening, unconnected = "0A", "07" // TCP_LISTEN; TCP_CLOSE, which a UDP socket without a peer has
	if proto == "tcp" && f[3] != listening || proto == "udp" && f[3] != unconnected {
		return Socket{}, false
	}
	addr, ok := parseProcAddr(f[1])
	if !ok {
		return Socket{}, false
	}
	inode, err := strconv.ParseUint(f[9], 10, 64)
	if err != nil {
		return Socket{}, false
	}
	return Socket{Proto: proto, Addr: addr, Inode: inode}, true
}

// parseProcAddr reads 0100007F:1F90: the address in 32-bit words of the
// machine's byte order, the port in hexadecimal.
func parseProcAddr(s string) (netip.AddrPort, bool) {
	host, port, ok := strings.Cut(s, ":")
	b, err := hex.DecodeString(host)
	if !ok || err != nil || len(b)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for w := b; len(w) > 0; w = w[4:] {
		binary.NativeEndian.PutUint32(w, binary.BigEndian.Uint32(w))
	}
	ip, ok := netip.AddrFromSlice(b)
	p, err := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(ip.Unmap(), uint16(p)), true
}

func ownerOf(s Socket) (Owner, error) { return ownerIn(os.DirFS("/proc"), s) }

// ownerIn looks through the descriptors of the processes that this user may
// look into: their own, or all for root.
func ownerIn(proc fs.FS, s Socket) (Owner, error) {
	if s.Inode == 0 {
		return Owner{}, ErrHidden
	}
	want := fmt.Sprintf("socket:[%d]", s.Inode)
	dirs, err := fs.ReadDir(proc, ".")
	if err != nil {
		return Owner{}, fmt.Errorf("list processes: %w", err)
	}
	for _, d := range dirs {
		pid, err := strconv.Atoi(d.Name())
		if err != nil {
			continue
		}
		fds, err := fs.ReadDir(proc, path.Join(d.Name(), "fd"))
		if err != nil {
			continue // another user's, or gone
		}
		owns := slices.ContainsFunc(fds, func(fd fs.DirEntry) bool {
			to, err := fs.ReadLink(proc, path.Join(d.Name(), "fd", fd.Name()))
			return err == nil && to == want
		})
		if owns {
			name, err := readSome(proc, path.Join(d.Name(), "comm"))
			if err != nil {
				return Owner{}, ErrHidden
			}
			return Owner{PID: pid, Name: printable(strings.TrimSpace(string(name)))}, nil
		}
	}
	return Owner{}, ErrHidden
}
