package checks

import (
	"slices"

	"netcheck/checks/machine"
	"netcheck/profiles/value"
)

// LocalKinds are those that look at the very machine that they are made from.
func LocalKinds() []string { return []string{listenKind.Name, inboundKind.Name} }

// PortFields are where kinds say on which ports somebody has to serve.
func PortFields() []string { return []string{"port", "ports", "local_port", "public_port"} }

// own tells whether a host may be this machine: no address of another is it.
func own(host value.Host) bool {
	a, literal := host.Addr()
	if !literal {
		return true
	}
	all, err := machine.Addresses()
	return err != nil || slices.ContainsFunc(all, func(m machine.Address) bool { return m.Prefix.Addr() == a.WithZone("") })
}

// Served are the ports that must be served, of this machine or of the one that
// the check contacts, as far as its fields are known. A port that is to be
// closed is none, nor is one that is forwarded to another machine than this.
func Served(body any) (proto string, ports []uint16) {
	switch c := body.(type) {
	case *listenCheck:
		return c.proto(), c.list().All()
	case *inboundCheck:
		if c.localPort() == 0 || !own(c.LocalHost) {
			return "", nil
		}
		return c.proto(), []uint16{c.localPort()}
	case *tcpCheck:
		if c.Expect == expectClosed {
			return "", nil
		}
		return "tcp", c.ports.list().All()
	case *udpCheck:
		return "udp", c.ports.list().All()
	case *tlsCheck:
		return "tcp", c.portList().All()
	case *httpCheck:
		for _, u := range c.urls() {
			if u.URL != nil && !slices.Contains(ports, portOf(u)) { // nil: it is not known
				ports = append(ports, portOf(u))
			}
		}
		return "tcp", ports
	case *ftpCheck:
		return "tcp", []uint16{c.port()}
	case *sshCheck:
		return "tcp", c.portList().All()
	case *nmapCheck:
		if c.Proto == "udp" {
			return "udp", c.ports.list().All()
		}
		return "tcp", c.ports.list().All()
	}
	return "", nil
}
