package followup

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

const (
	// farthest is how many hops away a ClientHello is followed where it is not
	// known how far the server is: firewalls stand at the shop's end of the way.
	farthest = 12
	// hopPatience is how long each is waited for: an answer takes no longer than
	// one to a connect, which took at most as long for the sweep to wait for.
	hopPatience = 1500 * time.Millisecond
)

// farAs finds out how far a ClientHello comes: a sweep of connects says how far
// the server is and which routers lie between; then on connections that stand
// already, each ClientHello may go one hop farther than the last. It is sent
// twice over: a small one, which has the name, and the first segment alone of
// a large one, which is as large as a packet gets.
func farAs(ctx context.Context, t *engine.Trace, to netip.AddrPort, name string) {
	last := farthest
	err := t.Span(ctx, result.OpSweep, func(ctx context.Context, s *engine.Step) error {
		about(s, to, "connect")
		hops, err := t.Network().Sweep(ctx, to, dial.SweepOptions{})
		s.Evidence(result.Evidence{Hops: hops})
		for _, h := range hops {
			if h.State == result.Open {
				last = h.TTL
				break
			}
		}
		return err
	})
	if errors.Is(err, errors.ErrUnsupported) {
		last = farthest
	}
	var both sync.WaitGroup
	for variant, o := range map[string]talk.HelloOptions{
		"hello": {ServerName: name, Curves: smallHello}, "large": {ServerName: name},
	} {
		both.Go(func() { follow(ctx, t, to, variant, last, o) })
	}
	both.Wait()
}

// follow records what a ClientHello met at each TTL: the hop where it expired,
// a reset, an answer (open), or silence. Of a large one, that the other side
// confirmed its first segment is the answer.
func follow(ctx context.Context, t *engine.Trace, to netip.AddrPort, variant string, last int, o talk.HelloOptions) {
	greeting := clientHello(o)
	hops := make([]result.Hop, last)
	met := make([]bool, last)
	ctx, cancel := context.WithTimeout(ctx, hopPatience)
	defer cancel()
	_ = t.Span(ctx, result.OpSweep, func(ctx context.Context, s *engine.Step) error {
		about(s, to, variant)
		s.Set("tls.client.server_name", o.ServerName)
		var all sync.WaitGroup
		for i := range hops {
			all.Go(func() {
				state, ok := meet(ctx, t, to, i+1, greeting, variant == "large")
				hops[i], met[i] = result.Hop{TTL: i + 1, State: state}, ok
			})
		}
		all.Wait()
		var known []result.Hop
		for i, h := range hops {
			if met[i] {
				known = append(known, h)
			}
		}
		s.Evidence(result.Evidence{Hops: known})
		return nil
	})
}

// meet sends a greeting on a connection of its own that far and no farther.
func meet(ctx context.Context, t *engine.Trace, to netip.AddrPort, ttl int, greeting []byte, segment bool) (result.State, bool) {
	conn, err := t.Network().Connect(ctx, to)
	if err != nil {
		return "", false
	}
	defer conn.Close()
	defer hangUp(conn)
	if segment {
		size := 1400 // fits the headers of any version into a usual packet
		if info := conn.TCPInfo(); info != nil && info.SendMSS > 0 {
			size = info.SendMSS
		}
		if len(greeting) < size {
			return "", false
		}
		greeting = greeting[:size]
	}
	if conn.SetTTL(ttl) != nil {
		return "", false
	}
	if d, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(d)
	}
	_, err = conn.Write(greeting)
	var n int
	if err == nil {
		n, err = conn.Read(make([]byte, 1))
	}
	switch f, _ := dial.Classify(err); {
	case n > 0:
		return result.Open, true
	case f == result.FailHostUnreachable, f == result.FailTTLExceeded, f == result.FailNetUnreachable:
		return result.Expired, true
	case f == result.FailReset, f == result.FailEOF:
		return result.Reset, true
	}
	if info := conn.TCPInfo(); segment && info != nil && info.BytesAcked > 1 {
		return result.Open, true
	}
	return result.Filtered, true
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
