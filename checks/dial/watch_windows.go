package dial

import (
	"encoding/binary"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/windows"

	"netcheck/report/result"
)

// watch keeps a second handle of the socket that a net.Dialer connects: the
// dialer closes its own when the connect fails, and only an open one still
// tells which device refused. That is so since Windows 10, version 2004; before
// the error alone says what happened.
type watch struct {
	packets packets
	handle  windows.Handle
}

func newWatch(p packets) *watch { return &watch{packets: p, handle: windows.InvalidHandle} }

// watchCost is how many descriptors a watched connect takes.
const watchCost = 2

// control prepares a socket and begins to watch it. It is net.Dialer's Control.
func (w *watch) control(network, address string, c syscall.RawConn) error {
	if err := w.packets.control(network, address, c); err != nil {
		return err
	}
	return c.Control(func(fd uintptr) {
		w.close()
		if windows.SetsockoptInt(windows.Handle(fd), windows.IPPROTO_TCP, windows.TCP_FAIL_CONNECT_ON_ICMP_ERROR, 1) != nil {
			return // an older one: the connect goes on, with less evidence
		}
		var info windows.WSAProtocolInfo
		if windows.WSADuplicateSocket(windows.Handle(fd), uint32(os.Getpid()), &info) != nil {
			return
		}
		const foreign = -1 // FROM_PROTOCOL_INFO: all of it is in info
		if h, err := windows.WSASocket(foreign, foreign, foreign, &info, 0, windows.WSA_FLAG_OVERLAPPED|windows.WSA_FLAG_NO_HANDLE_INHERIT); err == nil {
			w.handle = h
		}
	})
}

// icmpErrorInfo is the size of Windows' ICMP_ERROR_INFO: a SOCKADDR_INET, the
// protocol, the type and the code.
const icmpErrorInfo = 36

// told reads the ICMP error that ended the connect. Without one an unreachable
// network is this system's own word.
func (w *watch) told() told {
	if w.handle == windows.InvalidHandle {
		return told{}
	}
	var b [icmpErrorInfo]byte
	size := int32(len(b))
	if windows.Getsockopt(w.handle, windows.IPPROTO_TCP, windows.TCP_ICMP_ERROR_INFO, &b[0], &size) != nil || size < icmpErrorInfo-2 {
		return told{}
	}
	return told{icmp: parseErrorInfo(b)}
}

func parseErrorInfo(b [icmpErrorInfo]byte) *result.ICMP {
	var from netip.Addr
	v6 := false
	switch binary.LittleEndian.Uint16(b[:]) {
	case windows.AF_INET:
		from = netip.AddrFrom4([4]byte(b[4:]))
	case windows.AF_INET6:
		from, v6 = netip.AddrFrom16([16]byte(b[8:])), true
	default:
		return nil
	}
	kind, code := int(b[32]), int(b[33])
	return &result.ICMP{From: from.String(), V6: v6, Type: kind, Code: code, Name: icmpName(v6, kind, code)}
}

// close ends the watch: as long as it lasts, so does the connection.
func (w *watch) close() {
	if w.handle != windows.InvalidHandle {
		_ = windows.Closesocket(w.handle)
		w.handle = windows.InvalidHandle
	}
}

func queued(syscall.RawConn) *result.ICMP { return nil }

func tell(_, _ string, _ syscall.RawConn) error { return nil }
