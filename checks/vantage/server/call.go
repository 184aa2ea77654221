package server

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/standin"
	"netcheck/checks/vantage"
	"netcheck/report/result"
)

const (
	// callTime is how long a connect waits: for two repetitions of the SYN, and
	// for a gateway that leads the port to a machine which is not there: it says
	// so when its ARP has not been answered for three seconds.
	callTime = 3500 * time.Millisecond
	// proofTime is how long a stand-in has to answer.
	proofTime = 1500 * time.Millisecond
	// heldTime is how long a connection stays open that proves nothing by
	// itself: who was called finds it among its own in that time.
	heldTime = time.Second
	// answerTime bounds all that is done for one request.
	answerTime = 8 * time.Second
	// mostAnswer is more than a stand-in's answer has.
	mostAnswer = 100
	// mostHeard of a service that talks by itself is more than a greeting.
	mostHeard = 64 << 10
)

// call calls the ports, all at once, and looks at the ways to them if it is
// asked to. A way onto the network of its own keeps what is learnt of one
// caller's path from filling the memory.
func (s *Server) call(ctx context.Context, to callee, q vantage.Request) []vantage.Port {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	c := &calling{
		n:       dial.New(dial.Options{Timeout: callTime, Descriptors: int(filesOf(q))}),
		request: q, to: to, looks: s.looks, looked: make(chan struct{}),
	}
	ports := make([]vantage.Port, len(q.Ports))
	var wg sync.WaitGroup
	for i := range q.Ports {
		wg.Go(func() { ports[i] = c.port(ctx, i) })
	}
	wg.Wait()
	for i := range ports {
		if ports[i].Hops != nil {
			ports[i].Control = c.control
		}
	}
	return ports
}

// port calls one port.
func (c *calling) port(ctx context.Context, i int) vantage.Port {
	at := netip.AddrPortFrom(c.to.address, c.request.Ports[i])
	one := func() vantage.Port {
		if c.request.Proto == "udp" {
			return datagram(ctx, c.n, at)
		}
		return connect(ctx, c.n, at, c.request.Prove)
	}
	if !c.request.Path || i >= mostSwept {
		return one()
	}
	called := make(chan vantage.Port, 1)
	var p vantage.Port
	var wg sync.WaitGroup
	wg.Go(func() {
		p = one()
		called <- p
	})
	hops, answerTTL := c.beside(ctx, at.Port(), called)
	wg.Wait()
	if p.Answer != "" {
		return p
	}
	if p.Hops = hops; p.State == result.Closed {
		p.AnswerTTL = answerTTL
	}
	return p
}

// connect calls a TCP port and, if it is to, asks for a stand-in.
func connect(ctx context.Context, n *dial.Network, to netip.AddrPort, prove bool) vantage.Port {
	p := vantage.Port{Port: to.Port()}
	start := time.Now()
	c, err := n.Connect(ctx, to)
	if err != nil {
		return failed(p, err, time.Since(start))
	}
	defer c.Close()
	open := time.Now()
	p.State, p.RTT, p.From = result.Open, result.Duration(c.RTT), localOf(c)
	if prove {
		p.Challenge, p.Answer = challenge(ctx, c)
	}
	if p.Answer == "" {
		if !prove { // or the question ended it
			if p.Ended = stay(ctx, c, open.Add(heldTime)); p.Ended != "" {
				p.Kept = result.Duration(time.Since(open))
			}
		}
		hold(ctx, heldTime-time.Since(open))
	}
	return p
}

// challenge asks a nonce, and returns the proof that a stand-in answers with.
// Of anything else that comes nothing is kept.
func challenge(ctx context.Context, c net.Conn) (nonce, proof string) {
	nonce = standin.NewNonce()
	stop := context.AfterFunc(ctx, func() { c.SetDeadline(time.Now()) })
	defer stop()
	c.SetDeadline(time.Now().Add(proofTime))
	if _, err := io.WriteString(c, standin.Ask(nonce)); err != nil {
		return nonce, ""
	}
	line, err := bufio.NewReaderSize(io.LimitReader(c, mostAnswer), mostAnswer).ReadString('\n')
	if err != nil {
		return nonce, ""
	}
	proof, _ = standin.Proof(line)
	return nonce, proof
}

// stay hears on a connection until then whether it is ended from the other side.
// What is said on it is not looked at, and not much of it read.
func stay(ctx context.Context, c net.Conn, until time.Time) vantage.Ending {
	stop := context.AfterFunc(ctx, func() { c.SetDeadline(time.Now()) })
	defer stop()
	c.SetDeadline(until)
	_, err := io.CopyN(io.Discard, c, mostHeard)
	switch e, ok := errors.AsType[*dial.Error](err); {
	case errors.Is(err, io.EOF):
		return vantage.EndedClosed
	case ok && e.Code == result.FailReset, errors.Is(err, syscall.ECONNRESET):
		return vantage.EndedReset
	}
	return "" // the time is over, or it says so much that it stands
}

// datagram calls a UDP port: only a stand-in is asked for anything, and what
// else answers shows no more than that something does.
func datagram(ctx context.Context, n *dial.Network, to netip.AddrPort) vantage.Port {
	p := vantage.Port{Port: to.Port(), State: result.Filtered, Challenge: standin.NewNonce()}
	d, err := n.Datagram(ctx, to) // connected: the system drops what comes from elsewhere
	if err != nil {
		return failed(p, err, 0)
	}
	defer d.Close()
	stop := context.AfterFunc(ctx, func() { d.SetDeadline(time.Now()) })
	defer stop()
	p.From = localOf(d)
	start := time.Now()
	for range 2 { // one may be lost
		sent := time.Now()
		d.SetDeadline(sent.Add(proofTime))
		if _, err = io.WriteString(d, standin.Ask(p.Challenge)); err == nil {
			b := make([]byte, mostAnswer)
			var size int
			if size, err = d.Read(b); err == nil {
				p.State, p.RTT = result.Open, result.Duration(time.Since(start))
				p.Answer, _ = standin.Proof(string(b[:size]))
				return p
			}
		}
		if e, ok := errors.AsType[*dial.Error](err); !ok || e.Code != result.FailTimeout || ctx.Err() != nil {
			break
		}
	}
	return failed(p, err, time.Since(start))
}

// failed is what a call came to that nobody answered.
func failed(p vantage.Port, err error, took time.Duration) vantage.Port {
	p.State = result.Unknown
	e, ok := errors.AsType[*dial.Error](err)
	if !ok {
		return p
	}
	if m := e.Evidence.ICMP; m != nil {
		switch {
		case e.Op != "connect" && e.Code == result.FailRefused && m.From == e.Addr.Addr().String():
			p.State, p.RTT = result.Closed, result.Duration(took) // how a host refuses a datagram
		case m.From == e.Evidence.Local:
			p.State = result.Filtered // our own system's word on an address that answers no ARP
		default:
			p.State, p.ICMP, p.RTT = result.Rejected, m, result.Duration(took)
		}
		return p
	}
	switch e.Code {
	case result.FailRefused:
		p.State, p.RTT = result.Closed, result.Duration(took)
	case result.FailReset:
		p.State, p.RTT, p.Ended = result.Open, result.Duration(took), vantage.EndedReset // before it was seen
	case result.FailConnectTimeout, result.FailTimeout:
		p.State = result.Filtered
	case result.FailHostUnreachable, result.FailNetUnreachable, result.FailProhibited, result.FailICMP, result.FailTTLExceeded:
		p.State = result.Rejected
	}
	return p
}

// localOf is our end.
func localOf(c net.Conn) netip.AddrPort {
	a, err := netip.ParseAddrPort(c.LocalAddr().String())
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// hold waits, and no longer than who asked does.
func hold(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
