package standin

import (
	"net"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// packets are a port's datagrams, each answered from the very address that it
// came to: who asked another of this machine's would not take the answer. Such
// messages beside the data are in the form of the socket's family, also for
// IPv4 over a socket of IPv6, which golang.org/x/net does not know how to write.
type packets struct {
	c     *net.UDPConn
	bytes [64]byte // of messages beside a datagram
}

func newPackets(c *net.UDPConn) *packets {
	if raw, err := c.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { // only one of them is the socket's family's
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_PKTINFO, 1)
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1)
		})
	}
	return &packets{c: c}
}

// read is the next datagram, whom it is from, and what lets the answer come
// from the address that it was for.
func (p *packets) read(b []byte) (n int, from netip.AddrPort, back []byte, err error) {
	n, more, _, from, err := p.c.ReadMsgUDPAddrPort(b, p.bytes[:])
	if err != nil {
		return n, netip.AddrPort{}, nil, err
	}
	return n, from, wayBack(p.bytes[:more]), nil
}

func wayBack(messages []byte) []byte {
	all, err := unix.ParseSocketControlMessage(messages)
	if err != nil {
		return nil
	}
	for _, m := range all {
		switch {
		case m.Header.Level == unix.IPPROTO_IP && m.Header.Type == unix.IP_PKTINFO && len(m.Data) >= unix.SizeofInet4Pktinfo:
			info := (*unix.Inet4Pktinfo)(unsafe.Pointer(&m.Data[0]))
			return unix.PktInfo4(&unix.Inet4Pktinfo{Spec_dst: info.Spec_dst}) // of a broadcast, the interface's address
		case m.Header.Level == unix.IPPROTO_IPV6 && m.Header.Type == unix.IPV6_PKTINFO && len(m.Data) >= unix.SizeofInet6Pktinfo:
			info := (*unix.Inet6Pktinfo)(unsafe.Pointer(&m.Data[0]))
			if a := netip.AddrFrom16(info.Addr); a.IsMulticast() || a.Unmap().IsMulticast() {
				return nil
			}
			return unix.PktInfo6(&unix.Inet6Pktinfo{Addr: info.Addr})
		}
	}
	return nil
}

// write answers. What can't be the sender, as a network's broadcast address, is
// left to the routes.
func (p *packets) write(b, back []byte, to netip.AddrPort) {
	if _, _, err := p.c.WriteMsgUDPAddrPort(b, back, to); err != nil && back != nil {
		_, _ = p.c.WriteToUDPAddrPort(b, to)
	}
}
