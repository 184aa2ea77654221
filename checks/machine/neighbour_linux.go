package machine

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

func neighbours() ([]Neighbour, error) {
	rib, err := syscall.NetlinkRIB(syscall.RTM_GETNEIGH, syscall.AF_UNSPEC)
	if err != nil {
		return nil, fmt.Errorf("list neighbours: %w", err)
	}
	msgs, err := syscall.ParseNetlinkMessage(rib)
	if err != nil {
		return nil, fmt.Errorf("list neighbours: %w", err)
	}
	var ns []Neighbour
	for _, m := range msgs {
		if n, ok := neighbour(m); ok {
			ns = append(ns, n)
		}
	}
	return ns, nil
}

// neighbour reads a message that describes an entry of the table. The syscall
// package knows the attributes of other messages only.
func neighbour(m syscall.NetlinkMessage) (Neighbour, bool) {
	// struct ndmsg: family, padding, interface index, state, flags, type
	const size = unix.SizeofNdMsg
	if m.Header.Type != syscall.RTM_NEWNEIGH || len(m.Data) < size {
		return Neighbour{}, false
	}
	var n Neighbour
	switch state := binary.NativeEndian.Uint16(m.Data[8:]); {
	case state&(unix.NUD_REACHABLE|unix.NUD_PERMANENT) != 0:
		n.State = NeighbourAnswers
	case state&(unix.NUD_INCOMPLETE|unix.NUD_FAILED) != 0:
		n.State = NeighbourSilent
	case state&(unix.NUD_STALE|unix.NUD_DELAY|unix.NUD_PROBE) != 0:
		n.State = NeighbourKnown
	default:
		return Neighbour{}, false // no neighbour discovery on such a link
	}
	for b := m.Data[size:]; len(b) >= unix.SizeofRtAttr; {
		length, kind := int(binary.NativeEndian.Uint16(b)), binary.NativeEndian.Uint16(b[2:])
		if length < unix.SizeofRtAttr || length > len(b) {
			break
		}
		value := b[unix.SizeofRtAttr:length]
		switch kind {
		case unix.NDA_DST:
			n.Addr, _ = netip.AddrFromSlice(value)
			n.Addr = n.Addr.Unmap()
		case unix.NDA_LLADDR:
			n.MAC = net.HardwareAddr(value).String()
		}
		const align = 4
		b = b[min((length+align-1)&^(align-1), len(b)):]
	}
	return n, n.Addr.IsValid()
}
