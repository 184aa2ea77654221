package talk

import (
	"context"
	"encoding/binary"
	"net/netip"

	"netcheck/checks/dial"
	"netcheck/report/result"
)

// natpmpResults are the result codes of RFC 6886, 3.5.
var natpmpResults = map[uint16]string{
	1: "it speaks another version", 2: "it is switched off there", 4: "out of resources", 5: "it does not know the question",
}

// askNATPMP asks for the external address (RFC 6886, 3.2): two bytes out,
// twelve back.
func askNATPMP(ctx context.Context, network *dial.Network, q WANQuestion) WANAnswer {
	a := WANAnswer{Protocol: NATPMP, Gateway: q.Gateway}
	var told error
	a.Err = askDatagram(ctx, network, netip.AddrPortFrom(q.Gateway, portNATPMP),
		func(netip.Addr) []byte { return []byte{0, 0} },
		func(b []byte) (ok bool) {
			a.Address, ok, told = parseNATPMP(b)
			return ok
		})
	if a.Err == nil {
		a.Err = told
	}
	return a
}

// parseNATPMP reads the answer, and tells whether it is one. An address that it
// gives is one that a line can have.
func parseNATPMP(b []byte) (netip.Addr, bool, error) {
	// what speaks only PCP answers by its own version, and by the code for that
	if len(b) < 4 || b[1] != 128 {
		return netip.Addr{}, false, nil
	}
	if code := binary.BigEndian.Uint16(b[2:]); b[0] != 0 || code != 0 {
		if b[0] != 0 {
			code = 1
		}
		if code == 3 { // network failure: it has not obtained one
			return netip.Addr{}, true, &WANError{result.FailReply, errNone}
		}
		return netip.Addr{}, true, noWAN("code %d: %s", code, orUnknown(natpmpResults[code]))
	}
	if len(b) < 12 {
		return netip.Addr{}, false, nil
	}
	addr, err := ofLine(netip.AddrFrom4([4]byte(b[8:12])))
	return addr, true, err
}

// ofLine is an address if a line can have it. Private ones it can.
func ofLine(a netip.Addr) (netip.Addr, error) {
	a = a.Unmap()
	if a.IsUnspecified() {
		return netip.Addr{}, &WANError{result.FailReply, errNone}
	}
	if !a.IsGlobalUnicast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) || a.Zone() != "" {
		return netip.Addr{}, noWAN("it says that its address is %s", a)
	}
	return a, nil
}

func orUnknown(s string) string {
	if s == "" {
		return "an unknown one"
	}
	return s
}
