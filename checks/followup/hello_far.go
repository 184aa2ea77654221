package followup

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

const (
	// farthest is how many hops away a ClientHello is followed where it is not
	// known how far the server is: firewalls stand at the shop's end of the way.
	farthest = 12
	// hopPatience is how long each is waited for at least, and at most as long
	// as a sweep waits for a connect.
	hopPatience, mostHopPatience = 400 * time.Millisecond, 1500 * time.Millisecond
	// limited is when hops that stayed silent at the end of what was heard are
	// asked again: routers send one answer a second, once they have sent six.
	limited = 1100 * time.Millisecond
	// firstOutcome is how long smaller sizes are waited for before a ClientHello
	// is followed: what works takes two round trips, after the sweep.
	firstOutcome = 500 * time.Millisecond
)

// farAs finds out how far a ClientHello comes: a sweep of connects says how far
// the server is and which routers lie between; then on connections that stand
// already, each ClientHello may go one hop farther than the last. It is a small
// one, unless that is answered; where a smaller size works it is the first
// segment alone of a large one, which is as large as a packet gets. Servers are
// followed one after the other, as long as there is time: those that fail alike
// most often fail at one place, and routers have few answers.
func farAs(ctx context.Context, t *engine.Trace, to netip.AddrPort, name string, smallWorks, segmentsWork <-chan bool) {
	v, _, err := t.Env.Memo.Do(ctx, "a ClientHello is followed", func(context.Context) (any, error) { return semaphore.NewWeighted(1), nil })
	if err != nil {
		return
	}
	alone := v.(*semaphore.Weighted)
	if alone.Acquire(ctx, 1) != nil {
		return
	}
	defer alone.Release(1)
	last, routers := farthest, map[int]bool{}
	hops, err := way(ctx, t, to)
	if len(hops) == 0 && err != nil {
		return
	}
	_ = t.Span(ctx, result.OpSweep, func(_ context.Context, s *engine.Step) error {
		about(s, to, "connect")
		s.Evidence(result.Evidence{Hops: hops})
		for _, h := range hops {
			if h.State == result.Open {
				last = h.TTL
				break
			}
			routers[h.TTL] = h.State == result.Expired
		}
		return err
	})
	waiting, cancel := context.WithTimeout(ctx, firstOutcome)
	small, segments := soon(waiting, smallWorks), soon(waiting, segmentsWork)
	cancel()
	f := following{t: t, to: to, routers: routers, name: name, variant: "hello", greeting: clientHello(talk.HelloOptions{ServerName: name, Curves: smallHello})}
	if !small && turn(ctx, t) == nil {
		f.far(ctx, last)
	}
	f.variant, f.greeting, f.segment = "large", clientHello(talk.HelloOptions{ServerName: name}), true
	if (small || segments) && turn(ctx, t) == nil {
		f.far(ctx, last)
	}
}

// soon tells whether something is known to work before ctx ends.
func soon(ctx context.Context, works <-chan bool) bool {
	select {
	case ok := <-works:
		return ok
	default: // of an end and an outcome the outcome counts
	}
	select {
	case ok := <-works:
		return ok
	case <-ctx.Done():
		return false
	}
}

// following is a ClientHello that is followed on its way.
type following struct {
	t        *engine.Trace
	to       netip.AddrPort
	routers  map[int]bool // the hops at which a connect was seen to expire
	name     string
	variant  string
	greeting []byte
	segment  bool // its first segment alone: that it is confirmed is the answer
}

// far records what it met at each TTL: the hop where it expired, a reset, an
// answer (open), or silence. Silence where nothing was to be heard of a router
// is left out.
func (f *following) far(ctx context.Context, last int) {
	_ = f.t.Span(ctx, result.OpSweep, func(ctx context.Context, s *engine.Step) error {
		about(s, f.to, f.variant)
		s.Set("tls.client.server_name", f.name)
		met := make([]result.State, last+1) // by TTL
		ask := func(first, last int) {
			var all sync.WaitGroup
			for ttl := first; ttl <= last; ttl++ {
				all.Go(func() { met[ttl] = f.meet(ctx, ttl) })
			}
			all.Wait()
		}
		ask(1, last)
		if end := endOf(met); end <= last && met[end] == result.Filtered {
			if pause(ctx, limited) == nil {
				ask(end, min(end+1, last))
			}
			if end = endOf(met); end <= last && f.routers[end] && (met[end] == "" || met[end] == result.Filtered && !f.answers(ctx, end)) {
				forget(met[end:])
			}
		}
		var hops []result.Hop
		for ttl, state := range met {
			if state != "" {
				hops = append(hops, result.Hop{TTL: ttl, State: state})
			}
		}
		s.Evidence(result.Evidence{Hops: hops})
		return nil
	})
}

// endOf is the first TTL beyond those with which it expired.
func endOf(met []result.State) int {
	for ttl := len(met) - 1; ttl > 0; ttl-- {
		if met[ttl] == result.Expired {
			return ttl + 1
		}
	}
	return 1
}

// forget leaves out silence that says nothing.
func forget(met []result.State) {
	for i, state := range met {
		if state == result.Filtered {
			met[i] = ""
		}
	}
}

// answers tells whether the router at a hop still says of connects that they
// expired there: twice, so that it had an answer left just before, too.
func (f *following) answers(ctx context.Context, ttl int) bool {
	for range 2 {
		hops, err := f.t.Network().Sweep(ctx, f.to, dial.SweepOptions{First: ttl, Last: ttl})
		if err != nil || len(hops) == 0 || hops[0].State != result.Expired {
			return false
		}
	}
	return true
}

// meet sends it on a connection of its own that far and no farther. It is "" if
// that could not be done.
func (f *following) meet(ctx context.Context, ttl int) result.State {
	conn, err := f.t.Network().Connect(ctx, f.to)
	if err != nil {
		return ""
	}
	defer conn.Close()
	defer hangUp(conn)
	greeting := f.greeting
	if f.segment {
		size := 1400 // fits the headers of any version into a usual packet
		if info := conn.TCPInfo(); info != nil && info.SendMSS > 0 {
			size = info.SendMSS
		}
		if len(greeting) < size {
			return ""
		}
		greeting = greeting[:size]
	}
	if conn.SetTTL(ttl) != nil {
		return ""
	}
	end := time.Now().Add(min(max(hopPatience, 4*conn.RTT), mostHopPatience))
	cutShort := false
	if d, ok := ctx.Deadline(); ok && d.Before(end) {
		end, cutShort = d, true
	}
	_ = conn.SetDeadline(end)
	_, err = conn.Write(greeting)
	if err == nil {
		_, err = conn.Read(make([]byte, 1))
	}
	switch failure, _ := dial.Classify(err); {
	case err == nil:
		return result.Open
	case failure == result.FailHostUnreachable, failure == result.FailTTLExceeded, failure == result.FailNetUnreachable:
		return result.Expired
	case failure == result.FailReset, failure == result.FailEOF:
		return result.Reset
	}
	if info := conn.TCPInfo(); f.segment && info != nil && info.BytesAcked > 1 {
		return result.Open
	}
	if cutShort || ctx.Err() != nil {
		return ""
	}
	return result.Filtered
}

// hangUp makes the close a reset that reaches the server, so that it keeps no
// remains of the connection.
func hangUp(conn *dial.Conn) {
	const far = 64 // what systems send with
	_ = conn.SetTTL(far)
	if c, ok := conn.Conn.(*net.TCPConn); ok {
		_ = c.SetLinger(0)
	}
}

// clientHello is the first flight of a handshake, as bytes.
func clientHello(o talk.HelloOptions) []byte {
	r := &recorder{}
	_ = tls.Client(r, &tls.Config{ServerName: o.ServerName, CurvePreferences: o.Curves, InsecureSkipVerify: true}).Handshake()
	return r.sent
}

// recorder keeps what is written, and has nothing to say.
type recorder struct {
	net.Conn
	sent []byte
}

func (r *recorder) Write(b []byte) (int, error)    { r.sent = append(r.sent, b...); return len(b), nil }
func (*recorder) Read([]byte) (int, error)         { return 0, net.ErrClosed }
func (*recorder) Close() error                     { return nil }
func (*recorder) SetDeadline(time.Time) error      { return nil }
func (*recorder) SetReadDeadline(time.Time) error  { return nil }
func (*recorder) SetWriteDeadline(time.Time) error { return nil }
