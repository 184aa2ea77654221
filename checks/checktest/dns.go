package checktest

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"netcheck/internal/servers"
)

// dnsVerb starts a DNS server on UDP and TCP: dns PORT. Names that no record
// verb gives it do not exist.
func dnsVerb(w *World, args []string) error {
	args, address, err := on(args, 1)
	if err != nil {
		return err
	}
	if address == "" {
		address = "127.0.0.1"
	}
	p, err := port(args[0])
	if err != nil {
		return err
	}
	var packets net.PacketConn
	var listener net.Listener
	for range 20 { // until a port is free on both
		if packets, err = net.ListenPacket("udp", net.JoinHostPort(address, strconv.Itoa(int(p)))); err != nil {
			return err
		}
		if listener, err = net.Listen("tcp", packets.LocalAddr().String()); err == nil {
			break
		}
		packets.Close()
	}
	if err != nil {
		return err
	}
	z := servers.NewZone(nil)
	w.AtEnd(z.Serve(packets, listener))
	number := portOf(packets.LocalAddr())
	w.zones[number] = z
	return w.name(args[0], number)
}

func (w *World) zone(arg string) (*servers.Zone, error) {
	p, err := port(arg)
	if z := w.zones[p]; z != nil {
		return z, nil
	}
	return nil, fmt.Errorf("no dns server on %s (%v)", arg, err)
}

// record adds a record: record PORT "name. A 127.0.0.1".
func record(w *World, args []string) error {
	args, _, err := on(args, 2)
	if err != nil {
		return err
	}
	z, err := w.zone(args[0])
	if err != nil {
		return err
	}
	return z.Add(args[1])
}

// rcode makes a name fail: rcode PORT NAME SERVFAIL; * is every name.
func rcode(w *World, args []string) error {
	args, _, err := on(args, 3)
	if err != nil {
		return err
	}
	z, err := w.zone(args[0])
	if err != nil {
		return err
	}
	return z.Fate(args[1], args[2])
}

// dnsMode makes the server misbehave: dns-mode PORT MODE[=COUNT]….
func dnsMode(w *World, args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("wanted a port and modes")
	}
	z, err := w.zone(args[0])
	if err != nil {
		return err
	}
	for _, m := range args[1:] {
		if err := z.Mode(m); err != nil {
			return err
		}
	}
	return nil
}

// resolve makes the run ask this server in place of the machine's resolvers.
func resolve(w *World, args []string) error {
	args, address, err := on(args, 1)
	if err != nil {
		return err
	}
	if address == "" {
		address = "127.0.0.1"
	}
	a, err := netip.ParseAddrPort(net.JoinHostPort(address, args[0]))
	w.Env.Resolvers = append(w.Env.Resolvers, a)
	return err
}
