package dial

import (
	"net/netip"
	"sync"
	"time"
)

const (
	// repeat is when systems send an unanswered SYN for the first time again.
	// An answer that comes later may be to the second.
	repeat = time.Second
	// listened is how long silence lasts at least before it is believed: a
	// little longer than repeat, so that the system's own second SYN counts.
	listened = 1100 * time.Millisecond
	// listenedBlind is the same where no round trip is known: the way may lead
	// by satellite, or wake a sleeping mobile link; and a host that misses on
	// the own subnet shows after three seconds of unanswered ARP.
	listenedBlind = 3500 * time.Millisecond
)

// roundTrip is what is known of the time an answer takes.
type roundTrip struct {
	smooth  time.Duration // the usual
	slowest time.Duration
}

// add takes note of one more.
func (r *roundTrip) add(d time.Duration) {
	if r.smooth == 0 {
		r.smooth = max(d, 1)
	}
	r.smooth += (d - r.smooth) / 8 // as RFC 6298 smooths
	r.slowest = max(r.slowest, d)
}

// paths is what the run has learnt about the ways to where it connects.
// The zero paths is ready to use.
type paths struct {
	mu       sync.Mutex
	byNet    map[netip.Prefix]*path
	answered map[netip.Addr]bool
	rejected time.Time // when a device last answered by ICMP
}

type path struct {
	sure     roundTrip
	doubtful time.Duration // the fastest of those longer than repeat
}

// learn takes note of a round trip to the address.
func (p *paths) learn(a netip.Addr, rtt time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byNet == nil {
		p.byNet = make(map[netip.Prefix]*path)
		p.answered = make(map[netip.Addr]bool)
	}
	p.answered[a] = true
	k := network(a)
	w := p.byNet[k]
	if w == nil {
		w = new(path)
		p.byNet[k] = w
	}
	if rtt < repeat-repeat/20 {
		w.sure.add(rtt)
	} else if w.doubtful == 0 || rtt < w.doubtful {
		w.doubtful = rtt
	}
}

// Answered says whether the address has answered a connect in this run, be it
// by a refusal.
func (n *Network) Answered(a netip.Addr) bool {
	n.paths.mu.Lock()
	defer n.paths.mu.Unlock()
	return n.paths.answered[a.Unmap()]
}

// known returns the round trip to the address's network, if any is known.
// Those that may have been answers to a repeated SYN count where there are no
// others.
func (p *paths) known(a netip.Addr) (roundTrip, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.byNet[network(a)]
	switch {
	case w == nil:
		return roundTrip{}, false
	case w.sure.smooth > 0:
		return w.sure, true
	}
	return roundTrip{w.doubtful, w.doubtful}, w.doubtful > 0
}

// silence is how long the address must say nothing before that is believed.
func (p *paths) silence(a netip.Addr) time.Duration {
	rtt, ok := p.known(a)
	p.mu.Lock()
	answered := p.answered[a]
	p.mu.Unlock()
	if !ok || !answered && onLink(a) {
		return listenedBlind + refusalTakes
	}
	return max(3*rtt.slowest, listened) + refusalTakes
}

// sawReject takes note that a device answered by ICMP.
func (p *paths) sawReject() {
	p.mu.Lock()
	p.rejected = time.Now()
	p.mu.Unlock()
}

// rejectedSince says whether a device has answered by ICMP since then.
func (p *paths) rejectedSince(t time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rejected.After(t)
}
