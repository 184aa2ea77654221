package checks

import "slices"

// LocalKinds are those that look at the very machine that they are made from.
func LocalKinds() []string { return []string{listenKind.Name, "inbound"} }

// PortFields are where kinds say on which ports somebody has to serve.
func PortFields() []string { return []string{"port", "ports", "local_port", "public_port"} }

// Served are the ports that must be served, of this machine or of the one that
// the check contacts, as far as its fields are known. A port that is to be
// closed is none.
func Served(body any) (proto string, ports []uint16) {
	switch c := body.(type) {
	case *listenCheck:
		return c.proto(), c.list().All()
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
		for _, e := range c.Endpoints() {
			if !slices.Contains(ports, e.Port) {
				ports = append(ports, e.Port)
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
