package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"netcheck/report/result"
)

// told is what the system has to say of a socket after its connect failed.
type told struct {
	icmp  *result.ICMP
	local netip.AddrPort
	sent  bool // it was given an address to send from, so that a packet left or was tried to
}

// pause is how long to wait before what the system had no room for is tried
// again: others' sockets close within a few of these.
const pause = 25 * time.Millisecond

// Connect opens a TCP connection. Its error is an *Error. It waits while the
// run's limits or this machine's descriptors are used up; that time is not
// part of the connection's RTT.
func (n *Network) Connect(ctx context.Context, to netip.AddrPort) (*Conn, error) {
	return n.connectAs(ctx, to, packets{}, nil)
}

// ConnectThen is a Connect that calls leaves when its first packet is about to
// go out, which may be a while after it was asked to.
func (n *Network) ConnectThen(ctx context.Context, to netip.AddrPort, leaves func()) (*Conn, error) {
	return n.connectAs(ctx, to, packets{}, leaves)
}

func (n *Network) connectAs(ctx context.Context, to netip.AddrPort, p packets, leaves func()) (*Conn, error) {
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	if err := n.admit(ctx, to.Addr(), watchCost); err != nil {
		return nil, waited(ctx, to, err)
	}
	gate := n.limits.handshake(to.Addr())
	if err := gate.enter(ctx, 1); err != nil {
		n.limits.files.leave(watchCost)
		return nil, waited(ctx, to, err)
	}
	defer gate.leave(1)
	for {
		c, err := n.connect(ctx, to, p, leaves)
		if err == nil {
			n.limits.files.leave(watchCost - 1)
			return c, nil
		}
		if !exhausted(err.Evidence.Errno) || err.Code != result.FailNoSockets || sleep(ctx, pause) != nil {
			n.limits.files.leave(watchCost)
			return nil, err
		}
	}
}

// admit waits for descriptors and for the address's turn.
func (n *Network) admit(ctx context.Context, a netip.Addr, files int64) error {
	if err := n.limits.files.enter(ctx, files); err != nil {
		return err
	}
	if r := n.limits.pace(a); r != nil {
		if err := r.Wait(ctx); err != nil {
			n.limits.files.leave(files)
			return err
		}
	}
	return nil
}

// waited is the error of an exchange that was given up before its first
// packet.
func waited(ctx context.Context, to netip.AddrPort, err error) *Error {
	code := result.FailCanceled
	if !errors.Is(ctx.Err(), context.Canceled) {
		code = result.FailTimeout // also where the limiter foresees that the deadline comes first
		err = errors.Join(err, context.DeadlineExceeded)
	}
	return &Error{Op: "connect", Addr: to, Code: code, Err: err}
}

func (n *Network) connect(ctx context.Context, to netip.AddrPort, p packets, leaves func()) (*Conn, *Error) {
	w := newWatch(p)
	defer w.close()
	control := w.control
	if leaves != nil {
		control = func(network, address string, c syscall.RawConn) error {
			defer leaves()
			return w.control(network, address, c)
		}
	}
	d := net.Dialer{Timeout: n.o.Timeout, KeepAlive: -1, Control: control}
	start := time.Now()
	c, err := d.DialContext(ctx, "tcp", to.String())
	took := time.Since(start)
	whole := p.ttl == 0 && p.minTTL == 0 // and not a part of the way, or of the answers
	if err == nil {
		if whole {
			n.paths.learn(to.Addr(), took)
		}
		return &Conn{Conn: c, RTT: took, leave: sync.OnceFunc(func() { n.limits.files.leave(1) })}, nil
	}
	e := &Error{Op: "connect", Addr: to, Err: cause(err)}
	e.Code, e.Evidence.Errno = Classify(err)
	t := w.told()
	if t.local.IsValid() && !t.local.Addr().IsUnspecified() {
		e.Evidence.Local = t.local.Addr().String() // not the port, which no two runs share
	}
	switch {
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled):
		e.Code = result.FailCanceled
	case e.Evidence.Errno == "EADDRNOTAVAIL" && !routed(to):
		e.Code = result.FailNoRoute
	case e.Evidence.Errno != "" || t.icmp != nil:
		e.Evidence.ICMP = t.icmp
		e.Code = refused(e.Evidence.Errno, t.icmp, t.sent)
	case e.Code == result.FailConnectTimeout || e.Code == result.FailTimeout:
		e.Code = n.silent(to.Addr(), took)
		e.Evidence.Waited = result.Duration(took)
	}
	if !whole {
		return nil, e
	}
	if t.icmp != nil {
		n.paths.sawReject()
	} else if e.Code == result.FailRefused {
		n.paths.learn(to.Addr(), took)
	}
	return nil, e
}

// silent says what an unanswered connect means: silence, if it was listened to
// for as long as the run allows or as an answer could take; else only that the
// caller's time was over.
func (n *Network) silent(a netip.Addr, took time.Duration) result.Failure {
	if n.o.Timeout > 0 && took >= n.o.Timeout-n.o.Timeout/20 || took >= n.paths.silence(a) {
		return result.FailConnectTimeout
	}
	return result.FailTimeout
}

// routed says whether this machine has a way and an address towards there. It
// sends nothing: a datagram socket's connect only asks the routing table.
func routed(to netip.AddrPort) bool {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// exhausted says whether the error is that this machine has no room just now.
func exhausted(errno string) bool {
	switch errno {
	case "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL", "EAGAIN":
		return true
	}
	return false
}

// cause takes the addresses off a dialer's error, which Error says itself.
func cause(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		return op.Err
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
