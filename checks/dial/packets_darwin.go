package dial

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"netcheck/report/result"
)

// set prepares the socket. This system has no way to ignore answers by TTL.
func (p packets) set(handle uintptr, v6 bool) error {
	fd := int(handle)
	if p.minTTL != 0 {
		return errors.ErrUnsupported
	}
	level, ttl := unix.IPPROTO_IP, unix.IP_TTL
	if v6 {
		level, ttl = unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS
	}
	if p.ttl != 0 {
		if err := unix.SetsockoptInt(fd, level, ttl, p.ttl); err != nil {
			return err
		}
	}
	if p.maxSegment != 0 {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_MAXSEG, p.maxSegment); err != nil {
			return err
		}
	}
	return nil
}

// tcpInfo asks for TCP_CONNECTION_INFO. It counts bytes where others count
// segments, and does not say how large the peer's were.
func tcpInfo(fd uintptr) *result.TCPInfo {
	i, err := unix.GetsockoptTCPConnectionInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_CONNECTION_INFO)
	if err != nil || i.Maxseg == 0 {
		return nil
	}
	segment := uint64(i.Maxseg)
	sent := int64(i.Txbytes) - int64(i.Txretransmitbytes)
	return &result.TCPInfo{
		Retransmits:   int(i.Txretransmitpackets),
		BytesAcked:    1 + max(0, sent-int64(i.Snd_sbbytes)),
		BytesReceived: int64(i.Rxbytes),
		OutOfOrder:    int((i.Rxoutoforderbytes + segment - 1) / segment),
		SendMSS:       int(i.Maxseg),
		RTT:           result.Duration(time.Duration(i.Srtt) * time.Millisecond),
	}
}
