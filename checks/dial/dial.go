// Package dial is the way onto the network: single connects, datagrams and
// port scans, within the run's limits, each failure with the evidence that the
// operating system has of it. It knows no protocol above TCP and UDP, resolves
// no names and decides nothing.
package dial

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"netcheck/report/result"
)

// The limits that a run has unless it is told otherwise.
const (
	DefaultRate     = 2000 // a shop's router tracks each new connection: more a second fills its table
	DefaultHalfOpen = 256  // what small gateways bear before they take connects for a flood
)

// Options are a run's limits.
type Options struct {
	Rate        int           // new connections a second to one public address; 0: no limit
	HalfOpen    int           // connects under way to public addresses, which lie behind a gateway; 0: no limit
	Descriptors int           // sockets open at once; 0: what the system allows
	Timeout     time.Duration // how long a single connect waits; 0: as long as the system does
}

// Network is the way onto the network. Safe for concurrent use.
type Network struct {
	o      Options
	limits *limits
	paths  paths
	alone  lane
}

// New returns a Network with these limits.
func New(o Options) *Network { return &Network{o: o, limits: newLimits(o)} }

// Error is a failed exchange with one address, with the evidence.
type Error struct {
	Op       string // connect, read, write
	Addr     netip.AddrPort
	Code     result.Failure
	Evidence result.Evidence
	Err      error
}

func (e *Error) Error() string           { return fmt.Sprintf("%s %s: %v", e.Op, e.Addr, e.Err) }
func (e *Error) Unwrap() error           { return e.Err }
func (e *Error) Failure() result.Failure { return e.Code }

// Conn is a TCP connection that knows how long its connect took.
type Conn struct {
	net.Conn
	RTT   time.Duration // of the connect
	leave func()        // gives the descriptor back to the run's limit
}

// Through is the connection that over makes of this one, such as a tunnel: what
// the system knows of it is about the way to the tunnel's begin, and is not
// told.
func (c *Conn) Through(over net.Conn) *Conn {
	return &Conn{Conn: hidden{over}, RTT: c.RTT, leave: c.leave}
}

// hidden hides a connection's descriptor.
type hidden struct{ net.Conn }

// OnClose has f called once when the connection is closed.
func (c *Conn) OnClose(f func()) {
	leave := c.leave
	c.leave = sync.OnceFunc(func() { leave(); f() })
}

// Close closes the connection.
func (c *Conn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}

// DialContext connects to a literal address on tcp or udp, for libraries that
// want a dialer. It is golang.org/x/net/proxy's ContextDialer, the seam at
// which a proxy takes the place of the direct way.
func (n *Network) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("dial %s: not a literal address and port", address)
	}
	switch network {
	case "tcp", "tcp4", "tcp6":
		c, err := n.Connect(ctx, to)
		if err != nil {
			return nil, err // not a nil *Conn in a net.Conn
		}
		return c, nil
	case "udp", "udp4", "udp6":
		d, err := n.Datagram(ctx, to)
		if err != nil {
			return nil, err
		}
		return d, nil
	}
	return nil, fmt.Errorf("dial %s: unknown network %q", address, network)
}
