package machine

import "net/netip"

// Connection is a TCP connection of this machine, as far as its table shows it.
type Connection struct {
	Local, Remote netip.AddrPort
	Half          bool // its first packet came, and the answer to ours did not
}

// Connections lists those whose end here has the port: of a service, those of
// who called it. It is errors.ErrUnsupported where the system's table is not
// read.
func Connections(port uint16) ([]Connection, error) { return connections(port) }
