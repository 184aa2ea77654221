package talk

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// passiveAddress is how a 227 reply has an address and a port: RFC 1123,
// 4.1.2.6 warns that what stands around the numbers differs.
var passiveAddress = regexp.MustCompile(`(?:^|[^0-9])(\d{1,3}),\s?(\d{1,3}),\s?(\d{1,3}),\s?(\d{1,3}),\s?(\d{1,3}),\s?(\d{1,3})(?:[^0-9]|$)`)

// Passive is the address and port of a reply to PASV (227).
func (r *FTPReply) Passive() (netip.AddrPort, bool) {
	m := passiveAddress.FindStringSubmatch(strings.Join(r.Lines, " "))
	if m == nil {
		return netip.AddrPort{}, false
	}
	var b [6]byte
	for i := range b {
		n, err := strconv.ParseUint(m[i+1], 10, 8)
		if err != nil {
			return netip.AddrPort{}, false
		}
		b[i] = byte(n)
	}
	port := uint16(b[4])<<8 | uint16(b[5])
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[:4])), port), port != 0
}

// ExtendedPassive is the port of a reply to EPSV (229, RFC 2428): within
// brackets, between delimiters of any kind, with nothing in the places of
// family and address.
func (r *FTPReply) ExtendedPassive() (uint16, bool) {
	_, rest, ok := strings.Cut(strings.Join(r.Lines, " "), "(")
	if !ok || rest == "" {
		return 0, false
	}
	inside, _, ok := strings.Cut(rest, ")")
	parts := strings.Split(inside, rest[:1])
	if !ok || len(parts) != 5 || parts[0] != "" || parts[4] != "" {
		return 0, false
	}
	port, err := strconv.ParseUint(parts[3], 10, 16)
	return uint16(port), err == nil && port != 0
}
