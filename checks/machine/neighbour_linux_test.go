package machine

import (
	"encoding/binary"
	"net/netip"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// entry is a message of the kernel about its neighbour table.
func entry(state uint16, dst, mac []byte) syscall.NetlinkMessage {
	data := make([]byte, unix.SizeofNdMsg)
	binary.NativeEndian.PutUint16(data[8:], state)
	for kind, value := range map[uint16][]byte{unix.NDA_DST: dst, unix.NDA_LLADDR: mac} {
		if value == nil {
			continue
		}
		data = binary.NativeEndian.AppendUint16(data, uint16(unix.SizeofRtAttr+len(value)))
		data = binary.NativeEndian.AppendUint16(data, kind)
		data = append(data, value...)
		for len(data)%4 != 0 {
			data = append(data, 0)
		}
	}
	return syscall.NetlinkMessage{Header: syscall.NlMsghdr{Type: syscall.RTM_NEWNEIGH}, Data: data}
}

func TestNeighbour(t *testing.T) {
	ip4, ip6 := netip.MustParseAddr("192.168.1.20"), netip.MustParseAddr("fe80::20")
	mac := []byte{2, 0, 0, 0, 0, 0x20}
	for name, c := range map[string]struct {
		m    syscall.NetlinkMessage
		ok   bool
		want Neighbour
	}{
		"answers":       {entry(unix.NUD_REACHABLE, ip4.AsSlice(), mac), true, Neighbour{ip4, "02:00:00:00:00:20", NeighbourAnswers}},
		"by hand":       {entry(unix.NUD_PERMANENT, ip6.AsSlice(), mac), true, Neighbour{ip6, "02:00:00:00:00:20", NeighbourAnswers}},
		"answered once": {entry(unix.NUD_STALE, ip4.AsSlice(), mac), true, Neighbour{ip4, "02:00:00:00:00:20", NeighbourKnown}},
		"being asked":   {entry(unix.NUD_INCOMPLETE, ip4.AsSlice(), nil), true, Neighbour{ip4, "", NeighbourSilent}},
		"asked in vain": {entry(unix.NUD_FAILED, ip4.AsSlice(), nil), true, Neighbour{ip4, "", NeighbourSilent}},
		"no discovery":  {entry(unix.NUD_NOARP, ip4.AsSlice(), nil), false, Neighbour{}},
		"no address":    {entry(unix.NUD_REACHABLE, nil, mac), false, Neighbour{}},
		"cut off":       {syscall.NetlinkMessage{Header: syscall.NlMsghdr{Type: syscall.RTM_NEWNEIGH}, Data: []byte{1, 2}}, false, Neighbour{}},
	} {
		got, ok := neighbour(c.m)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s: %+v, %t", name, got, ok)
		}
	}
}

func TestWayToThisMachine(t *testing.T) {
	w, err := WayTo(netip.MustParseAddr("127.0.0.1"))
	if err != nil || w.From != netip.MustParseAddr("127.0.0.1") || w.Interface == "" || w.Tunnel {
		t.Errorf("%+v, %v", w, err)
	}
}
