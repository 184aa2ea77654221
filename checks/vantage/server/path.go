package server

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/standin"
	"netcheck/checks/vantage"
	"netcheck/report/result"
)

const (
	// mostSwept is how many ports of a request are swept, beside the control.
	mostSwept = 3
	// looksRate and looksBurst are how many sweeps a second may go to one
	// address, and at once: a router sends about as many ICMP errors to one
	// host. With more it would seem to be where the way ends. Who has to wait
	// for longer than looksWait is told nothing of the way.
	looksRate, looksBurst = 1, 6
	looksWait             = 2500 * time.Millisecond
	// farthest is how far a sweep goes: a server's way to a shop on another
	// continent has some twenty hops.
	farthest = 24
	// sweepFiles is how many descriptors one sweep takes.
	sweepFiles = 2 * farthest
	// sweepAfter is how long a call may take before the sweep begins beside
	// it. A stand-in has proven by then that there is nothing to look for.
	sweepAfter = 500 * time.Millisecond
	// again is how long the silent end of a way is left alone before it is
	// asked once more, for onceMore: a router that has sent all its errors
	// sends one a second.
	again    = 1100 * time.Millisecond
	onceMore = 600 * time.Millisecond
	// lowest and highest are where the control is: high ports that no service
	// is given.
	lowest, highest = 49152, 65535
)

// calling is one request's way onto the network.
type calling struct {
	n       *dial.Network
	request vantage.Request
	to      callee
	looks   *rates

	once    sync.Once
	control *vantage.Control
	looked  chan struct{} // closed when the control has been looked at
}

// filesOf is how many descriptors a request takes at most.
func filesOf(q vantage.Request) int64 {
	files := 2 * len(q.Ports)
	if q.Path {
		files += (min(len(q.Ports), mostSwept) + 1) * sweepFiles
	}
	return int64(files)
}

// beside looks at the way to a port while it is called. What the call came to
// arrives on called.
func (c *calling) beside(ctx context.Context, port uint16, called <-chan vantage.Port) (hops []result.Hop, answerTTL int) {
	var p vantage.Port
	t := time.NewTimer(sweepAfter)
	defer t.Stop()
	select {
	case p = <-called:
	case <-t.C:
	case <-ctx.Done():
		return nil, 0
	}
	if p.Answer != "" {
		return nil, 0
	}
	c.once.Do(func() {
		go func() {
			defer close(c.looked)
			c.control = c.lookAtControl(ctx)
		}()
	})
	hops, answerTTL = c.look(ctx, port)
	<-c.looked
	return hops, answerTTL
}

// lookAtControl sweeps to a port that nobody knows of.
func (c *calling) lookAtControl(ctx context.Context) *vantage.Control {
	k := &vantage.Control{State: result.Unknown}
	for k.Port = random(); slices.Contains(c.request.Ports, k.Port); {
		k.Port = random()
	}
	k.Hops, k.AnswerTTL = c.look(ctx, k.Port)
	if len(k.Hops) == 0 {
		return nil // this system can't, or there was no time
	}
	switch last := k.Hops[len(k.Hops)-1]; last.State {
	case result.Open, result.Closed, result.Rejected:
		k.State, k.ICMP = last.State, last.ICMP
	default:
		k.State = result.Filtered
	}
	return k
}

func random() uint16 { return lowest + uint16(rand.N(highest-lowest+1)) }

// look sweeps to a port, and asks once more where the way ends in silence.
// Where it ends in a refusal, it finds out with which TTL that comes.
func (c *calling) look(ctx context.Context, port uint16) (hops []result.Hop, answerTTL int) {
	if !c.looks.turn(ctx, c.to.address, costReach, looksWait) {
		return nil, 0
	}
	to := netip.AddrPortFrom(c.to.address, port)
	o := dial.SweepOptions{Last: farthest}
	if c.request.Proto == "udp" {
		o.Datagram = []byte(standin.Ask(standin.NewNonce()))
	}
	hops, err := c.n.Sweep(ctx, to, o)
	if err != nil {
		return hops, 0
	}
	if from := dial.SilentFrom(hops); from > 0 {
		hold(ctx, again)
		o.First, o.Last, o.Wait = from, from, onceMore
		if more, err := c.n.Sweep(ctx, to, o); err == nil {
			hops = dial.Joined(hops, more)
		}
		return hops, 0
	}
	if len(hops) > 0 && hops[len(hops)-1].State == result.Closed && o.Datagram == nil {
		if ttl, state, err := c.n.AnswerTTL(ctx, to); err == nil && state == result.Closed {
			answerTTL = ttl
		}
	}
	return hops, answerTTL
}
