package dial

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"netcheck/report/result"
)

// set prepares the socket.
func (p packets) set(handle uintptr, v6 bool) error {
	fd := int(handle)
	level, ttl, minTTL := unix.SOL_IP, unix.IP_TTL, unix.IP_MINTTL
	if v6 {
		level, ttl, minTTL = unix.SOL_IPV6, unix.IPV6_UNICAST_HOPS, unix.IPV6_MINHOPCOUNT
	}
	for _, o := range []struct{ value, level, name int }{
		{p.ttl, level, ttl}, {p.minTTL, level, minTTL}, {p.maxSegment, unix.SOL_TCP, unix.TCP_MAXSEG},
	} {
		if o.value == 0 {
			continue
		}
		if err := unix.SetsockoptInt(fd, o.level, o.name, o.value); err != nil {
			return err
		}
	}
	if p.brief {
		_ = unix.SetsockoptInt(fd, unix.SOL_TCP, unix.TCP_SYNCNT, 1) // only how long it lasts
	}
	return nil
}

// tcpInfo asks for TCP_INFO; nil if the system does not fill it as far as it
// is used here, as kernels before 5.4 and emulated ones.
func tcpInfo(fd uintptr) *result.TCPInfo {
	var i unix.TCPInfo
	size := uint32(unsafe.Sizeof(i))
	_, _, e := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_TCP, unix.TCP_INFO,
		uintptr(unsafe.Pointer(&i)), uintptr(unsafe.Pointer(&size)), 0)
	if e != 0 || uintptr(size) < unsafe.Offsetof(i.Rcv_ooopack)+unsafe.Sizeof(i.Rcv_ooopack) {
		return nil
	}
	if i.Bytes_acked == 0 || i.Snd_mss == 0 {
		return nil // the SYN was confirmed: a system that says otherwise does not count
	}
	return &result.TCPInfo{
		Retransmits:   int(i.Total_retrans),
		BytesAcked:    int64(i.Bytes_acked),
		BytesReceived: int64(i.Bytes_received),
		OutOfOrder:    int(i.Rcv_ooopack),
		Sacked:        int(i.Sacked),
		ReceiveMSS:    int(i.Rcv_mss),
		SendMSS:       int(i.Snd_mss),
		PathMTU:       int(i.Pmtu),
		RTT:           result.Duration(time.Duration(i.Rtt) * time.Microsecond),
	}
}
