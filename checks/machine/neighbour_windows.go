package machine

import (
	"fmt"
	"net"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	getIPNetTable2 = windows.NewLazySystemDLL("iphlpapi.dll").NewProc("GetIpNetTable2")
	freeMibTable   = windows.NewLazySystemDLL("iphlpapi.dll").NewProc("FreeMibTable")
)

// netRow is MIB_IPNET_ROW2.
type netRow struct {
	address   windows.RawSockaddrInet6 // SOCKADDR_INET: a union, as large as this
	index     uint32
	luid      uint64
	mac       [32]byte
	macLength uint32
	state     uint32 // NL_NEIGHBOR_STATE
	flags     uint32 // a byte and its padding
	reached   uint32
}

// netTable is MIB_IPNET_TABLE2.
type netTable struct {
	count uint32
	_     uint32 // rows begin at a multiple of eight, on 386 too
	first netRow
}

func neighbours() ([]Neighbour, error) {
	if err := getIPNetTable2.Find(); err != nil {
		return nil, fmt.Errorf("list neighbours: %w", err)
	}
	var t *netTable
	if r, _, _ := getIPNetTable2.Call(windows.AF_UNSPEC, uintptr(unsafe.Pointer(&t))); r != 0 {
		return nil, fmt.Errorf("list neighbours: %w", windows.Errno(r))
	}
	defer freeMibTable.Call(uintptr(unsafe.Pointer(t)))
	var ns []Neighbour
	for _, row := range unsafe.Slice(&t.first, t.count) {
		if n, ok := row.neighbour(); ok {
			ns = append(ns, n)
		}
	}
	return ns, nil
}

func (r *netRow) neighbour() (Neighbour, bool) {
	const unreachable, incomplete, probe, delay, stale, reachable, permanent = 0, 1, 2, 3, 4, 5, 6
	var n Neighbour
	switch r.state {
	case reachable, permanent:
		n.State = NeighbourAnswers
	case unreachable, incomplete:
		n.State = NeighbourSilent
	case probe, delay, stale:
		n.State = NeighbourKnown
	default:
		return n, false
	}
	switch r.address.Family {
	case windows.AF_INET:
		n.Addr = netip.AddrFrom4((*windows.RawSockaddrInet4)(unsafe.Pointer(&r.address)).Addr)
	case windows.AF_INET6:
		n.Addr = netip.AddrFrom16(r.address.Addr)
	default:
		return n, false
	}
	n.MAC = net.HardwareAddr(r.mac[:min(r.macLength, uint32(len(r.mac)))]).String()
	return n, true
}
