package machine

import (
	"net"
	"net/netip"
)

// Neighbour is what this machine's neighbour table (ARP, or IPv6 neighbour
// discovery) says of an address on its link.
type Neighbour struct {
	Addr  netip.Addr
	MAC   string // "" where none is known
	State NeighbourState
}

// NeighbourState is what has become of asking the link for an address.
type NeighbourState string

const (
	NeighbourAnswers NeighbourState = "answers" // it has said so within the last half minute, or is entered by hand
	NeighbourKnown   NeighbourState = "known"   // it answered before, which may be long ago
	NeighbourSilent  NeighbourState = "silent"  // it was asked and does not answer
)

// Neighbours lists the neighbour table, so far as the system shows it. Nothing
// is asked of the link.
func Neighbours() ([]Neighbour, error) { return neighbours() }

// Way is how a packet to an address would leave this machine.
type Way struct {
	From      netip.Addr // the address that it would be sent from
	Interface string     // that has this address
	Tunnel    bool       // the interface leads to one other end alone, as that of a VPN client or a modem does
}

// WayTo asks the system how it would send to an address. Nothing is sent: a
// datagram socket's connect only asks the routing table.
func WayTo(to netip.Addr) (Way, error) {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(to, 9))) // any port will do
	if err != nil {
		return Way{}, err
	}
	defer c.Close()
	from, ok := c.LocalAddr().(*net.UDPAddr)
	if !ok {
		return Way{}, nil
	}
	w := Way{From: from.AddrPort().Addr().Unmap().WithZone("")}
	as, err := Addresses()
	if err != nil {
		return w, err
	}
	for _, a := range as {
		if a.Prefix.Addr().WithZone("") == w.From {
			w.Interface = a.Interface
		}
	}
	if l, err := net.InterfaceByName(w.Interface); err == nil {
		w.Tunnel = l.Flags&net.FlagPointToPoint != 0 && l.Flags&net.FlagLoopback == 0
	}
	return w, nil
}
