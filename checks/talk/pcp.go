package talk

import (
	"context"
	"net/netip"

	"netcheck/checks/dial"
)

// pcpResults are the result codes of RFC 6887, 7.4 that an ANNOUNCE can have.
var pcpResults = map[byte]string{
	1: "it speaks another version", 2: "it is switched off there", 3: "malformed", 4: "it does not know the question", 7: "it has no address itself", 8: "out of resources",
	12: "the question reached it from another address: something in between translates",
}

// pcpLength is a header's, with which an ANNOUNCE is whole.
const pcpLength = 24

// askPCP finds out whether somebody speaks PCP there, by the one question that
// changes nothing: ANNOUNCE (RFC 6887, 14.1). PCP tells an address only with a
// mapping that it makes, so it is not asked for one.
func askPCP(ctx context.Context, network *dial.Network, q WANQuestion) WANAnswer {
	a := WANAnswer{Protocol: PCP, Gateway: q.Gateway}
	var told error
	a.Err = askDatagram(ctx, network, netip.AddrPortFrom(q.Gateway, portNATPMP), pcpAnnounce,
		func(b []byte) (ok bool) {
			ok, told = parsePCP(b)
			return ok
		})
	if a.Err == nil {
		a.Err = told
	}
	return a
}

// pcpAnnounce is the question: version 2, opcode 0, and the asker's address, by
// which the server knows whether it was translated on the way.
func pcpAnnounce(local netip.Addr) []byte {
	b := make([]byte, pcpLength)
	b[0] = 2
	from := local.As16()
	copy(b[8:], from[:])
	return b
}

// parsePCP tells whether a datagram is an answer to an ANNOUNCE, or to any
// question of that version, and what it refuses.
func parsePCP(b []byte) (bool, error) {
	if len(b) >= 4 && b[0] == 0 && b[1] == 128 { // only NAT-PMP is spoken there
		return true, noWAN("code 1: %s", pcpResults[1])
	}
	if len(b) < pcpLength || len(b)%4 != 0 || b[1] != 0x80 {
		return false, nil
	}
	if code := b[3]; code != 0 {
		return true, noWAN("code %d: %s", code, orUnknown(pcpResults[code]))
	}
	return b[0] == 2, nil
}
