package dial

import (
	"container/heap"
	"math/rand/v2"
	"net/netip"
	"time"

	"netcheck/report/result"
)

// world is a made-up network behind made-up sockets, for synctest's clock: its
// wire answers or loses each SYN, and its system repeats unanswered ones as
// Linux does.
type world struct {
	begun time.Time
	wire  wire
	most  int // descriptors; 0: no limit

	next    int
	ports   map[int]uint16 // of the sockets that are open
	events  events
	syns    []time.Duration
	highest int // sockets open at once
}

// wire is asked for each SYN: what comes back, and when. False is silence.
type wire func(port uint16, at time.Duration) (o outcome, after time.Duration, ok bool)

type event struct {
	at     time.Duration
	id     int
	syn    int // the n-th repetition is due; 0: the outcome has come
	result outcome
}

type events []event

func (e events) Len() int           { return len(e) }
func (e events) Less(i, j int) bool { return e[i].at < e[j].at }
func (e events) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

func newWorld(w wire) *world {
	return &world{begun: time.Now(), wire: w, ports: make(map[int]uint16)}
}

func (w *world) connect(batch []start, _ bool) {
	for i := range batch {
		b := &batch[i]
		time.Sleep(20 * time.Microsecond) // what a connect costs
		b.at = time.Now()
		if w.most > 0 && len(w.ports) >= w.most {
			b.outcome = outcome{errno: "EMFILE", here: true}
			continue
		}
		w.next++
		w.ports[w.next] = b.port
		w.highest = max(w.highest, len(w.ports))
		w.syn(w.next, 0)
		b.id, b.pending = w.next, true
	}
}

func (w *world) syn(id, n int) {
	now := time.Since(w.begun)
	w.syns = append(w.syns, now)
	if o, after, ok := w.wire(w.ports[id], now); ok {
		heap.Push(&w.events, event{at: now + after, id: id, result: o})
	}
	if n < 4 { // repeated each second, at first
		heap.Push(&w.events, event{at: now + time.Second, id: id, syn: n + 1})
	}
}

func (w *world) wait(d time.Duration, report func(int, outcome)) {
	until := time.Since(w.begun) + d
	for reported := false; len(w.events) > 0; {
		now := time.Since(w.begun)
		at := w.events[0].at
		if at > now {
			if reported || at > until {
				break
			}
			time.Sleep(at - now)
		}
		e := heap.Pop(&w.events).(event)
		switch _, open := w.ports[e.id]; {
		case !open: // answered or dropped meanwhile
		case e.syn > 0:
			w.syn(e.id, e.syn)
		default:
			delete(w.ports, e.id)
			report(e.id, e.result)
			reported = true
		}
		if reported {
			until = time.Since(w.begun)
		}
	}
	time.Sleep(until - time.Since(w.begun))
}

func (w *world) drop(id int)       { delete(w.ports, id) }
func (w *world) local() netip.Addr { return netip.MustParseAddr("192.0.2.1") }
func (w *world) close()            {}

// The answers of a world.
var (
	isOpen     = outcome{}
	isClosed   = outcome{errno: "ECONNREFUSED"}
	isRejected = outcome{errno: "EHOSTUNREACH", icmp: &result.ICMP{From: "192.0.2.254", Type: 3, Code: 13, Name: "admin-prohibited"}}
)

// truth is what each port is.
type truth func(port uint16) result.State

func all(s result.State) truth { return func(uint16) result.State { return s } }

// halves are closed below 9500, but for an open 9000, and another thing above.
func halves(upper result.State) truth {
	return func(p uint16) result.State {
		switch {
		case p == 9000:
			return result.Open
		case p < 9500:
			return result.Closed
		}
		return upper
	}
}

// direct answers by the truth after a round trip.
func direct(is truth, rtt time.Duration) wire {
	return func(port uint16, _ time.Duration) (outcome, time.Duration, bool) {
		switch is(port) {
		case result.Open:
			return isOpen, rtt, true
		case result.Closed:
			return isClosed, rtt, true
		case result.Rejected:
			return isRejected, rtt, true
		}
		return outcome{}, 0, false
	}
}

// lossy loses each packet of both ways with a probability.
func lossy(w wire, loss float64, seed uint64) wire {
	r := rand.New(rand.NewPCG(seed, 7))
	return func(port uint16, at time.Duration) (outcome, time.Duration, bool) {
		o, after, ok := w(port, at)
		return o, after, ok && r.Float64() >= loss && r.Float64() >= loss
	}
}

// interrupted loses everything that is sent between two times, again and again.
func interrupted(w wire, from, to, every time.Duration) wire {
	return func(port uint16, at time.Duration) (outcome, time.Duration, bool) {
		o, after, ok := w(port, at)
		m := at % every
		return o, after, ok && (m < from || m >= to)
	}
}

// policed lets so many SYNs a second pass.
func policed(w wire, rate, burst float64) wire {
	tokens, last := burst, time.Duration(0)
	return func(port uint16, at time.Duration) (outcome, time.Duration, bool) {
		tokens = min(burst, tokens+(at-last).Seconds()*rate)
		last = at
		if tokens < 1 {
			return outcome{}, 0, false
		}
		tokens--
		return w(port, at)
	}
}

// reluctant rejects as Linux does: six times at once, then once a second.
func reluctant(w wire, left float64) wire {
	last := time.Duration(0)
	return func(port uint16, at time.Duration) (outcome, time.Duration, bool) {
		o, after, ok := w(port, at)
		if !ok || o.icmp == nil {
			return o, after, ok
		}
		left = min(6, left+(at-last).Seconds())
		last = at
		if left < 1 {
			return outcome{}, 0, false
		}
		left--
		return o, after, true
	}
}
