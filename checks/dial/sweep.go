package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"netcheck/report/result"
)

const (
	// farthest is how far a sweep goes unless it is told: a shop's way to a
	// server on its continent has about a dozen hops.
	farthest = 16
	// mostHops bounds what a sweep may be asked for.
	mostHops = 32
	// atOnce is how many of a sweep's packets leave together: enough to meet
	// the site's own devices and the provider's first without delay.
	atOnce = 4
	// later is the time between the others. A target that is near has answered
	// by then, and gets no more connects than it must; and a device that
	// refuses, and seldom says so, is asked only a few times.
	later = 5 * time.Millisecond
	// patience bounds how long a sweep listens by itself: for the system's own
	// second SYN, and for an answer to it from another continent.
	patience = 1500 * time.Millisecond
)

// SweepOptions steer a sweep.
type SweepOptions struct {
	First, Last int           // TTLs, or hop limits; 0: 1 and 16
	Wait        time.Duration // for the last answer; 0: as long as silence must last on this path to be believed
	Datagram    []byte        // what to send by UDP; nil: TCP connects
}

// Sweep sends the same packet to one port with rising TTL, all at about the
// same time, and says what each met, in the order of TTL: the routers where
// they expired and, from its distance on, whoever answers for the port. It
// ends with the first TTL that is answered for, since all that follow meet the
// same. It needs no rights. Where the system does not tell which router it
// was, hops are expired without a device; where it keeps even that to itself,
// as Windows did before version 2004, they are filtered. What was not listened
// to for long enough is left out. An error is ctx's, or an *Error of a system
// that can't send, which is errors.ErrUnsupported where it can't sweep; hops
// seen until then are returned with it.
func (n *Network) Sweep(ctx context.Context, to netip.AddrPort, o SweepOptions) ([]result.Hop, error) {
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	o.First = max(o.First, 1)
	if o.Last == 0 {
		o.Last = farthest
	}
	o.Last = min(o.Last, o.First+mostHops-1, 255)
	if o.Wait <= 0 {
		o.Wait = min(n.paths.silence(to.Addr()), patience)
	}
	count := int64(o.Last - o.First + 1)
	if count < 1 {
		return nil, nil
	}
	files := count * watchCost
	if err := n.limits.files.enter(ctx, files); err != nil {
		return nil, waited(ctx, to, err)
	}
	defer n.limits.files.leave(files)
	gate := n.limits.handshake(to.Addr())
	if err := gate.enter(ctx, count); err != nil {
		return nil, waited(ctx, to, err)
	}
	defer gate.leave(count)
	places := min(count, n.limits.files.size/watchCost)
	if gate != nil {
		places = min(places, gate.size)
	}
	s := sweep{n: n, to: to, o: o, places: make(chan struct{}, places), answers: make(chan answer, count)}
	s.end.Store(int64(o.Last))
	return s.run(ctx)
}

// sweep is one that is under way.
type sweep struct {
	n       *Network
	to      netip.AddrPort
	o       SweepOptions
	places  chan struct{} // for packets that are under way
	answers chan answer
	end     atomic.Int64 // the lowest TTL that was answered for, or the last
	wg      sync.WaitGroup
}

// answer is what one TTL met.
type answer struct {
	hop   result.Hop
	blind bool   // unreachable, without the device: most likely it expired
	err   *Error // this system did not send it
}

// final says whether somebody answered for the port, so that packets that may
// go farther meet the same.
func (a answer) final() bool {
	switch a.hop.State {
	case result.Open, result.Closed, result.Rejected:
		return !a.blind
	}
	return false
}

func (s *sweep) run(ctx context.Context) ([]result.Hop, error) {
	asking, cancel := context.WithCancel(ctx)
	defer s.wg.Wait()
	defer cancel()
	for ttl := s.o.First; ttl <= s.o.Last; ttl++ {
		s.wg.Go(func() { s.ask(asking, ttl) })
	}
	met := make(map[int]answer)
	for !s.complete(met) {
		var a answer
		select {
		case a = <-s.answers:
		default:
			select {
			case a = <-s.answers:
			case <-ctx.Done():
				return s.hops(met), ctx.Err()
			}
		}
		if a.err != nil {
			return s.hops(met), a.err
		}
		met[a.hop.TTL] = a
		if a.final() {
			s.end.Store(min(s.end.Load(), int64(a.hop.TTL)))
		}
	}
	return s.hops(met), nil
}

// complete says whether every TTL has its answer, as far as they matter.
func (s *sweep) complete(met map[int]answer) bool {
	for ttl := s.o.First; int64(ttl) <= s.end.Load(); ttl++ {
		if _, ok := met[ttl]; !ok {
			return false
		}
	}
	return true
}

// hops are the answers in the order of TTL.
func (s *sweep) hops(met map[int]answer) []result.Hop {
	var hops []result.Hop
	farther := false // somebody answered for the port, or stayed silent, beyond the blind ones
	for ttl := int(s.end.Load()); ttl >= s.o.First; ttl-- {
		a, ok := met[ttl]
		if !ok {
			continue
		}
		if a.blind {
			a.hop.State = result.Expired
			if !farther {
				a.hop.State = result.Unknown // all packets meet it: a router that has no way, as well as a loop
			}
		} else {
			farther = true
		}
		hops = append(hops, a.hop)
	}
	slices.Reverse(hops)
	return hops
}

// ask sends the packet with one TTL, in its turn, and reports what it met.
func (s *sweep) ask(ctx context.Context, ttl int) {
	if d := time.Duration(ttl-s.o.First-atOnce+1) * later; d > 0 && sleep(ctx, d) != nil {
		return
	}
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	case <-ctx.Done():
		return
	}
	if r := s.n.limits.pace(s.to.Addr()); r != nil && r.Wait(ctx) != nil {
		return
	}
	if int64(ttl) > s.end.Load() {
		return
	}
	listening, cancel := context.WithTimeout(ctx, s.o.Wait)
	defer cancel()
	send := s.n.sweepConnect
	if s.o.Datagram != nil {
		send = s.sweepDatagram
	}
	start := time.Now()
	err := send(listening, s.to, packets{ttl: ttl, brief: true})
	took := time.Since(start)
	if ctx.Err() != nil {
		return // whatever came of it, it may be that alone
	}
	s.answers <- s.judge(ttl, err, took)
}

// sweepConnect is a connect that ends at once where it succeeds.
func (n *Network) sweepConnect(ctx context.Context, to netip.AddrPort, p packets) *Error {
	c, err := n.connect(ctx, to, p, nil)
	if err != nil {
		return err
	}
	if t, ok := c.Conn.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // a reset, so that neither side keeps the connection's remains
	}
	_ = c.Conn.Close() // not c: its descriptor is the sweep's
	return nil
}

// sweepDatagram sends a datagram and waits for whatever comes.
func (s *sweep) sweepDatagram(ctx context.Context, to netip.AddrPort, p packets) *Error {
	d, err := s.n.datagram(ctx, to, p)
	if err != nil {
		return err
	}
	defer d.Conn.Close() // not d: its descriptor is the sweep's
	stop := context.AfterFunc(ctx, func() { d.Conn.Close() })
	defer stop()
	for {
		e := d.asked(s.o.Datagram)
		if e == nil || e.Code != result.FailTimeout {
			return e
		}
	}
}

// asked sends a datagram and waits for whatever comes, as long as TCP would
// before it sends again: either packet may be lost, and a device that limits
// its ICMP errors has another one by then.
func (d *Datagram) asked(b []byte) *Error {
	d.SetReadDeadline(time.Now().Add(repeat))
	_, err := d.Write(b)
	if err == nil {
		_, err = d.Read(make([]byte, 2048))
	}
	e, _ := errors.AsType[*Error](err)
	if e != nil && e.Code == result.FailMessageSize && e.Op == "read" && e.Evidence.ICMP == nil {
		return nil // longer than that, as Windows says it
	}
	return e
}

// judge says what a packet met from what became of it.
func (s *sweep) judge(ttl int, err *Error, took time.Duration) answer {
	a := answer{hop: result.Hop{TTL: ttl, State: result.Open, RTT: result.Duration(took)}}
	if err == nil {
		return a
	}
	h := &a.hop
	if m := err.Evidence.ICMP; m != nil {
		h.From, h.ICMP, h.State = m.From, m, result.Rejected
		switch f := icmpFailure(m); {
		case f == result.FailTTLExceeded:
			h.State = result.Expired
		case f == result.FailHostUnreachable && m.From == err.Evidence.Local:
			h.State = result.Filtered // this system's own word on an address that answers no ARP
		case f == result.FailRefused && s.o.Datagram != nil && m.From == s.to.Addr().WithZone("").String():
			h.State = result.Closed // how a host refuses a datagram
		}
		return a
	}
	switch err.Code {
	case result.FailReset:
		a.blind = s.o.Datagram != nil // Windows' word for an expired datagram; else open, and then broken off
	case result.FailRefused:
		h.State = result.Closed
	case result.FailTimeout, result.FailConnectTimeout, result.FailCanceled:
		h.State, h.RTT = result.Filtered, 0
	case result.FailHostUnreachable:
		a.blind = true
	case result.FailNetUnreachable, result.FailICMP:
		h.State = result.Rejected
	default:
		a.err = err
		if errors.Is(err, errors.ErrUnsupported) {
			a.err = &Error{Op: "sweep", Addr: s.to, Code: err.Code, Evidence: err.Evidence, Err: err.Err}
		}
	}
	return a
}
