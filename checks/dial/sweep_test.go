package dial

import (
	"context"
	"errors"
	"net"
	"testing"

	"netcheck/report/result"
)

func TestSweepHere(t *testing.T) {
	open := server(t, func(c *net.TCPConn) { c.Close() })
	closed := closedPort(t)
	n := New(Options{Descriptors: 4}) // fewer than its packets take
	for _, c := range []struct {
		name string
		o    SweepOptions
		want result.State
	}{
		{"connect", SweepOptions{}, result.Open},
		{"one TTL", SweepOptions{First: 64, Last: 64}, result.Open},
	} {
		t.Run(c.name, func(t *testing.T) {
			hops, err := n.Sweep(t.Context(), open, c.o)
			if err != nil || len(hops) != 1 || hops[0].State != c.want || hops[0].TTL != max(c.o.First, 1) {
				t.Errorf("%+v, %v, want %s alone", hops, err, c.want)
			}
		})
	}
	if hops, err := n.Sweep(t.Context(), closed, SweepOptions{}); err != nil || len(hops) != 1 || hops[0].State != result.Closed {
		t.Errorf("%+v, %v, want a refusal alone", hops, err)
	}
	if !n.limits.files.try(n.limits.files.size) {
		t.Error("it keeps places of the run's")
	}
}

func TestSweepCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if hops, err := New(Options{}).Sweep(ctx, closedPort(t), SweepOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v, want that it was canceled", hops, err)
	}
}

// TestSweepHops is what a sweep says of what its packets met.
func TestSweepHops(t *testing.T) {
	expired := answer{hop: result.Hop{State: result.Expired, From: "192.0.2.1"}}
	blind, silent := answer{blind: true}, answer{hop: result.Hop{State: result.Filtered}}
	open := answer{hop: result.Hop{State: result.Open}}
	const e, f, o, u = result.Expired, result.Filtered, result.Open, result.Unknown
	for _, c := range []struct {
		name string
		met  []answer // by TTL, from 1
		end  int64
		want []result.State
	}{
		{"devices that say so", []answer{expired, expired, open}, 3, []result.State{e, e, o}},
		{"none beyond who answered", []answer{expired, open, open, silent}, 2, []result.State{e, o}},
		{"devices that the system does not tell", []answer{blind, blind, open}, 3, []result.State{e, e, o}},
		{"silence beyond them", []answer{blind, silent, silent}, 3, []result.State{e, f, f}},
		{"nothing but unreachable", []answer{blind, blind, blind}, 3, []result.State{u, u, u}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sweep{o: SweepOptions{First: 1}}
			s.end.Store(c.end)
			met := map[int]answer{}
			for i, a := range c.met {
				a.hop.TTL = i + 1
				met[i+1] = a
			}
			hops := s.hops(met)
			if len(hops) != len(c.want) {
				t.Fatalf("%+v, want %v", hops, c.want)
			}
			for i, h := range hops {
				if h.TTL != i+1 || h.State != c.want[i] {
					t.Errorf("hop %d: %+v, want %s", i+1, h, c.want[i])
				}
			}
		})
	}
}

func TestAnswerTTLHere(t *testing.T) {
	open := server(t, func(c *net.TCPConn) { c.Close() })
	ttl, state, err := New(Options{}).AnswerTTL(t.Context(), open)
	if errors.Is(err, errors.ErrUnsupported) {
		if ttl != 0 {
			t.Errorf("TTL %d of a system that can't tell", ttl)
		}
		return
	}
	if err != nil || ttl < 32 || state != result.Open {
		t.Errorf("TTL %d, %s, %v", ttl, state, err)
	}
}

func TestConnectWithSmallSegments(t *testing.T) {
	to := server(t, func(c *net.TCPConn) {
		c.Write([]byte("hello"))
		c.Read(make([]byte, 1))
		c.Close()
	})
	c, err := New(Options{}).ConnectWith(t.Context(), to, ConnectOptions{MaxSegment: 1000})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("this system can't")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	if i := c.TCPInfo(); i != nil && (i.SendMSS > 1000 || i.BytesReceived < 5 || i.BytesAcked < 1) {
		t.Errorf("%+v", i)
	}
	if err := c.SetTTL(7); err != nil {
		t.Error(err)
	}
}
