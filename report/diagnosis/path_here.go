package diagnosis

import (
	"net/netip"

	"netcheck/report/result"
)

// The follow-ups that tell of this machine and its link, by name, and what they
// record.
const (
	followedDeparture = "departure"
	followedNeighbour = "neighbour"
	factDeparts       = "departs"
	factNext          = "next"
	factNeighbour     = "neighbour"
	factTunnel        = "tunnel"
	factInterface     = "network.interface.name"
)

// departs is whether packets to the symptom's port leave this machine.
func (s *symptom) departs() (leaves, known bool) {
	for _, f := range s.view.followups {
		if f.Name != followedDeparture || f.Address != s.addr.String() || !contains(s, f.Port) {
			continue
		}
		for i := range f.Steps {
			if v := str(&f.Steps[i], factDeparts); f.Steps[i].Failure == "" && v != "" {
				return v == "true", true
			}
		}
	}
	return false, false
}

// neighbour is what the link says of the next device on the way to the
// symptom's address: answers, known or silent; "" if nothing.
func (s *symptom) neighbour() (next netip.Addr, state string) {
	if f := s.view.followed(followedNeighbour, result.Subject{Address: s.addr.String()}); f != nil && s.addr.IsValid() {
		for i := range f.Steps {
			if a, ok := address(str(&f.Steps[i], factNext)); ok {
				return a, str(&f.Steps[i], factNeighbour)
			}
		}
	}
	return netip.Addr{}, ""
}

// tunnelLink is the interface of a tunnel by which packets to the symptom's address
// leave; "" if they don't.
func (s *symptom) tunnelLink() string {
	if f := s.view.followed(followedNeighbour, result.Subject{Address: s.addr.String()}); f != nil && s.addr.IsValid() {
		for i := range f.Steps {
			if str(&f.Steps[i], factTunnel) == "true" {
				return str(&f.Steps[i], factInterface)
			}
		}
	}
	return ""
}
