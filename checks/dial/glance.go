package dial

import (
	"net/netip"
	"runtime"
	"time"

	"netcheck/report/result"
)

// Ask is a connect of a glance.
type Ask struct {
	Port uint16
	TTL  int // of its packets; 0: the system's
}

// Glance is a few connects to one address that nobody waits for: they run
// beside something that does, and of each only what has come by then is known.
// Not safe for concurrent use.
type Glance struct {
	n       *Network
	to      netip.Addr
	sockets sockets
	gate    *gate
	made    int
	pending map[int]asking // by socket
	seen    map[Ask]result.Hop
}

// asking is an ask that is under way.
type asking struct {
	Ask
	at time.Time
}

// glanceMost is how many connects one glance may make.
const glanceMost = 8

// Glance begins to look. It is nil where the run's limits leave no room just
// now, or the system can't.
func (n *Network) Glance(to netip.Addr, asks ...Ask) *Glance {
	to = to.Unmap()
	if !n.limits.files.try(glanceMost) {
		return nil
	}
	g := &Glance{n: n, to: to, gate: n.limits.handshake(to), pending: make(map[int]asking, glanceMost), seen: make(map[Ask]result.Hop, glanceMost)}
	if !g.gate.try(glanceMost) {
		n.limits.files.leave(glanceMost)
		return nil
	}
	var err error
	if g.sockets, err = newSockets(to, 0); err != nil {
		g.leave()
		return nil
	}
	g.Ask(asks...)
	return g
}

// Ask begins more connects.
func (g *Glance) Ask(asks ...Ask) {
	asks = asks[:min(len(asks), glanceMost-g.made)]
	g.made += len(asks)
	if r := g.n.limits.pace(g.to); r != nil {
		r.ReserveN(time.Now(), len(asks)) // so few are sent at once, and those that follow wait the longer
	}
	batch := make([]start, len(asks))
	for i, a := range asks {
		batch[i] = start{port: a.Port, packets: packets{ttl: a.TTL}}
	}
	g.sockets.connect(batch, false)
	for i := range batch {
		if b := &batch[i]; b.pending {
			g.pending[b.id] = asking{asks[i], b.at}
		} // else this system did not send it, which says nothing of others
	}
}

// Wait waits until there is an answer to each, or enough is known, at most d.
func (g *Glance) Wait(d time.Duration, enough func() bool) {
	end := time.Now().Add(d)
	for {
		g.sockets.wait(0, g.note)
		left := time.Until(end)
		switch {
		case len(g.pending) == 0 || enough() || left <= 0:
			return
		case left < time.Millisecond:
			runtime.Gosched() // the system's timers are coarser than this
		default:
			g.sockets.wait(left, g.note)
		}
	}
}

func (g *Glance) note(id int, o outcome) {
	a, ok := g.pending[id]
	delete(g.pending, id)
	if !ok || o.here {
		return
	}
	h := result.Hop{TTL: a.TTL, RTT: result.Duration(time.Since(a.at)), ICMP: o.icmp}
	h.State, _ = o.verdict(g.sockets.local())
	switch {
	case o.icmp != nil:
		h.From = o.icmp.From
		if icmpFailure(o.icmp) == result.FailTTLExceeded {
			h.State = result.Expired
		}
	case h.State == result.Reset:
		h.State = result.Open // and then broken off, before anybody looked
	case o.errno == "EHOSTUNREACH" && a.TTL > 0:
		h.State = result.Expired // most likely; by whom is not told
	}
	g.seen[a.Ask] = h
}

// Seen is what an ask met; false if that is not known, or not yet.
func (g *Glance) Seen(a Ask) (result.Hop, bool) {
	h, ok := g.seen[a]
	return h, ok
}

// Close ends the connects that are under way.
func (g *Glance) Close() {
	for id := range g.pending {
		g.sockets.drop(id)
	}
	g.sockets.close()
	g.leave()
}

func (g *Glance) leave() {
	g.gate.leave(glanceMost)
	g.n.limits.files.leave(glanceMost)
}
