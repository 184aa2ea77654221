package server

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"netcheck/checks/vantage"
)

// peer is whom a connection leads to.
type peer struct {
	conn   *conn // nil where the listener was not ours
	caller vantage.Caller
	local  netip.AddrPort
}

type peerKey struct{}

// withPeer keeps with a connection whom it leads to. There is no other source
// of the address that is called.
func withPeer(ctx context.Context, c net.Conn) context.Context {
	if t, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = t.NetConn()
	}
	p := &peer{}
	p.conn, _ = c.(*conn)
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		to := a.AddrPort()
		p.caller = vantage.Caller{Address: to.Addr().Unmap(), Port: to.Port()}
	}
	if a, ok := c.LocalAddr().(*net.TCPAddr); ok {
		to := a.AddrPort()
		p.local = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	}
	if p.conn != nil {
		p.caller.TTL, p.caller.MSS = arrival(p.conn.Conn)
	}
	return context.WithValue(ctx, peerKey{}, p)
}

func peerOf(ctx context.Context) *peer {
	p, _ := ctx.Value(peerKey{}).(*peer)
	if p == nil {
		return new(peer) // nobody, who may not be called
	}
	return p
}

// special are the networks within IPv4 and within the IPv6 addresses given out
// for global use that do not lead to a host of their own on the internet
// (IANA's special-purpose registries), or lead to another address that is
// hidden in them.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), // 6to4 relays
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("224.0.0.0/3"), // multicast, reserved, broadcast
	netip.MustParsePrefix("2001::/23"),   // Teredo, benchmarks, ORCHID
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // 6to4
	netip.MustParsePrefix("3fff::/20"),
}

// globalV6 is all that IANA has given out for global use. NAT64, ULA,
// link-local and multicast are outside.
var globalV6 = netip.MustParsePrefix("2000::/3")

// global says whether an address is some host's on the internet.
func global(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" || a.Is4In6() || a.Is6() && !globalV6.Contains(a) {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// own are this machine's addresses, and where the helper listens at them.
type own struct {
	mu        sync.Mutex
	addresses map[netip.Addr]bool
	read      time.Time
	ports     map[uint16]bool
}

// ownAge is for how long the machine's addresses are taken to be the same.
const ownAge = 10 * time.Second

// Avoid names a port of this machine's that the helper's process listens on
// besides: a laboratory's helper does not call it either.
func (s *Server) Avoid(a net.Addr) {
	if at, err := netip.ParseAddrPort(a.String()); err == nil {
		s.own.listens(at)
	}
}

// listens takes note of where the helper listens.
func (o *own) listens(at netip.AddrPort) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ports == nil {
		o.ports = make(map[uint16]bool)
	}
	o.ports[at.Port()] = true
}

// has says whether the address is this machine's.
func (o *own) has(a netip.Addr) bool {
	if a.IsLoopback() {
		return true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if time.Since(o.read) > ownAge {
		o.read = time.Now()
		addrs, err := net.InterfaceAddrs()
		if err != nil {
			return o.addresses[a] // as they were; a connection to itself is refused at any rate
		}
		o.addresses = make(map[netip.Addr]bool, len(addrs))
		for _, i := range addrs {
			if n, ok := i.(*net.IPNet); ok {
				if ip, ok := netip.AddrFromSlice(n.IP); ok {
					o.addresses[ip.Unmap()] = true
				}
			}
		}
	}
	return o.addresses[a]
}

// port says whether the helper listens on the port itself.
func (o *own) port(p uint16) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ports[p]
}

// callee is an address that may be called. Only callable makes one.
type callee struct{ address netip.Addr }

// callable says whom a connection's other end is called at: there and nowhere
// else, and only if that is no network's or machine's own.
func (s *Server) callable(p *peer) (callee, *refusal) {
	a := p.caller.Address
	mine := a.IsValid() && (a == p.local.Addr() || s.own.has(a))
	switch {
	case !a.IsValid() || a.IsMulticast() || a.IsUnspecified():
		return callee{}, refuse(vantage.RefusedCaller, "there is nobody at your address")
	case s.o.AllowPrivate:
	case mine:
		return callee{}, refuse(vantage.RefusedCaller, "the request came from the helper's own machine, which it does not call")
	case !global(a):
		return callee{}, refuse(vantage.RefusedCaller, "the request came from %s, which is no address of the internet: the helper calls no other", a)
	}
	return callee{a}, nil
}
