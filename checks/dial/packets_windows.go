package dial

import (
	"errors"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"netcheck/report/result"
)

// set prepares the socket. This system has no way to ignore answers by TTL and
// none to make segments smaller.
func (p packets) set(handle uintptr, v6 bool) error {
	fd := windows.Handle(handle)
	if p.minTTL != 0 || p.maxSegment != 0 {
		return errors.ErrUnsupported
	}
	level, ttl := windows.IPPROTO_IP, windows.IP_TTL
	if v6 {
		level, ttl = windows.IPPROTO_IPV6, windows.IPV6_UNICAST_HOPS
	}
	if p.ttl != 0 {
		if err := windows.SetsockoptInt(fd, level, ttl, p.ttl); err != nil {
			return err
		}
	}
	if p.brief {
		_ = windows.SetsockoptInt(fd, windows.IPPROTO_TCP, windows.TCP_NOSYNRETRIES, 1) // only how long it lasts
	}
	return nil
}

// tcpInfoV0 is Windows' TCP_INFO_v0, which it has had since 10.0.15063.
type tcpInfoV0 struct {
	State             uint32
	Mss               uint32
	ConnectionTimeMs  uint64
	TimestampsEnabled bool
	RttUs             uint32
	MinRttUs          uint32
	BytesInFlight     uint32
	Cwnd              uint32
	SndWnd            uint32
	RcvWnd            uint32
	RcvBuf            uint32
	BytesOut          uint64
	BytesIn           uint64
	BytesReordered    uint32
	BytesRetrans      uint32
	FastRetrans       uint32
	DupAcksIn         uint32
	TimeoutEpisodes   uint32
	SynRetrans        uint8
}

// sioTCPInfo is SIO_TCP_INFO, _WSAIORW(IOC_VENDOR, 39).
const sioTCPInfo = 0xD8000027

// tcpInfo asks for SIO_TCP_INFO. It counts bytes where others count segments,
// and does not say how large the peer's were.
func tcpInfo(fd uintptr) *result.TCPInfo {
	version, got := uint32(0), uint32(0)
	var i tcpInfoV0
	err := windows.WSAIoctl(windows.Handle(fd), sioTCPInfo, (*byte)(unsafe.Pointer(&version)), uint32(unsafe.Sizeof(version)),
		(*byte)(unsafe.Pointer(&i)), uint32(unsafe.Sizeof(i)), &got, nil, 0)
	if err != nil || uintptr(got) < unsafe.Offsetof(i.SynRetrans) || i.Mss == 0 {
		return nil
	}
	segments := func(bytes uint32) int { return int((uint64(bytes) + uint64(i.Mss) - 1) / uint64(i.Mss)) }
	return &result.TCPInfo{
		Retransmits:   segments(i.BytesRetrans) + int(i.SynRetrans),
		BytesAcked:    1 + max(0, int64(i.BytesOut)-int64(i.BytesRetrans)-int64(i.BytesInFlight)),
		BytesReceived: int64(i.BytesIn),
		OutOfOrder:    segments(i.BytesReordered),
		SendMSS:       int(i.Mss),
		RTT:           result.Duration(time.Duration(i.RttUs) * time.Microsecond),
	}
}
