package machine

import (
	"net/netip"
)

// Socket is a socket of this machine that waits for others: a listening TCP
// socket, or a UDP socket without a peer.
type Socket struct {
	Proto string         // tcp or udp
	Addr  netip.AddrPort // unspecified address: on every one
	// Dual says that an unspecified IPv6 address takes IPv4 as well, which
	// systems leave to each socket and do not list; so it is a maybe.
	Dual bool

	pid   int    // Windows
	inode uint64 // Linux
}

// Sockets lists the sockets that wait on any of the ports.
func Sockets(proto string, ports []uint16) ([]Socket, error) { return sockets(proto, ports) }

// Owner is the process that a socket belongs to.
type Owner struct {
	PID  int
	Name string
}

// OwnerOf finds a socket's process. It is an ErrHidden where this user may not
// see it.
func OwnerOf(s Socket) (Owner, error) { return ownerOf(s) }

// ErrHidden says that the system does not show a socket's process to this user.
const ErrHidden = hidden("the system does not show to this user which process it is")

type hidden string

func (h hidden) Error() string { return string(h) }
