package dial

import (
	"math"
	"time"
)

// trip is the round trip to go by: the destination's, or that of a device in
// between which rejects, since it rejects what is asked again as well.
func (p *policy) trip() (roundTrip, bool) {
	rtt, ok := p.rtt()
	if !ok {
		return p.rejecter, p.rejecter.smooth > 0
	}
	return rtt, true
}

// first says whether there are ports that were not asked at all.
func (p *policy) first() bool { return p.fresh < len(p.ports) }

// gap is the time between two asks of a port: two round trips, but not longer
// than the system itself would wait.
func (p *policy) gap() time.Duration {
	if rtt, ok := p.trip(); ok {
		return max(shortestGap, min(2*rtt.smooth, repeat))
	}
	return max(shortestGap, blindGap)
}

// listen is how long an ask may take to be answered.
func (p *policy) listen() time.Duration {
	if rtt, ok := p.trip(); ok {
		return max(3*rtt.slowest, 200*time.Millisecond) + refusalTakes
	}
	return repeat + refusalTakes
}

// tries is how often a silent port is asked in quick rounds: as often as it
// takes for loss, as it was seen at the other ports, to explain no silence; and
// a few times more where that hardly adds to the whole.
func (p *policy) tries() int {
	once := share(p.lost, p.got)
	again := once
	if p.later.got >= 20 {
		// the first SYNs of all may be lost together, while the gateway's
		// address is being asked for: that says nothing of the later ones
		again = share(p.later.lost, p.later.got)
	}
	most := usualTries
	if p.lost > 0 {
		most = mostTries
	}
	n := fewestTries
	for n < most && float64(p.left)*once*math.Pow(again, float64(n-1)) > overlooked {
		n++
	}
	if p.repeated() {
		n--
	}
	return max(n, min(generousTries, len(p.ports)/p.left))
}

// share is what was lost of all, by Laplace's rule: none seen is not none.
func share(lost, got int) float64 { return float64(lost+1) / float64(lost+got+2) }

// repeated says whether the system's own second SYN is one more try: it is if
// all sockets last until then, and its answer comes before the end.
func (p *policy) repeated() bool {
	rtt, ok := p.rtt()
	return ok && p.roomy && refusalTakes == 0 && repeat+2*rtt.slowest < listened
}

// interrupted says whether the ports are silent by the time at which they were
// asked, and not by their number: their order is spread, so that those in a row
// would be silent by chance once in a million scans.
func (p *policy) interrupted() bool {
	answering := float64(len(p.ports)-p.left) / float64(len(p.ports))
	run, longest := 0, 0
	for k := range p.ports {
		if run++; p.ports[p.nth(k)].done {
			run = 0
		}
		longest = max(longest, run)
	}
	return float64(len(p.ports))*math.Pow(1-answering, float64(longest)) < 1e-6
}

// quiet is how long to listen before the next conclusion. Where a device
// rejects, that is not yet the end.
func (p *policy) quiet() time.Duration {
	if s := p.silence(); p.rejects == 0 || s < listened {
		return s
	}
	return listened
}

func (p *policy) slowest() time.Duration {
	rtt, _ := p.trip()
	return rtt.slowest
}
