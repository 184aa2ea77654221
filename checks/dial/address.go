package dial

import (
	"net"
	"net/netip"
)

// carrierNAT is what RFC 6598 gives to providers' own translators.
var carrierNAT = netip.MustParsePrefix("100.64.0.0/10")

// public says whether packets to the address cross a gateway that keeps a
// state for each connection, and then somebody else's network.
func public(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !carrierNAT.Contains(a)
}

// network is the neighbourhood that shares an address's way.
func network(a netip.Addr) netip.Prefix {
	bits := 24
	if a.Is6() {
		bits = 64
	}
	p, err := a.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// onLink says whether the address is in a subnet of this machine's own, where
// a missing host shows by three seconds of unanswered ARP.
func onLink(a netip.Addr) bool {
	if a.IsLoopback() {
		return false
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, ia := range addrs {
		n, ok := ia.(*net.IPNet)
		if ok && n.Contains(a.AsSlice()) {
			return true
		}
	}
	return false
}
