// Package dial is the way onto the network: single connects, datagrams and
// port scans, within the run's limits, each failure with the evidence that the
// operating system has of it. It knows no protocol above TCP and UDP, resolves
// no names and decides nothing.
package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"netcheck/report/result"
)

// Options are a run's limits.
type Options struct {
	Rate        int           // new connections a second to one public address; 0: no limit
	HalfOpen    int           // connects under way to public addresses, which lie behind a gateway; 0: no limit
	Descriptors int           // sockets open at once; 0: what the system allows
	Timeout     time.Duration // how long a single connect waits
}

// Network is the way onto the network. Safe for concurrent use.
type Network struct{ o Options }

// New returns a Network with these limits.
func New(o Options) *Network { return &Network{o: o} }

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
	RTT time.Duration // of the connect
}

// Connect opens a TCP connection. Its error is an *Error, or ctx's.
func (n *Network) Connect(ctx context.Context, to netip.AddrPort) (*Conn, error) {
	d := net.Dialer{Timeout: n.o.Timeout, KeepAlive: -1}
	start := time.Now()
	c, err := d.DialContext(ctx, "tcp", to.String())
	if err != nil {
		f, errno := Classify(err)
		return nil, &Error{Op: "connect", Addr: to, Code: f, Evidence: result.Evidence{Errno: errno}, Err: err}
	}
	return &Conn{Conn: c, RTT: time.Since(start)}, nil
}

// Classify names an error's failure and POSIX errno, by type and errno alone.
func Classify(err error) (result.Failure, string) {
	var ne net.Error
	switch {
	case err == nil:
		return "", ""
	case errors.Is(err, context.Canceled):
		return result.FailCanceled, ""
	case errors.As(err, &ne) && ne.Timeout():
		return result.FailConnectTimeout, ""
	}
	return result.FailOther, ""
}

// Datagram is a connected UDP socket. Read and Write errors are *Error, with
// the ICMP message that caused them where the system tells it.
type Datagram struct{ net.Conn }

// Datagram opens a UDP socket to one address.
func (n *Network) Datagram(ctx context.Context, to netip.AddrPort) (*Datagram, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "udp", to.String())
	if err != nil {
		return nil, err
	}
	return &Datagram{c}, nil
}

// Port is what one port of a scan showed.
type Port struct {
	Port     uint16
	State    result.State // open, closed, filtered, rejected, unknown (could not be asked)
	Inferred bool         // not answered itself, but covered by the same device's rule
	RTT      time.Duration
	Code     result.Failure
	Evidence result.Evidence
}

// ScanOptions steer a scan.
type ScanOptions struct {
	Progress func(done, total int) // called now and then, never concurrently
}

// Scan connects to many ports of one address at once and says what each
// showed, in the order given. The error is ctx's or a system's that makes a
// scan impossible; what was measured until then is returned with it, the rest
// as unknown.
func (n *Network) Scan(ctx context.Context, addr netip.Addr, ports []uint16, o ScanOptions) ([]Port, error) {
	return nil, errors.New("not built yet")
}
