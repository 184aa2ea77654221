package machine

import "net/netip"

// Connection is a TCP connection of this machine, as far as its table shows it.
type Connection struct {
	Local, Remote netip.AddrPort
	Half          bool // its first packet came, and the answer to ours did not
}

// Connections lists them all. It is errors.ErrUnsupported where the system's
// table is not read.
func Connections() ([]Connection, error) { return connections() }
