package report

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// pseudonyms makes them, by one key. What was asked for once is kept.
type pseudonyms struct {
	key   []byte
	addrs map[netip.Addr]netip.Addr
	own   []netip.Prefix // public networks that are the site's own
}

func (x *pseudonyms) mac(parts ...string) []byte {
	h := hmac.New(sha256.New, x.key)
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return h.Sum(nil)
}

// label is the pseudonym of a word, fit for a name's label and for a file's name.
func (x *pseudonyms) label(word string) string {
	return labelMark + strings.ToLower(base32.StdEncoding.EncodeToString(x.mac("word", strings.ToLower(word))[:5]))
}

const labelMark = "site-"

// isLabel knows a pseudonym, which is not replaced once more.
func isLabel(s string) bool { return len(s) == len(labelMark)+8 && strings.HasPrefix(s, labelMark) }

var (
	carrierNAT  = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598
	ownPublic4  = netip.MustParsePrefix("198.18.0.0/15") // RFC 2544: in use nowhere
	ownPublic6  = netip.MustParsePrefix("2001:db8::/32") // RFC 3849
	metadata    = netip.MustParseAddr("169.254.169.254") // of every cloud
	internalNet = []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
		netip.MustParsePrefix("169.254.0.0/16"), carrierNAT,
		netip.MustParsePrefix("fd00::/8"), netip.MustParsePrefix("fc00::/8"), netip.MustParsePrefix("fe80::/64"),
	}
)

// addr is the pseudonym of an address that is the site's; any other stays. Two
// addresses have as many leading bits in common as those that they stand for.
func (x *pseudonyms) addr(a netip.Addr) netip.Addr {
	zone := a.Zone()
	if a.Is4In6() {
		return netip.AddrFrom16(x.addr(a.Unmap()).As16())
	}
	a = a.WithZone("")
	to, known := x.addrs[a]
	if !known {
		to = x.mapped(a)
		x.addrs[a] = to
	}
	return to.WithZone(zone)
}

func (x *pseudonyms) mapped(a netip.Addr) netip.Addr {
	if a == metadata {
		return a
	}
	for _, p := range internalNet {
		if p.Contains(a) {
			return x.scramble(a, a, p.Bits())
		}
	}
	for _, p := range x.own {
		switch {
		case !p.Contains(a):
		case a.Is4(): // 9 bits for the network, and within it as it was
			b := ownPublic4.Addr().As4()
			n := a.As4()
			h := x.mac("network", string(n[:3]))
			b[1], b[2], b[3] = b[1]|h[0]&1, h[1], n[3]
			return x.scramble(netip.AddrFrom4(b), a, 24)
		default:
			b, n := a.As16(), ownPublic6.Addr().As16()
			copy(b[:4], n[:4])
			return x.scramble(netip.AddrFrom16(b), a, ownPublic6.Bits())
		}
	}
	return a
}

// scramble turns the bits behind the first ones, each by what stands before it in
// the address that it is for.
func (x *pseudonyms) scramble(to, of netip.Addr, from int) netip.Addr {
	b, seen := to.AsSlice(), of.AsSlice()
	for i := from; i < len(b)*8; i++ {
		prefix := append([]byte(nil), seen[:i/8+1]...)
		prefix[i/8] &^= 0xff >> (i % 8)
		if x.mac("bit", strconv.Itoa(len(b)), strconv.Itoa(i), string(prefix))[0]&1 > 0 {
			b[i/8] ^= 0x80 >> (i % 8)
		}
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// hardware is the pseudonym of a MAC address, in the same writing. It is one that
// is administered locally: whose make a device is, is not said.
func (x *pseudonyms) hardware(s string) string {
	hw, err := net.ParseMAC(s)
	if err != nil || len(hw) != 6 || hw[0]&1 > 0 || hw.String() == "00:00:00:00:00:00" {
		return s
	}
	to := net.HardwareAddr(x.mac("mac", string(hw))[:6])
	to[0] = to[0]&^1 | 2
	out := to.String()
	if strings.Contains(s, "-") {
		out = strings.ReplaceAll(out, ":", "-")
	}
	if s == strings.ToUpper(s) {
		out = strings.ToUpper(out)
	}
	return out
}

var (
	macLike  = regexp.MustCompile(`(?i)\b[0-9a-f]{2}(?:(?::[0-9a-f]{2}){5}|(?:-[0-9a-f]{2}){5})\b`)
	ip4Like  = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b`)
	ip6Like  = regexp.MustCompile(`(?i)::ffff:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f]*:[0-9a-f:]*`)
	backward = regexp.MustCompile(`(?i)\b((?:\d{1,3}\.){4})in-addr\.arpa|\b(?:[0-9a-f]\.){32}ip6\.arpa`)
	dashed   = regexp.MustCompile(`\b\d{1,3}(?:-\d{1,3}){3}\b`)
	length   = regexp.MustCompile(`^/(\d{1,3})\b`)
)

// addresses replaces them wherever they stand in a text.
func (x *pseudonyms) addresses(s string) string {
	if !strings.ContainsAny(s, ".:-") {
		return s
	}
	s = backward.ReplaceAllStringFunc(s, x.backward)
	s = replaced(macLike, s, func(m, before, after string) string {
		if strings.HasSuffix(before, ":") || strings.HasPrefix(after, ":") || strings.HasSuffix(before, "-") || strings.HasPrefix(after, "-") {
			return m // a part of something longer, such as a fingerprint
		}
		return x.hardware(m)
	})
	s = replaced(ip6Like, s, func(m, _, after string) string {
		trimmed := strings.TrimRight(m, ":.")
		if strings.HasSuffix(m, "::") {
			trimmed = m
		}
		return x.text(trimmed, after) + m[len(trimmed):]
	})
	s = replaced(ip4Like, s, func(m, before, after string) string {
		if strings.HasSuffix(before, ".") || len(after) > 1 && after[0] == '.' && after[1] >= '0' && after[1] <= '9' || strings.HasSuffix(before, ":") && strings.HasSuffix(before, "ffff:") {
			return m
		}
		return x.text(m, after)
	})
	return replaced(dashed, s, func(m, _, _ string) string { // as in the names that providers give
		a, err := netip.ParseAddr(strings.ReplaceAll(m, "-", "."))
		if err != nil {
			return m
		}
		return strings.ReplaceAll(x.addr(a).String(), ".", "-")
	})
}

// text is an address as it is written; of a network it stays a network.
func (x *pseudonyms) text(s, after string) string {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return s
	}
	to := x.addr(a)
	if to == a {
		return s
	}
	if m := length.FindStringSubmatch(after); m != nil {
		bits, _ := strconv.Atoi(m[1])
		if p, err := a.Prefix(bits); err == nil && p.Addr() == a {
			if p, err := to.Prefix(bits); err == nil {
				return p.Addr().String()
			}
		}
	}
	return to.String()
}

// backward is the pseudonym of a name under which an address is looked up.
func (x *pseudonyms) backward(s string) string {
	parts := strings.Split(strings.TrimSuffix(strings.ToLower(s), ".in-addr.arpa"), ".")
	if len(parts) != 4 {
		return x.label(s) + ".ip6.arpa"
	}
	a, err := netip.ParseAddr(parts[3] + "." + parts[2] + "." + parts[1] + "." + parts[0])
	if err != nil {
		return s
	}
	b := x.addr(a).As4()
	return strconv.Itoa(int(b[3])) + "." + strconv.Itoa(int(b[2])) + "." + strconv.Itoa(int(b[1])) + "." + strconv.Itoa(int(b[0])) + ".in-addr.arpa"
}

// replaced replaces matches by what by says, which sees what stands around them.
func replaced(re *regexp.Regexp, s string, by func(match, before, after string) string) string {
	at := re.FindAllStringIndex(s, -1)
	if at == nil {
		return s
	}
	var b strings.Builder
	end := 0
	for _, m := range at {
		b.WriteString(s[end:m[0]])
		b.WriteString(by(s[m[0]:m[1]], s[:m[0]], s[m[1]:]))
		end = m[1]
	}
	b.WriteString(s[end:])
	return b.String()
}
