package dial

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"netcheck/report/result"
)

// sockets starts a scan's connects to one address and reports what came of
// them. It closes each socket before it reports its outcome. Not safe for
// concurrent use.
type sockets interface {
	// connect begins all these connects, and notes in each what came of it:
	// in a hurry it may take more of the machine for less time.
	connect(batch []start, hurry bool)
	// wait waits for outcomes, at most d, and reports those that are there.
	wait(d time.Duration, report func(id int, o outcome))
	// drop gives up a pending connect.
	drop(id int)
	// local is the address from which it connects, once that is known.
	local() netip.Addr
	// close ends it, once nothing is pending.
	close()
}

// start is a connect that is to be begun, and then is.
type start struct {
	port    uint16
	packets packets // of a socket that is good for this one alone
	at      time.Time
	pending bool
	id      int     // if it is pending
	outcome outcome // if it ended at once
}

// outcome is what a connect came to. The zero outcome is a connection.
type outcome struct {
	errno string
	icmp  *result.ICMP
	here  bool  // this system refused before anything was sent
	err   error // its words, then
}

// verdict says what an outcome shows of the port.
func (o outcome) verdict(local netip.Addr) (result.State, result.Failure) {
	f := refused(o.errno, o.icmp, !o.here)
	switch {
	case o.errno == "" && o.icmp == nil:
		return result.Open, ""
	case o.icmp != nil && o.icmp.From == local.String():
		// this system's own word on an address that answers no ARP
		return result.Filtered, f
	case o.icmp != nil:
		return result.Rejected, f
	}
	switch f {
	case result.FailRefused:
		return result.Closed, f
	case result.FailReset:
		return result.Reset, f
	case result.FailHostUnreachable, result.FailNetUnreachable, result.FailICMP:
		return result.Rejected, f // an ICMP error of which the system tells no more
	case result.FailPermission:
		if !o.here {
			return result.Rejected, result.FailProhibited // what ICMPv6 calls prohibited, as errno
		}
	}
	return result.Unknown, f
}

// dialers are sockets made of net.Dialers, for systems that have no better
// ones here.
type dialers struct {
	to      netip.Addr
	ctx     context.Context
	cancel  context.CancelFunc
	wg      sync.WaitGroup
	next    int
	cancels map[int]context.CancelFunc
	ended   chan ended
	from    netip.Addr
}

type ended struct {
	id   int
	o    outcome
	from netip.Addr
}

func newDialers(to netip.Addr) *dialers {
	ctx, cancel := context.WithCancel(context.Background())
	return &dialers{to: to, ctx: ctx, cancel: cancel, cancels: make(map[int]context.CancelFunc), ended: make(chan ended)}
}

func (s *dialers) connect(batch []start, _ bool) {
	for i := range batch {
		b := &batch[i]
		s.next++
		b.at, b.id, b.pending = time.Now(), s.next, true
		s.dial(b.port, b.packets, b.id)
	}
}

func (s *dialers) dial(port uint16, p packets, id int) {
	ctx, cancel := context.WithCancel(s.ctx)
	s.cancels[id] = cancel
	s.wg.Go(func() {
		defer cancel()
		e := ended{id: id}
		w := newWatch(p)
		defer w.close()
		d := net.Dialer{KeepAlive: -1}
		if p != (packets{}) {
			d.Control = w.control
		}
		c, err := d.DialContext(ctx, "tcp", netip.AddrPortFrom(s.to, port).String())
		if err == nil {
			if a, ok := c.LocalAddr().(*net.TCPAddr); ok {
				e.from = a.AddrPort().Addr().Unmap()
			}
			if t, ok := c.(*net.TCPConn); ok {
				_ = t.SetLinger(0) // only how it closes
			}
			c.Close()
		} else if _, e.o.errno = Classify(err); e.o.errno == "" {
			e.o.errno = "ETIMEDOUT"
		} else {
			e.o.here, e.o.err = !routed(netip.AddrPortFrom(s.to, port)), cause(err)
			e.o.icmp = w.told().icmp
		}
		select {
		case s.ended <- e:
		case <-ctx.Done():
		}
	})
}

func (s *dialers) wait(d time.Duration, report func(int, outcome)) {
	take := func(e ended) {
		if s.cancels[e.id] == nil {
			return // dropped meanwhile
		}
		delete(s.cancels, e.id)
		if e.from.IsValid() {
			s.from = e.from
		}
		report(e.id, e.o)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case e := <-s.ended:
		take(e)
	case <-t.C:
		return
	}
	for {
		select {
		case e := <-s.ended:
			take(e)
		default:
			return
		}
	}
}

func (s *dialers) drop(id int) {
	if cancel := s.cancels[id]; cancel != nil {
		cancel()
		delete(s.cancels, id)
	}
}

func (s *dialers) local() netip.Addr { return s.from }

func (s *dialers) close() {
	s.cancel()
	s.wg.Wait()
}
