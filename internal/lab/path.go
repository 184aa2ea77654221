//go:build linux

package lab

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// The addresses of a Path's server. TCP 9000-9999 of each is another case.
const (
	Open      = "10.77.3.2"    // everything listens
	Closed    = "10.77.3.3"    // nothing listens
	Dropped   = "10.77.3.4"    // the router drops
	Mixed     = "10.77.3.5"    // 9000 open, 9001-9499 closed, 9500-9999 dropped by the router
	Rejected  = "10.77.3.6"    // the router rejects with ICMP admin-prohibited
	Nobody    = "10.77.3.7"    // no such host on the server's network
	Public    = "198.51.100.5" // as Mixed, at an address of the kind that lies behind a gateway
	Open6     = "fd77:3::2"
	Rejected6 = "fd77:3::6"
	Router    = "10.77.1.1" // as the client's wire sees it
	Router6   = "fd77:1::1"
)

// Path is a client, a router and a server. The client reaches the router by a
// cable, or by a wire with faults.
type Path struct {
	Client, Router, Server *Space
	Wire                   *Wire

	between *Space
	ls      []net.Listener
	wg      sync.WaitGroup
}

// NewPath builds a Path. It needs the programs ip and nft.
func NewPath() (p *Path, err error) {
	p = new(Path)
	defer func() {
		if err != nil {
			p.Close()
		}
	}()
	for _, s := range []**Space{&p.Client, &p.between, &p.Router, &p.Server} {
		if *s, err = NewSpace(); err != nil {
			return nil, err
		}
	}
	for _, build := range []func() error{p.cables, p.addresses, p.rules, p.wire, p.serve} {
		if err = build(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *Path) cables() error {
	for _, s := range []*Space{p.Client, p.Router, p.Server} {
		// else IPv6 is silent for its first second, while it looks for doubles
		if err := errors.Join(s.Set("ipv6/conf/all/accept_dad", 0), s.Set("ipv6/conf/default/accept_dad", 0)); err != nil {
			return err
		}
	}
	return errors.Join(
		Join(p.Client, "cable", p.Router, "client"),
		Join(p.Client, "wire", p.between, "w0"),
		Join(p.Router, "wire", p.between, "w1"),
		Join(p.Router, "server", p.Server, "router"),
	)
}

func (p *Path) addresses() error {
	// the settings first: they hold for addresses that come later
	return errors.Join(
		p.Router.Set("ipv4/ip_forward", 1),
		p.Router.Set("ipv6/conf/all/forwarding", 1),
		p.Server.Set("ipv4/tcp_max_syn_backlog", 8192),
		p.Client.Run(`ip addr add 10.77.2.2/24 dev cable
			ip addr add 10.77.1.2/24 dev wire
			ip addr add fd77:1::2/64 dev wire
			ip route add default via 10.77.2.1
			ip -6 route add default via fd77:1::1`),
		p.Router.Run(`ip addr add 10.77.2.1/24 dev client
			ip addr add 10.77.1.1/24 dev wire
			ip addr add fd77:1::1/64 dev wire
			ip addr add 10.77.3.1/24 dev server
			ip addr add fd77:3::1/64 dev server
			ip route add 198.51.100.5 dev server`),
		p.Server.Run(`ip addr add 10.77.3.2/24 dev router
			ip addr add 10.77.3.3/24 dev router
			ip addr add 10.77.3.4/24 dev router
			ip addr add 10.77.3.5/24 dev router
			ip addr add 10.77.3.6/24 dev router
			ip addr add 198.51.100.5/24 dev router
			ip addr add fd77:3::2/64 dev router
			ip addr add fd77:3::6/64 dev router
			ip route add default via 10.77.3.1
			ip -6 route add default via fd77:3::1`),
	)
}

func (p *Path) rules() error {
	err := p.Router.Rules(`table inet lab {
		chain forward {
			type filter hook forward priority 0;
			ip daddr 10.77.3.4 meta l4proto { tcp, udp } drop
			ip daddr { 10.77.3.5, 198.51.100.5 } tcp dport 9500-9999 drop
			ip daddr 10.77.3.6 meta l4proto { tcp, udp } reject with icmp admin-prohibited
			ip6 daddr fd77:3::6 meta l4proto { tcp, udp } reject with icmpv6 admin-prohibited
		}
	}`)
	return errors.Join(err, p.Reluctant(false))
}

// Reluctant makes the router send ICMP errors as seldom as Linux does by
// itself, or as often as they are due.
func (p *Path) Reluctant(yes bool) error {
	if yes {
		return errors.Join(p.Router.Set("ipv4/icmp_ratelimit", 1000), p.Router.Set("ipv6/icmp/ratelimit", 1000))
	}
	return errors.Join(p.Router.Set("ipv4/icmp_ratelimit", 0), p.Router.Set("ipv6/icmp/ratelimit", 0),
		p.Router.Set("ipv4/icmp_msgs_per_sec", 1_000_000), p.Router.Set("ipv4/icmp_msgs_burst", 100_000))
}

func (p *Path) wire() (err error) {
	if err := errors.Join(Checksums(p.Client, "wire"), Checksums(p.Router, "wire")); err != nil {
		return err
	}
	p.Wire, err = NewWire(p.between, "w0", "w1")
	return err
}

// Suffer makes the way between client and server have this fault. Mere loss is
// the router's, on the cable; anything else takes the wire.
func (p *Path) Suffer(f Fault) error {
	loss, gateway := 0.0, Router
	if f == (Fault{Loss: f.Loss}) {
		loss, gateway, f = f.Loss, "10.77.2.1", Fault{}
	}
	p.Wire.Set(f)
	rule := ""
	if loss > 0 {
		rule = fmt.Sprintf("numgen random mod 10000 < %d drop", int(loss*10000))
	}
	return errors.Join(
		p.Client.Run("ip route replace default via "+gateway),
		p.Router.Rules(`table inet loss
			delete table inet loss
			table inet loss { chain forward { type filter hook forward priority -1; `+rule+`; }; }`),
	)
}

func (p *Path) serve() error {
	for port := uint16(9000); port <= 9999; port++ {
		if err := p.Listen(Open, port, sink); err != nil {
			return err
		}
	}
	return errors.Join(p.Listen(Mixed, 9000, sink), p.Listen(Public, 9000, sink), p.Listen(Open6, 9000, sink))
}

// Listen serves the connections to a port of the server.
func (p *Path) Listen(addr string, port uint16, serve func(net.Conn)) error {
	var l net.Listener
	err := p.Server.Do(func() (err error) {
		l, err = net.Listen("tcp", netip.AddrPortFrom(netip.MustParseAddr(addr), port).String())
		return err
	})
	if err != nil {
		return err
	}
	p.ls = append(p.ls, l)
	p.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.wg.Go(func() { serve(c) })
		}
	})
	return nil
}

// sink reads what comes until the client has enough.
func sink(c net.Conn) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(30 * time.Second))
	io.Copy(io.Discard, c)
}

// Close takes everything down.
func (p *Path) Close() {
	for _, l := range p.ls {
		l.Close()
	}
	if p.Wire != nil {
		p.Wire.Close()
	}
	p.wg.Wait()
	for _, s := range []*Space{p.Client, p.between, p.Router, p.Server} {
		if s != nil {
			s.Close()
		}
	}
}

// Missing says which of the programs that a Path needs is not here, if any.
func Missing(look func(string) (string, error)) error {
	var missing []string
	for _, name := range []string{"ip", "nft"} {
		if _, err := look(name); err != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("not installed: %s", strings.Join(missing, ", "))
	}
	return nil
}
