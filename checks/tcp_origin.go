package checks

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/report/result"
)

const (
	// ahead is how much earlier than its control a connect goes out: routers
	// say only a few times a second what became of packets, and what they have
	// to say of the connect itself must not fall to its control.
	ahead = 200 * time.Microsecond
	// nearest is how many hops away somebody is looked for who answers in the
	// place of a host: the site's own devices and its provider's first. Hosts
	// of the internet are further away.
	nearest = 3
	// afterwards is how long the control may last beyond the answer that it is
	// a control of. Whoever is nearer than the host answers sooner, so that
	// this is for the answers' way through the system alone.
	afterwards = 100 * time.Microsecond
	// doubted is the same once something is odd: a near device has answered
	// by then.
	doubted = 5 * time.Millisecond
	// The ports that the system takes for its own connections (RFC 6335):
	// hardly a service listens there.
	firstRandom, lastRandom = 49152, 65535
)

// origin is the control of a connect that proves nothing by what is said on it:
// does the host itself answer? It sends the same connect no further than the
// nearest hops, and one to a port on which nobody is to answer, and runs beside
// what it controls, which does not wait for it.
type origin struct {
	all   *origins
	to    netip.AddrPort
	other uint16 // a random port

	look   func() *dial.Glance
	began  sync.Once
	later  *time.Timer
	looks  sync.Once // or never
	glance *dial.Glance
}

// originOf is the control of a port; nil where there is none.
func (p *tcpProbe) originOf(ctx context.Context, port uint16) *origin {
	a := p.seen.address
	if p.Identify || p.Expect == expectClosed || near(ctx, p.t, a) {
		return nil
	}
	v, _, err := p.t.Env.Memo.Do(ctx, "origin controls", func(context.Context) (any, error) {
		return &origins{ways: map[netip.AddrPort]bool{}, ports: map[uint16]bool{}, others: map[netip.Addr]bool{}}, nil
	})
	if err != nil {
		return nil
	}
	o := &origin{all: v.(*origins), to: netip.AddrPortFrom(a, port)}
	way, other := o.all.turn(o.to)
	o.other = p.random()
	var asks []dial.Ask
	if way {
		asks = append(asks, dial.Ask{Port: port, TTL: 1}, dial.Ask{Port: port, TTL: nearest})
	}
	if other {
		asks = append(asks, dial.Ask{Port: o.other})
	}
	if len(asks) == 0 {
		return nil
	}
	n := p.t.Network()
	o.look = func() *dial.Glance {
		g := n.Glance(a, asks...)
		if g == nil {
			o.all.giveBack(o.to, way, other)
		}
		return g
	}
	return o
}

// begin lets the control follow its connect, which goes out now.
func (o *origin) begin() {
	if o == nil {
		return
	}
	o.began.Do(func() {
		o.later = time.AfterFunc(ahead, func() { o.looks.Do(func() { o.glance = o.look() }) })
	})
}

// random is a port that is none of the check's.
func (p *tcpProbe) random() uint16 {
	own := p.ports.list()
	for range 16 { // a check of all ports has none
		if port := uint16(firstRandom + rand.IntN(lastRandom-firstRandom+1)); !own.Contains(port) {
			return port
		}
	}
	return lastRandom
}

// end takes what the control has seen, now that its port is known to be open
// or not, and records it.
func (o *origin) end(ctx context.Context, t *engine.Trace, open bool) {
	if o == nil {
		return
	}
	o.began.Do(func() {}) // it never went out
	if o.later != nil {
		o.later.Stop()
	}
	o.looks.Do(func() {
		if open {
			o.glance = o.look() // the host was that quick
		}
	})
	if o.glance == nil {
		return
	}
	defer o.glance.Close()
	if !open {
		return
	}
	ways := func(port uint16) (hops []result.Hop) {
		for ttl := 1; ttl <= nearest; ttl++ {
			if h, ok := o.glance.Seen(dial.Ask{Port: port, TTL: ttl}); ok {
				hops = append(hops, h)
			}
		}
		return hops
	}
	o.glance.Wait(afterwards+ahead, func() bool {
		_, random := o.glance.Seen(dial.Ask{Port: o.other})
		return random && len(ways(o.to.Port())) == 2
	})
	port, other := ways(o.to.Port()), []result.Hop(nil)
	if i := slices.IndexFunc(port, func(h result.Hop) bool { return h.State == result.Open }); i >= 0 {
		// Somebody near accepts: the host, or a device, as it may for an address
		// of its own. What does it do with a port on which nobody listens?
		asks := []dial.Ask{{Port: o.other, TTL: nearest}}
		if port[i].TTL == 1 {
			asks = append(asks, dial.Ask{Port: o.other, TTL: 1})
		}
		o.glance.Ask(asks...)
		o.glance.Wait(doubted, func() bool { return len(ways(o.other)) == len(asks) })
		other = ways(o.other)
	}
	if len(port) > 0 {
		o.record(ctx, t, o.to.Port(), "near", "", port)
	}
	h, ok := o.glance.Seen(dial.Ask{Port: o.other})
	if ok && h.State == result.Rejected {
		o.all.refused()
	}
	if ok || len(other) > 0 {
		o.record(ctx, t, o.other, "random-port", h.State, other)
	}
}

func (o *origin) record(ctx context.Context, t *engine.Trace, port uint16, control string, seen result.State, hops []result.Hop) {
	_ = t.Span(ctx, result.OpSweep, func(_ context.Context, s *engine.Step) error {
		s.Set("network.peer.address", o.to.Addr().String())
		s.Set("network.peer.port", int(port))
		s.Set("control", control)
		if seen != "" {
			s.Set("seen", string(seen))
		}
		if len(hops) > 0 {
			s.Evidence(result.Evidence{Hops: hops})
		}
		return nil
	})
}

// origins are the controls of a run. Each makes the routers on the way say that
// a packet expired, and they say so only a few times a second: most of that is
// left to what a failed check will need. A device that answers in others'
// place does it by port, so that one host stands for others; once it is found
// the others are looked at again.
type origins struct {
	mu     sync.Mutex
	ways   map[netip.AddrPort]bool
	ports  map[uint16]bool     // whose way was looked at
	others map[netip.Addr]bool // of which a random port was asked
	never  bool                // the network refuses random ports, and says so
}

const (
	mostWays   = 4  // of different ports
	sameWays   = 2  // whatever their ports
	mostOthers = 16 // a larger profile has no more time for it
)

// turn says what is to be asked beside this port.
func (all *origins) turn(to netip.AddrPort) (way, other bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if n := len(all.ways); !all.ways[to] && (n < sameWays || n < mostWays && !all.ports[to.Port()]) {
		way = true
		all.ways[to], all.ports[to.Port()] = true, true
	}
	if !all.others[to.Addr()] && len(all.others) < mostOthers && !all.never {
		other = true
		all.others[to.Addr()] = true
	}
	return way, other
}

// giveBack takes back a turn that could not be used.
func (all *origins) giveBack(to netip.AddrPort, way, other bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if way {
		delete(all.ways, to)
		delete(all.ports, to.Port())
	}
	if other {
		delete(all.others, to.Addr())
	}
}

// refused takes note that a random port was refused by a device on the way,
// which answers for none then, and had better save its answers.
func (all *origins) refused() {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.never = true
}

// openIn tells whether a port was found open.
func openIn(ports []dial.Port, port uint16) bool {
	return slices.ContainsFunc(ports, func(q dial.Port) bool { return q.Port == port && isOpen(q) })
}
