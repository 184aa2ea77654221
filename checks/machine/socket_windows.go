package machine

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	iphlpapi            = windows.NewLazySystemDLL("iphlpapi.dll")
	getExtendedTCPTable = iphlpapi.NewProc("GetExtendedTcpTable")
	getExtendedUDPTable = iphlpapi.NewProc("GetExtendedUdpTable")
)

// Rows of MIB_TCPTABLE_OWNER_PID and its siblings. Ports are in network order
// in the low half; what has no name here is of no use here.
type (
	tcpRow  struct{ state, local, localPort, remote, remotePort, pid uint32 }
	udpRow  struct{ local, localPort, pid uint32 }
	tcp6Row struct {
		local         [16]byte
		_, localPort  uint32
		remote        [16]byte
		_, remotePort uint32
		state, pid    uint32
	}
	udp6Row struct {
		local             [16]byte
		_, localPort, pid uint32
	}
)

func sockets(proto string, ports []uint16) ([]Socket, error) {
	wanted := make(map[uint16]bool, len(ports))
	for _, p := range ports {
		wanted[p] = true
	}
	var found []Socket
	add := func(ip netip.Addr, netPort, pid uint32) {
		if port := hostOrder(netPort); wanted[port] {
			found = append(found, Socket{
				Proto: proto, Addr: netip.AddrPortFrom(ip, port), PID: int(pid),
			})
		}
	}
	const (
		listening   = 2 // MIB_TCP_STATE_LISTEN
		tcpListener = 3 // TCP_TABLE_OWNER_PID_LISTENER
		udpOwner    = 1 // UDP_TABLE_OWNER_PID
	)
	if proto == "udp" {
		return found, errors.Join(
			table(getExtendedUDPTable, windows.AF_INET, udpOwner, func(r *udpRow) { add(ipv4(r.local), r.localPort, r.pid) }),
			table(getExtendedUDPTable, windows.AF_INET6, udpOwner, func(r *udp6Row) { add(netip.AddrFrom16(r.local), r.localPort, r.pid) }),
		)
	}
	err := errors.Join(
		table(getExtendedTCPTable, windows.AF_INET, tcpListener, func(r *tcpRow) {
			if r.state == listening {
				add(ipv4(r.local), r.localPort, r.pid)
			}
		}),
		table(getExtendedTCPTable, windows.AF_INET6, tcpListener, func(r *tcp6Row) {
			if r.state == listening {
				add(netip.AddrFrom16(r.local), r.localPort, r.pid)
			}
		}),
	)
	return found, err
}

func hostOrder(port uint32) uint16 { return uint16(port&0xff)<<8 | uint16(port>>8&0xff) }

func ipv4(a uint32) netip.Addr { return netip.AddrFrom4(*(*[4]byte)(unsafe.Pointer(&a))) }

// table asks for a table of sockets and gives f each row: a count, then the
// rows.
func table[Row any](proc *windows.LazyProc, family, class uintptr, f func(*Row)) error {
	const head = unsafe.Sizeof(uint32(0))
	size := uint32(32 << 10)
	for range 8 { // sockets may come between the question and its repetition
		buf := make([]uint32, (size+3)/4)
		rc, _, _ := proc.Call(uintptr(unsafe.Pointer(&buf[0])), uintptr(unsafe.Pointer(&size)), 0, family, class, 0)
		switch windows.Errno(rc) {
		case windows.ERROR_INSUFFICIENT_BUFFER:
			continue
		case windows.ERROR_SUCCESS:
			var row Row
			fit := (uintptr(len(buf))*4 - head) / unsafe.Sizeof(row)
			for i := range min(uintptr(buf[0]), fit) {
				f((*Row)(unsafe.Pointer(uintptr(unsafe.Pointer(&buf[0])) + head + i*unsafe.Sizeof(row))))
			}
			return nil
		default:
			return fmt.Errorf("list sockets: %w", windows.Errno(rc))
		}
	}
	return errors.New("list sockets: the list keeps growing")
}

func ownerOf(s Socket) (Owner, error) {
	if s.PID == 4 { // the kernel, which holds the ports of services such as IIS for them
		return Owner{PID: s.PID, Name: "System"}, nil
	}
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(s.PID))
	if err != nil {
		return Owner{}, ErrHidden
	}
	defer windows.CloseHandle(h)
	buf := make([]uint16, windows.MAX_LONG_PATH)
	n := uint32(len(buf))
	if err := windows.QueryFullProcessImageName(h, 0, &buf[0], &n); err != nil {
		return Owner{}, ErrHidden
	}
	return Owner{PID: s.PID, Name: printable(filepath.Base(windows.UTF16ToString(buf[:n])))}, nil
}
