package talk

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"netcheck/checks/dial"
	"netcheck/report/result"
)

// Asker asks many DNS questions with few sockets: a thousand names need not
// take a thousand ports. A question goes over a shared socket first; if no
// answer comes it is asked again from a socket of its own, as some firewalls
// let a single answer pass to a port. Safe for concurrent use. It keeps a
// socket only while a question waits on it.
type Asker struct {
	network *dial.Network
	mu      sync.Mutex
	servers map[netip.AddrPort]*server
}

// NewAsker returns an Asker that goes by this network.
func NewAsker(network *dial.Network) *Asker {
	return &Asker{network: network, servers: make(map[netip.AddrPort]*server)}
}

func (a *Asker) server(addr netip.AddrPort) *server {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, ok := a.servers[addr]
	if !ok {
		s = &server{network: a.network, addr: addr, turns: make(chan struct{}, atOnce)}
		a.servers[addr] = s
	}
	return s
}

// Query asks a server several questions about one name at once, each as the
// function Query does. together runs f(0) to f(n-1) concurrently; it is the
// caller's, so that a panic becomes the caller's too.
func (a *Asker) Query(ctx context.Context, to netip.AddrPort, name string, types []uint16, together func(n int, f func(i int))) ([]*Answer, []error) {
	answers, errs := make([]*Answer, len(types)), make([]error, len(types))
	s := a.server(to)
	timer := time.NewTimer(turnWait)
	defer timer.Stop()
	release := s.admit(ctx, timer.C)
	questions, asked := make([]*question, len(types)), make([]*waiter, len(types))
	_, isName := dns.IsDomainName(name)
	for i, t := range types {
		questions[i] = &question{network: a.network, server: to, name: dns.Fqdn(name), qtype: t}
		if isName {
			asked[i], errs[i] = s.send(ctx, questions[i])
		} else {
			errs[i] = questions[i].fail(result.FailDNSFormat, errNoName)
		}
	}
	timer.Reset(resend)
	over := false
	var unanswered []int
	for i, w := range asked {
		if w != nil {
			answers[i], errs[i] = w.wait(ctx, timer.C, &over)
			w.leave()
		}
		if answers[i] == nil && errs[i] == nil {
			unanswered = append(unanswered, i)
		}
	}
	release()
	together(len(unanswered), func(k int) {
		i := unanswered[k]
		questions[i].before = 1
		answers[i], errs[i] = questions[i].query(ctx)
	})
	return answers, errs
}

// waiter is a question on a shared socket.
type waiter struct {
	lane    *lane
	q       *question
	asked   *dns.Msg
	sent    time.Time
	replies chan reply
}

// reply is a datagram with the waiter's id, or why there will be none.
type reply struct {
	datagram []byte
	at       time.Time
	err      error
}

// wait waits until the question is answered. It returns neither answer nor
// error if it is to be asked again: its time is over, or the server wants it
// otherwise.
func (w *waiter) wait(ctx context.Context, timer <-chan time.Time, over *bool) (*Answer, error) {
	for {
		var r reply
		select {
		case r = <-w.replies:
		default:
			w.q.misfit = w.q.misfit || w.lane.strays.Load()
			if *over {
				return nil, nil
			}
			select {
			case r = <-w.replies:
			case <-timer:
				*over = true
				continue
			case <-ctx.Done():
				w.q.misfit = w.q.misfit || w.lane.strays.Load()
				return nil, w.q.silent(ctx)
			}
		}
		if r.err != nil {
			return nil, w.q.broken(ctx, r.err)
		}
		m := parseReply(r.datagram, []*dns.Msg{w.asked})
		switch {
		case m == nil:
			w.q.misfit = true // forged or mangled: the genuine one may follow
		case m.Rcode == dns.RcodeFormatError, m.Rcode == dns.RcodeNotImplemented:
			w.q.options.PlainUDP = true // a server older than EDNS
			return nil, nil
		default:
			return w.q.complete(ctx, m, &Answer{Tries: 1, RTT: r.at.Sub(w.sent)})
		}
	}
}

// server is where an Asker's questions to one address go.
type server struct {
	network *dial.Network
	addr    netip.AddrPort
	turns   chan struct{}
	mu      sync.Mutex // also while a socket is opened: the others want the same one
	current *lane
}

const (
	// atOnce is how many names a server is asked for at a time. The forwarders
	// in shops' routers take 150 questions and refuse the rest (dnsmasq).
	atOnce = 64
	// turnWait is how long a name waits for its turn: behind others that a dead
	// server does not answer, it must not use up its own time.
	turnWait = time.Second
)

// admit waits for a turn to ask, until the time for that is over.
func (s *server) admit(ctx context.Context, over <-chan time.Time) (release func()) {
	release = func() { <-s.turns }
	select {
	case s.turns <- struct{}{}:
		return release
	default:
	}
	select {
	case s.turns <- struct{}{}:
		return release
	case <-over:
	case <-ctx.Done():
	}
	return func() {}
}

// send sends a question over a shared socket.
func (s *server) send(ctx context.Context, q *question) (*waiter, error) {
	m, b, err := q.message(true)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	if s.current == nil || !s.current.join(m) {
		conn, err := s.network.Datagram(ctx, s.addr)
		if err != nil {
			s.mu.Unlock()
			if isTimeout(err) || ctx.Err() != nil {
				return nil, q.silent(ctx)
			}
			return nil, q.broken(ctx, err)
		}
		s.current = newLane(conn)
		s.current.join(m)
	}
	l := s.current
	s.mu.Unlock()
	w := l.waiter(m.Id)
	w.lane, w.q, w.asked, w.sent = l, q, m, time.Now()
	b[0], b[1] = byte(m.Id>>8), byte(m.Id)
	if _, err := l.conn.Write(b); err != nil {
		l.fail(err, w.sent) // it may be the answer to another's question: then it is not told twice
	}
	return w, nil
}

// perLane is how many questions wait on one socket at most: their answers fit
// into what the system keeps for a socket, should all of them come at once.
const perLane = 2 * atOnce

// lane is a shared socket.
type lane struct {
	conn    *dial.Datagram
	mu      sync.Mutex
	waiters map[uint16]*waiter
	closed  bool
	strays  atomic.Bool // something came that is no answer at all
}

func newLane(conn *dial.Datagram) *lane {
	l := &lane{conn: conn, waiters: make(map[uint16]*waiter, perLane)}
	go l.read()
	return l
}

// join books a place for a message, whose id it makes unique here.
func (l *lane) join(m *dns.Msg) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.waiters) >= perLane {
		return false
	}
	for l.waiters[m.Id] != nil {
		m.Id = dns.Id()
	}
	l.waiters[m.Id] = &waiter{replies: make(chan reply, 4)}
	return true
}

func (l *lane) waiter(id uint16) *waiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiters[id]
}

// leave gives the place back. The last one out closes the socket.
func (w *waiter) leave() {
	l := w.lane
	l.mu.Lock()
	delete(l.waiters, w.asked.Id)
	last := len(l.waiters) == 0 && !l.closed
	l.closed = l.closed || last
	l.mu.Unlock()
	if last {
		_ = l.conn.Close()
	}
}

// read hands each datagram to the question with its id, and the socket's error
// to all of them. It judges nothing: that is the waiter's.
func (l *lane) read() {
	buf := make([]byte, 4096)
	for {
		n, err := l.conn.Read(buf)
		at := time.Now()
		if err != nil {
			l.fail(err, at)
			return
		}
		if n < 12 || buf[2]&0x80 == 0 { // no header, or no response
			l.strays.Store(true)
		}
		if n < 2 {
			continue
		}
		l.mu.Lock()
		w := l.waiters[uint16(buf[0])<<8|uint16(buf[1])]
		l.mu.Unlock()
		if w != nil {
			w.deliver(reply{datagram: append([]byte(nil), buf[:n]...), at: at})
		}
	}
}

// deliver drops what comes beyond what anybody would send in earnest.
func (w *waiter) deliver(r reply) {
	select {
	case w.replies <- r:
	default:
	}
}

// fail ends the lane: whoever waits is told, nobody joins any more.
func (l *lane) fail(err error, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	_ = l.conn.Close()
	for _, w := range l.waiters {
		w.deliver(reply{err: err, at: at})
	}
}
