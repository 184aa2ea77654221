package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"syscall"

	"netcheck/report/result"
)

// Datagram is a connected UDP socket. Read and Write errors are *Error, with
// the ICMP message that caused them where the system tells it.
type Datagram struct {
	net.Conn
	to    netip.AddrPort
	paths *paths
	leave func()
}

// Datagram opens a UDP socket to one address. It sends nothing. Its error is
// an *Error.
func (n *Network) Datagram(ctx context.Context, to netip.AddrPort) (*Datagram, error) {
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	if err := n.admit(ctx, to.Addr(), 1); err != nil {
		return nil, waited(ctx, to, err)
	}
	for {
		d, err := n.datagram(ctx, to, packets{})
		if err == nil {
			d.leave = sync.OnceFunc(func() { n.limits.files.leave(1) })
			return d, nil
		}
		if exhausted(err.Evidence.Errno) && err.Code != result.FailNoRoute && sleep(ctx, pause) == nil {
			continue
		}
		n.limits.files.leave(1)
		return nil, err
	}
}

func (n *Network) datagram(ctx context.Context, to netip.AddrPort, p packets) (*Datagram, *Error) {
	d := net.Dialer{Control: func(network, address string, c syscall.RawConn) error {
		return errors.Join(p.control(network, address, c), tell(network, address, c))
	}}
	c, err := d.DialContext(ctx, "udp", to.String())
	if err == nil {
		return &Datagram{Conn: c, to: to, paths: &n.paths}, nil
	}
	code, errno := Classify(err)
	switch {
	case errno == "EADDRNOTAVAIL" && !routed(to):
		code = result.FailNoRoute
	case errno != "":
		code = refused(errno, nil, false) // a datagram's connect asks the routing table only
	}
	return nil, &Error{Op: "connect", Addr: to, Code: code, Evidence: result.Evidence{Errno: errno}, Err: cause(err)}
}

// Read reads one datagram.
func (d *Datagram) Read(b []byte) (int, error) {
	n, err := d.Conn.Read(b)
	if err == nil {
		return n, nil
	}
	return n, d.failed("read", err)
}

// Write sends one datagram. An error may be the answer to an earlier one.
func (d *Datagram) Write(b []byte) (int, error) {
	n, err := d.Conn.Write(b)
	if err == nil {
		return n, nil
	}
	return n, d.failed("write", err)
}

// Close closes the socket.
func (d *Datagram) Close() error {
	defer d.leave()
	return d.Conn.Close()
}

func (d *Datagram) failed(op string, err error) error {
	e := &Error{Op: op, Addr: d.to, Err: cause(err)}
	e.Code, e.Evidence.Errno = Classify(err)
	if a, ok := d.LocalAddr().(*net.UDPAddr); ok {
		e.Evidence.Local = a.AddrPort().Addr().Unmap().String()
	}
	if errors.Is(err, net.ErrClosed) || e.Evidence.Errno == "" {
		return e
	}
	if u, ok := d.Conn.(*net.UDPConn); ok {
		if raw, err := u.SyscallConn(); err == nil {
			e.Evidence.ICMP = queued(raw)
		}
	}
	if m := e.Evidence.ICMP; m != nil {
		e.Code = icmpFailure(m)
		d.paths.sawReject()
	} else if e.Evidence.Errno == "ECONNRESET" {
		e.Code = result.FailRefused // Windows' word for ICMP port unreachable on a datagram socket
	}
	return e
}
