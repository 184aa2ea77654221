package dial

import (
	"context"
	"net/netip"
	"time"

	"golang.org/x/time/rate"

	"netcheck/report/result"
)

// Port is what one port of a scan showed.
type Port struct {
	Port     uint16
	State    result.State // open, closed, filtered, rejected, reset, unknown (could not be asked, or for too short a time)
	Inferred bool         // not answered itself, but covered by the same device's rule
	RTT      time.Duration
	Code     result.Failure
	Evidence result.Evidence
}

// ScanOptions steer a scan.
type ScanOptions struct {
	Progress func(done, total int)    // called now and then, never concurrently
	Lost     func(lost, answered int) // called at the end: asks that went unanswered of ports that answered later, and how many ports did
}

// Scan connects to many ports of one address at once and says what each
// showed, in the order given. The error is ctx's or an *Error of this system
// that makes a scan impossible; what was measured until then is returned with
// it, the rest as unknown.
func (n *Network) Scan(ctx context.Context, addr netip.Addr, ports []uint16, o ScanOptions) ([]Port, error) {
	addr = addr.Unmap()
	out := make([]Port, len(ports))
	for i, p := range ports {
		out[i] = Port{Port: p, State: result.Unknown}
	}
	if len(ports) == 0 || ctx.Err() != nil {
		return out, ctx.Err()
	}
	own, spares := int64(1), 0 // descriptors of the scan itself
	if n.limits.files.size > 16*burst {
		spares = burst
		own += burst
	}
	if err := n.limits.files.enter(ctx, own); err != nil {
		return out, err
	}
	leave := func() { n.limits.files.leave(own) }
	s, err := newSockets(addr, spares)
	for err != nil && exhausted(errnoOf(err)) {
		if err := sleep(ctx, pause); err != nil {
			leave()
			return out, err
		}
		s, err = newSockets(addr, spares)
	}
	if err != nil {
		leave()
		code, errno := Classify(err)
		return out, &Error{Op: "connect", Addr: netip.AddrPortFrom(addr, 0), Code: code, Evidence: result.Evidence{Errno: errno}, Err: err}
	}
	sc := newScan(n, addr, out, s, o)
	end := func() {
		sc.close()
		leave()
	}
	err = sc.run(ctx)
	sc.conclude(err == nil)
	if o.Lost != nil {
		o.Lost(sc.policy.lost, sc.policy.got)
	}
	if ctx.Err() != nil {
		// Thousands of sockets take longer to close than whoever cancelled
		// waits for what was measured, of this scan and of those beside it.
		time.AfterFunc(100*time.Millisecond, end)
	} else {
		end()
	}
	return out, err
}

func errnoOf(err error) string {
	_, errno := Classify(err)
	return errno
}

// scan carries out what its policy decides, within the run's limits.
type scan struct {
	n        *Network
	addr     netip.Addr
	out      []Port
	sockets  sockets
	progress func(done, total int)

	start    time.Time
	policy   *policy
	pace     *rate.Limiter
	gate     *gate
	most     int // sockets at once
	pending  map[int]pending
	opened   []opening // pending and ended ones, oldest first
	silence  func() time.Duration
	reported time.Time
	batch    []start
	whose    []pending // the batch's ports
	refusal  *Error    // this system's own, of a port
	failed   *Error    // why the scan is impossible
}

// pending is a connect under way.
type pending struct {
	port  int32 // index
	try   int32
	begun time.Duration
}

// opening finds a pending connect by age. Ids are used again: one that began
// at another time is another's.
type opening struct {
	id    int
	begun time.Duration
}

const (
	// watchful is the longest that a scan waits before it looks at ctx: it has
	// to hand in what it measured before whoever cancelled goes on without it.
	watchful = 20 * time.Millisecond
	// burst is how many connects are begun before answers are taken: more
	// would make the round trips look longer than they are.
	burst = 64
)

func newScan(n *Network, addr netip.Addr, out []Port, s sockets, o ScanOptions) *scan {
	sc := &scan{
		n: n, addr: addr, out: out, sockets: s, progress: o.Progress,
		start: time.Now(), pace: n.limits.pace(addr), gate: n.limits.handshake(addr),
		most:    int(min(mostSockets, max(1, n.limits.files.size*3/4))), // the rest is for the run's other checks
		pending: make(map[int]pending, min(len(out), mostSockets)),
	}
	sc.silence = func() time.Duration { return n.paths.silence(addr) }
	sc.policy = newPolicy(len(out), knowledge{
		roomy:     sc.gate == nil && len(out)*usualTries <= sc.most,
		rtt:       func() (roundTrip, bool) { return n.paths.known(addr) },
		silence:   sc.silence,
		rejecting: func() bool { return n.paths.rejectedSince(time.Now().Add(-10 * time.Second)) },
		turn: func(from time.Duration) time.Duration {
			return n.alone.turn(sc.start.Add(from)).Sub(sc.start)
		},
		number: func(i int) uint16 { return out[i].Port },
		device: func(i int) (device, bool) { return deviceOf(&out[i]) },
	})
	return sc
}

func (s *scan) run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.failed != nil {
			return s.failed
		}
		s.makeWay()
		d, done := s.choose(ctx)
		if done {
			s.tell(time.Now(), true)
			return s.impossible()
		}
		if len(s.batch) > 0 {
			d = s.begin()
		}
		s.collect(min(d, watchful))
	}
}

// choose fills a batch with the connects that are due and have room, or says
// how long there are none.
func (s *scan) choose(ctx context.Context) (d time.Duration, done bool) {
	s.batch, s.whose = s.batch[:0], s.whose[:0]
	now := time.Since(s.start)
	for len(s.batch) < burst {
		switch a := s.policy.next(now); a.do {
		case finish:
			return 0, true
		case hush:
			s.dropAll(ctx)
		case wait:
			return a.at - now, false
		case ask:
			if d := s.room(now); d > 0 {
				return d, false
			}
			s.whose = append(s.whose, pending{int32(a.port), int32(s.policy.asked(a.port, now)), now})
			s.batch = append(s.batch, start{port: s.out[a.port].Port})
		}
	}
	return 0, false
}

// begin begins the batch's connects. If the system had no room for some, it
// says how long to leave it alone.
func (s *scan) begin() (d time.Duration) {
	s.sockets.connect(s.batch, s.policy.first())
	now := time.Since(s.start)
	for k := range s.batch {
		b, p := &s.batch[k], s.whose[k]
		p.begun = b.at.Sub(s.start)
		if b.pending {
			s.pending[b.id] = p
			s.opened = append(s.opened, opening{b.id, p.begun})
			continue
		}
		s.leave()
		if exhausted(b.outcome.errno) && (b.outcome.errno != "EADDRNOTAVAIL" || routed(netip.AddrPortFrom(s.addr, b.port))) {
			s.policy.retract(int(p.port))
			s.dropOldest(now)
			d = pause
			continue
		}
		s.note(p, b.outcome, now)
	}
	return d
}

// collect takes what answers there are, waiting at most d for the first.
func (s *scan) collect(d time.Duration) {
	now := time.Duration(0)
	s.sockets.wait(d, func(id int, o outcome) {
		if now == 0 {
			now = time.Since(s.start) // of the first, before the others cost time
		}
		p, ok := s.pending[id]
		if !ok {
			return
		}
		delete(s.pending, id)
		s.leave()
		s.note(p, o, now)
	})
	s.tell(time.Now(), false)
}

func (s *scan) close() {
	s.dropAll(context.Background())
	s.sockets.close()
}

// tell reports the progress, some times a second.
func (s *scan) tell(now time.Time, last bool) {
	if s.progress != nil && (last || now.Sub(s.reported) >= 100*time.Millisecond) {
		s.reported = now
		s.progress(s.policy.progress(), len(s.out))
	}
}
