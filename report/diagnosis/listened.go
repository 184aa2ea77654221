package diagnosis

import (
	"net/netip"

	"netcheck/report/portset"
	"netcheck/report/result"
)

// protoListened is the protocol of a check that looks for who listens.
func protoListened(c *result.Check) string {
	if p, _ := c.Spec.Fields["proto"].(string); p != "" {
		return p
	}
	return "tcp"
}

// listened are the ports on which somebody listened for others, and those on
// which nobody did.
func listened(c *result.Check) (heard, not portset.Set) {
	for i := range c.Results {
		res := &c.Results[i]
		switch ports := portset.Parse(res.Ports); {
		case res.State == result.Open && res.Failure == "":
			heard = portset.Join(heard, ports)
		case res.State == result.Closed || c.Code == result.ListenLoopbackOnly && res.Failure != "":
			not = portset.Join(not, ports)
		}
	}
	return heard, not
}

// sockets are where programs listen for others on these ports, as the machine
// itself shows.
func sockets(c *result.Check, ports portset.Set) []netip.AddrPort {
	var all []netip.AddrPort
	for i := range c.Steps {
		for _, text := range texts(&c.Steps[i], factSockets) {
			ap, err := netip.ParseAddrPort(text)
			if err == nil && !ap.Addr().IsLoopback() && ports.Overlaps(portset.Set{{First: ap.Port(), Last: ap.Port()}}) {
				all = append(all, ap)
			}
		}
	}
	return all
}

const factSockets = "sockets"
