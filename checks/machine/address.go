package machine

import "net/netip"

// Address is an address of an interface of this machine.
type Address struct {
	Prefix    netip.Prefix // the address with its network's length
	Interface string
	MAC       string // of the interface, in lower case with colons; "" where it has none
	Index     int    // of the interface

	Endless bool   // Linux says so of an address without an end of validity
	Said    Origin // Windows says this of its origin
}

// Addresses lists the addresses of all interfaces that are up.
func Addresses() ([]Address, error) { return addresses() }

// Origin is how an address came to its interface.
type Origin string

const (
	OriginUnknown Origin = ""
	OriginStatic  Origin = "static" // set by hand
	OriginDHCP    Origin = "dhcp"
	OriginAuto    Origin = "auto" // made by the machine itself, from a router's announcement or for the link alone
)

// OriginOf says how an address came to its interface, and what that was
// concluded from, or why it can't be.
func OriginOf(a Address) (Origin, string) { return originOf(a) }

// Gateways lists the next hops of the default routes, IPv4 before IPv6, the
// preferred one first.
func Gateways() ([]netip.Addr, error) { return gateways() }
