package checks

import "net/netip"

// notPublic are the networks that are not routed on the internet though they
// look like any other unicast address (IANA's special-purpose registries).
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	carrierNAT,
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("3fff::/20"),
	netip.MustParsePrefix("fec0::/10"),
}

// isPrivate reports whether an address is of a network that is somebody's own:
// no public authority signs for it, and what answers there need not be known
// to anybody else. Addresses for documentation are not: where they are used,
// they stand for public ones.
func isPrivate(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || carrierNAT.Contains(a)
}

// carrierNAT are the addresses behind a provider's NAT (RFC 6598).
var carrierNAT = netip.MustParsePrefix("100.64.0.0/10")

// isPublic reports whether an address is one that the whole internet can send
// to, filters aside.
func isPublic(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
