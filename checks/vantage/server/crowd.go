package server

import (
	"container/list"
	"net"
	"net/netip"
	"sync"
)

// crowd are the open connections. There is a bound to them, and when it is
// reached who has waited longest, without a whole request to be answered, makes
// room: so that slow ones, however many, keep nobody out.
type crowd struct {
	most, mostEach int
	arrivals       *rates

	mu      sync.Mutex
	each    map[netip.Prefix]int
	open    int
	waiting *list.List // of *conn, that waited longest first

	lost func() // called for each that found no room, or made some
}

// arrivalRate and arrivalBurst are how many connections one address may open
// in a second and at once: to begin one costs the helper a TLS handshake.
const arrivalRate, arrivalBurst = 20, 200

// mostEach is how many connections one address may have open: many shops
// behind one provider's address, but not a whole crowd.
const mostEach = 64

func newCrowd(most int) *crowd {
	return &crowd{most: most, mostEach: min(mostEach, max(1, most/2)), arrivals: newRates(arrivalRate, arrivalBurst), each: make(map[netip.Prefix]int), waiting: list.New(), lost: func() {}}
}

// conn is a connection in the crowd.
type conn struct {
	net.Conn
	crowd *crowd
	from  netip.Prefix

	place *list.Element // while it waits; the crowd's lock is its own
	gone  bool
}

// enter makes a connection one of the crowd; nil if there is no room for it.
func (w *crowd) enter(c net.Conn) *conn {
	n := &conn{Conn: c, crowd: w}
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		n.from = source(a.AddrPort().Addr().Unmap())
	}
	if w.arrivals.takeFor(n.from, costReach) > 0 {
		return nil
	}
	w.mu.Lock()
	if w.each[n.from] >= w.mostEach {
		w.mu.Unlock()
		return nil
	}
	var last *conn
	if w.open >= w.most {
		if w.waiting.Len() == 0 {
			w.mu.Unlock()
			return nil
		}
		last = w.waiting.Front().Value.(*conn)
		w.remove(last)
	}
	w.each[n.from]++
	w.open++
	n.place = w.waiting.PushBack(n)
	w.mu.Unlock()
	if last != nil {
		w.lost()
		abort(last.Conn)
	}
	return n
}

// remove takes a connection out; the lock is held.
func (w *crowd) remove(c *conn) {
	if c.gone {
		return
	}
	c.gone = true
	if c.place != nil {
		w.waiting.Remove(c.place)
		c.place = nil
	}
	w.open--
	if w.each[c.from]--; w.each[c.from] == 0 {
		delete(w.each, c.from)
	}
}

// busy takes a connection out of those that wait, while its request is
// answered.
func (w *crowd) busy(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.place != nil {
		w.waiting.Remove(c.place)
		c.place = nil
	}
}

// waits puts it back.
func (w *crowd) waits(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !c.gone && c.place == nil {
		c.place = w.waiting.PushBack(c)
	}
}

func (w *crowd) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.open
}

// Close leaves the crowd.
func (c *conn) Close() error {
	c.crowd.mu.Lock()
	c.crowd.remove(c)
	c.crowd.mu.Unlock()
	return c.Conn.Close()
}

// door lets in those for whom there is room.
type door struct {
	net.Listener
	crowd *crowd
}

// Accept returns the next who may come in.
func (d *door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if in := d.crowd.enter(c); in != nil {
			return in, nil
		}
		d.crowd.lost()
		abort(c)
	}
}

// abort closes a connection of which this machine is to keep nothing.
func abort(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	c.Close()
}
