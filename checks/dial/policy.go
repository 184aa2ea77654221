package dial

import (
	"math"
	"time"
)

// policy decides whom a scan asks next, and when silence may be believed. It
// is pure: it touches no socket and no clock, so that one set of tests with
// made-up networks holds for every system.
//
// The kernel repeats a SYN only after a second. A lost one costs far less if
// the port is asked again from a new socket after a few round trips, while the
// first socket stays open so that a late answer still counts. So all silent
// ports are asked some times in quick rounds, more often where answers of other
// ports were lost. Then comes a pause, and a few of the silent ones are asked
// into the quiet: an answer there shows a path that drops what comes in bursts,
// and everything silent is asked again in slow rounds. Where a device rejects
// by ICMP, whose rate systems limit to about one a second, a few silent ports
// are asked alone, see lonely.
type policy struct {
	knowledge
	ports []asked
	step  int                     // the ports' first order: a stride, so that a few early answers are a fair sample of the range
	fresh int                     // how many have been asked at all
	queue queue                   // asked and silent, by time of the last ask
	left  int                     // not answered
	got   int                     // answers of the destination
	lost  int                     // asks that a later one of the same port overtook
	later struct{ got, lost int } // the same of second and later tries

	phase     phase
	firstAsks time.Duration // when the last port was first asked
	lastAsk   time.Duration
	asks      int
	since     time.Duration // start of the phase
	round     []int32       // whom the phase asks
	came      int           // answers of the destination to the phase's own asks
	every     time.Duration // time between asks of a slow round
	slowSince time.Duration
	unsure    bool // answers still came when there was no more time for slow rounds
	rejects   int
	rejecter  roundTrip // its round trip
	lonely    *lonely
}

// knowledge is what the policy is told by the run.
type knowledge struct {
	rtt       func() (roundTrip, bool)                    // to the destination's network
	roomy     bool                                        // no socket need be given up for another
	silence   func() time.Duration                        // how long the destination must be silent to be believed
	rejecting func() bool                                 // whether devices have rejected by ICMP of late
	turn      func(from time.Duration) (at time.Duration) // when, from then on, it is this scan's turn to ask alone
	number    func(i int) uint16                          // a port's number
	device    func(i int) (device, bool)                  // what rejected a port, if something did
}

// asked is what the policy remembers of a port.
type asked struct {
	last  time.Duration
	tries uint8
	done  bool
}

type phase uint8

const (
	quick   phase = iota // everything, again and again
	pausing              // nothing
	sample               // a few, into the quiet
	settle               // listening
	slow                 // everything silent, spaced
	alone                // see lonely
	over
)

// verb is what a scan does next.
type verb uint8

const (
	ask    verb = iota // connect to the port
	wait               // listen until then
	hush               // give up all sockets: the kernel would go on repeating their SYNs
	finish             // nothing more is to be learnt
)

type action struct {
	do   verb
	port int           // ask: its index
	at   time.Duration // wait: until when
}

const (
	fewestTries = 3  // so that one that is lost, and one in a burst, leave one
	usualTries  = 5  // at 5 % loss each way a port is then overlooked once in 100,000
	mostTries   = 12 // more does not help a path that loses nearly everything
	// generousTries are made where few ports are silent.
	generousTries = 7
	// overlooked is how many ports of a scan may be overlooked on average.
	overlooked = 1e-4
	blindGap   = 400 * time.Millisecond // between asks while no round trip is known
	sampled    = 16                     // ports asked into the quiet
	slowEvery  = 2 * time.Millisecond   // between asks of the first slow round; each next takes twice that
	slowMost   = 20 * time.Second       // for all slow rounds: then it stays unknown
)

func newPolicy(n int, k knowledge) *policy {
	return &policy{knowledge: k, ports: make([]asked, n), step: stride(n), queue: newQueue(n), left: n}
}

// next says what to do now. It changes nothing that asked does not confirm.
func (p *policy) next(now time.Duration) action {
	for {
		if p.left == 0 {
			return action{do: finish}
		}
		if a, ok := p.inPhase(now); ok {
			return a
		}
	}
}

// inPhase is the phase's next action, or false if it went over to another one.
func (p *policy) inPhase(now time.Duration) (action, bool) {
	switch p.phase {
	case quick:
		if i, at, ok := p.due(now); ok {
			if at <= now {
				return action{do: ask, port: i}, true
			}
			return action{do: wait, at: at}, true
		}
		p.enter(pausing, now)
	case pausing:
		// late enough that it ends with the time that silence needs anyway
		at := max(p.lastAsk+max(150*time.Millisecond, p.slowest()*3/2), p.firstAsks+p.quiet()-p.listen())
		if now < at {
			return action{do: wait, at: at}, true
		}
		p.round = p.some(sampled)
		p.enter(sample, now)
	case sample:
		if i, ok := p.ofRound(); ok {
			return action{do: ask, port: i}, true
		}
		p.phase = settle // what came in answer to the sample still counts as that
	case settle:
		if at := max(p.firstAsks+p.quiet(), p.lastAsk+p.listen()); now < at {
			return action{do: wait, at: at}, true
		}
		return p.settled(now)
	case slow:
		if i, ok := p.ofRound(); ok {
			if at := p.lastAsk + p.every; now < at {
				return action{do: wait, at: at}, true
			}
			return action{do: ask, port: i}, true
		}
		p.phase = settle
	case alone:
		return p.lonely.next(p, now)
	case over:
		return action{do: finish}, true
	}
	return action{}, false
}

// settled decides what follows when all asks have had the time for an answer.
func (p *policy) settled(now time.Duration) (action, bool) {
	switch {
	case p.came > 0, p.every == 0 && p.interrupted():
		if p.every == 0 {
			p.every, p.slowSince = slowEvery, now
		} else {
			p.every *= 2
		}
		if now-p.slowSince+time.Duration(p.left)*p.every > slowMost {
			p.unsure = true
			p.enter(over, now)
			return action{}, false
		}
		p.round = p.some(p.left)
		p.enter(slow, now)
	case p.rejects > 0 || p.rejecting():
		p.lonely = newLonely(p, now)
		p.enter(alone, now)
	default:
		p.enter(over, now)
		return action{}, false
	}
	return action{do: hush}, true
}

func (p *policy) enter(ph phase, now time.Duration) { p.phase, p.since, p.came = ph, now, 0 }

// due is the port to be asked next in quick rounds, and when. False means that
// every silent port was asked often enough.
func (p *policy) due(now time.Duration) (i int, at time.Duration, ok bool) {
	if p.fresh < len(p.ports) {
		return p.nth(p.fresh), now, true
	}
	tries := p.tries()
	for refilled := false; ; refilled = true {
		for !p.queue.empty() {
			q := &p.ports[p.queue.first()]
			if !q.done && int(q.tries) < tries {
				gap := p.gap()
				if int(q.tries) == tries-1 && tries <= usualTries {
					gap *= 3 // few, so the last one late: losses come in bursts
				}
				return p.queue.first(), q.last + gap, true
			}
			p.queue.pop()
		}
		if refilled {
			return 0, 0, false
		}
		for k := range p.ports { // loss was seen after some had left the queue
			if i := p.nth(k); !p.ports[i].done && int(p.ports[i].tries) < tries {
				p.queue.push(i)
			}
		}
	}
}

// ofRound is the next port of the phase's round that is still silent.
func (p *policy) ofRound() (int, bool) {
	for len(p.round) > 0 {
		if i := int(p.round[0]); !p.ports[i].done {
			return i, true
		}
		p.round = p.round[1:]
	}
	return 0, false
}

// asked confirms that a connect to the port is under way, and returns the
// number of the try.
func (p *policy) asked(i int, now time.Duration) int {
	q := &p.ports[i]
	if p.fresh < len(p.ports) && p.nth(p.fresh) == i {
		p.fresh++
	}
	if q.tries == 0 {
		p.firstAsks = now
	}
	q.last = now
	if q.tries < math.MaxUint8 {
		q.tries++
	}
	p.lastAsk = now
	p.asks++
	switch p.phase {
	case quick:
		if !p.queue.empty() && p.queue.first() == i {
			p.queue.pop()
		}
		p.queue.push(i)
	case sample, slow:
		p.round = p.round[1:]
	case alone:
		p.lonely.asked(now)
	}
	return int(q.tries)
}

// retract takes back that the port was asked: there was no room for its socket.
func (p *policy) retract(i int) {
	p.ports[i].tries--
	p.asks--
	switch p.phase {
	case sample, slow:
		p.round = append(p.round, int32(i))
	case alone:
		p.lonely.tries--
		p.lonely.asks--
	}
}

// answered takes note of the first answer of a port, to the ask made then: the
// destination's, or a device's that rejects.
func (p *policy) answered(i, try int, then, now time.Duration, rejected bool) {
	p.end(i)
	if rejected {
		p.rejects++
		if now-then < repeat { // else it may have answered the system's own second SYN
			p.rejecter.add(now - then)
		}
		return
	}
	p.got++
	p.lost += try - 1
	if try > 1 {
		p.later.got++
		p.later.lost += try - 2
	}
	if rtt, _ := p.rtt(); now-then >= repeat && rtt.smooth < repeat {
		p.lost++ // it answered the system's own second SYN
	}
	if then >= p.since && p.phase != quick {
		p.came++
	}
}

// end takes the port out of the scan.
func (p *policy) end(i int) {
	p.ports[i].done = true
	p.left--
}

// progress is how much of the work is done, in ports: a silent one counts
// nearly whole when it has been asked as often as is usual.
func (p *policy) progress() int {
	if p.left == 0 || p.phase == over {
		return len(p.ports)
	}
	share := min(1, float64(p.asks)/float64(usualTries*len(p.ports)))
	return len(p.ports) - p.left + int(0.9*share*float64(p.left))
}
