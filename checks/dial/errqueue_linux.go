package dial

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"

	"netcheck/report/result"
)

// tellErrors asks the system to keep the ICMP errors that answer the socket's
// packets, with their TTL. Without it IPv6 tells nothing and ends a refused
// connect a second late. A system that cannot is left with errno alone.
func tellErrors(fd int) {
	domain, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN)
	if err != nil {
		return
	}
	tellErrorsOf(fd, domain == unix.AF_INET6)
}

func tellErrorsOf(fd int, v6 bool) {
	if v6 {
		_ = unix.SetsockoptInt(fd, unix.SOL_IPV6, unix.IPV6_RECVERR, 1)
		_ = unix.SetsockoptInt(fd, unix.SOL_IPV6, unix.IPV6_RECVHOPLIMIT, 1)
		return
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_RECVERR, 1)
	_ = unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_RECVTTL, 1)
}

// The kernel's struct sock_extended_err is followed by the sockaddr of the
// device that sent the error.
const (
	extendedErrSize = int(unsafe.Sizeof(unix.SockExtendedErr{}))
	offender4       = extendedErrSize + 4 // behind family and port
	offender6       = extendedErrSize + 8 // behind family, port and flow label
)

// errorQueue takes one ICMP error off the socket's queue, if there is one, and
// says whether there may be more. Read SO_ERROR first: taking may clear it.
func errorQueue(fd int) (icmp *result.ICMP, more bool) {
	var data [64]byte // the head of our packet, which the error quotes
	var oob [256]byte
	_, n, _, _, err := unix.Recvmsg(fd, data[:], oob[:], unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
	if err != nil {
		return nil, err == unix.EINTR
	}
	return parseErrors(oob[:n]), true
}

// parseErrors reads the control messages of an entry of the error queue; nil
// if no ICMP error is in it.
func parseErrors(oob []byte) *result.ICMP {
	var m *result.ICMP
	ttl := 0
	for len(oob) >= unix.SizeofCmsghdr {
		h, b, rest, err := unix.ParseOneSocketControlMessage(oob)
		if err != nil {
			break
		}
		oob = rest
		switch {
		case h.Level == unix.SOL_IP && h.Type == unix.IP_RECVERR, h.Level == unix.SOL_IPV6 && h.Type == unix.IPV6_RECVERR:
			m = parseExtendedErr(b)
		case h.Level == unix.SOL_IP && h.Type == unix.IP_TTL, h.Level == unix.SOL_IPV6 && h.Type == unix.IPV6_HOPLIMIT:
			if len(b) >= 4 {
				ttl = int(binary.NativeEndian.Uint32(b))
			}
		}
	}
	if m != nil {
		m.TTL = ttl
	}
	return m
}

func parseExtendedErr(b []byte) *result.ICMP {
	if len(b) < extendedErrSize {
		return nil
	}
	var from netip.Addr
	v6 := false
	switch origin := b[4]; {
	case origin == unix.SO_EE_ORIGIN_ICMP && len(b) >= offender4+4:
		from = netip.AddrFrom4([4]byte(b[offender4:]))
	case origin == unix.SO_EE_ORIGIN_ICMP6 && len(b) >= offender6+16:
		from, v6 = netip.AddrFrom16([16]byte(b[offender6:])), true
	default:
		return nil // this system's own word, which errno has already
	}
	kind, code := int(b[5]), int(b[6])
	m := &result.ICMP{From: from.String(), V6: v6, Type: kind, Code: code, Name: icmpName(v6, kind, code)}
	if icmpFailure(m) == result.FailMessageSize {
		m.MTU = int(binary.NativeEndian.Uint32(b[8:]))
	}
	return m
}
