package machine

import "net/netip"

// Socket is a socket of this machine that waits for others: a listening TCP
// socket, or a UDP socket without a peer.
type Socket struct {
	Proto string // tcp or udp
	// Addr is where it waits; an unspecified address stands for all of this
	// machine. That of IPv6 takes IPv4 as well unless its program said
	// otherwise, which the tables do not show.
	Addr netip.AddrPort

	PID   int    // of its process, where the table says it: on Windows
	Inode uint64 // by which Linux knows it
}

// Sockets lists the sockets that wait on any of the ports.
func Sockets(proto string, ports []uint16) ([]Socket, error) { return sockets(proto, ports) }

// HoldsOtherEnd tells whether the other end of a TCP connection, by this
// machine's address in it, is on this machine as well: a program here took it
// over, whatever address it was meant for. It is errors.ErrUnsupported where
// the system's table is not read.
func HoldsOtherEnd(local netip.AddrPort) (bool, error) { return holdsOtherEnd(local) }

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
