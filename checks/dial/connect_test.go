package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"netcheck/report/result"
)

func TestConnect(t *testing.T) {
	n := New(Options{Timeout: 5 * time.Second})
	to := server(t, func(c *net.TCPConn) { c.Write([]byte("hello")); c.Close() })
	c, err := n.Connect(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.RTT <= 0 || c.RTT > time.Second {
		t.Errorf("round trip %v", c.RTT)
	}
	b := make([]byte, 5)
	if _, err := c.Read(b); err != nil || string(b) != "hello" {
		t.Errorf("read %q, %v", b, err)
	}
	if _, ok := n.paths.known(to.Addr()); !ok {
		t.Error("the run learnt no round trip")
	}
}

func TestConnectRefused(t *testing.T) {
	to := closedPort(t)
	_, err := New(Options{Timeout: 5 * time.Second}).Connect(t.Context(), to)
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("%v is no *Error", err)
	}
	if e.Code != result.FailRefused || e.Evidence.Errno != "ECONNREFUSED" || e.Addr != to || e.Op != "connect" {
		t.Errorf("got %+v", e)
	}
	if e.Evidence.ICMP != nil {
		t.Errorf("an RST has no ICMP error: %+v", e.Evidence.ICMP)
	}
}

func TestConnectCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := New(Options{}).Connect(ctx, closedPort(t))
	if e, ok := errors.AsType[*Error](err); !ok || e.Code != result.FailCanceled || !errors.Is(err, context.Canceled) {
		t.Errorf("got %#v", err)
	}
}

// TestConnectsShareDescriptors lets many more connects run than there are
// descriptors for: all must come to their end.
func TestConnectsShareDescriptors(t *testing.T) {
	n := New(Options{Descriptors: 6, Timeout: 5 * time.Second})
	to := server(t, func(c *net.TCPConn) { c.Close() })
	errs := make(chan error)
	for range 60 {
		go func() {
			c, err := n.Connect(t.Context(), to)
			if err == nil {
				err = c.Close()
				c.Close() // a second Close gives nothing back twice
			}
			errs <- err
		}()
	}
	for range 60 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if !n.limits.files.places.TryAcquire(6) {
		t.Error("descriptors were not given back")
	}
}

func TestDialContext(t *testing.T) {
	n := New(Options{})
	to := server(t, func(c *net.TCPConn) { c.Close() })
	for _, c := range []struct {
		name, network, address string
		ok                     bool
	}{
		{"tcp", "tcp", to.String(), true},
		{"udp", "udp", to.String(), true},
		{"refused", "tcp", closedPort(t).String(), false},
		{"a name is not resolved", "tcp", "localhost:" + portOf(to), false},
		{"another network", "unix", to.String(), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, err := n.DialContext(t.Context(), c.network, c.address)
			if (err == nil) != c.ok {
				t.Fatalf("error %v", err)
			}
			if err != nil {
				if conn != nil {
					t.Error("a connection beside an error")
				}
				return
			}
			conn.Close()
		})
	}
}

func TestDatagram(t *testing.T) {
	echo, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 64)
		for {
			n, from, err := echo.ReadFrom(b)
			if err != nil {
				return
			}
			echo.WriteTo(b[:n], from)
		}
	}()
	defer func() { echo.Close(); <-done }()
	d, err := New(Options{}).Datagram(t.Context(), echo.LocalAddr().(*net.UDPAddr).AddrPort())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	d.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := d.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 64)
	if n, err := d.Read(b); err != nil || string(b[:n]) != "hello" {
		t.Errorf("read %q, %v", b[:n], err)
	}
}

func TestDatagramToClosedPort(t *testing.T) {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	to := c.LocalAddr().(*net.UDPAddr).AddrPort()
	c.Close()
	d, err := New(Options{}).Datagram(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	d.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := d.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	_, err = d.Read(make([]byte, 64))
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Code != result.FailRefused || e.Op != "read" {
		t.Fatalf("got %#v", err)
	}
	wantICMP(t, e.Evidence.ICMP, "127.0.0.1", "port-unreachable")
}

func TestDatagramDeadline(t *testing.T) {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	d, err := New(Options{}).Datagram(t.Context(), c.LocalAddr().(*net.UDPAddr).AddrPort())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	d.SetDeadline(time.Now().Add(50 * time.Millisecond))
	_, err = d.Read(make([]byte, 64))
	if e, ok := errors.AsType[*Error](err); !ok || e.Code != result.FailTimeout {
		t.Errorf("got %#v", err)
	}
}

func TestSilence(t *testing.T) {
	a, b := netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("198.51.100.99")
	for _, c := range []struct {
		name string
		rtts []time.Duration
		want time.Duration
	}{
		{"nothing known", nil, 3500 * time.Millisecond},
		{"a near neighbour", []time.Duration{time.Millisecond}, 1100 * time.Millisecond},
		{"a far one", []time.Duration{600 * time.Millisecond}, 1800 * time.Millisecond},
		{"the slowest counts", []time.Duration{500 * time.Millisecond, 10 * time.Millisecond}, 1500 * time.Millisecond},
		{"not what may answer a repeated SYN", []time.Duration{10 * time.Millisecond, 1010 * time.Millisecond}, 1100 * time.Millisecond},
		{"unless there is nothing else", []time.Duration{1500 * time.Millisecond, 1200 * time.Millisecond}, 3600 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p paths
			for _, rtt := range c.rtts {
				p.learn(b, rtt)
			}
			if got := p.silence(a); got != c.want+refusalTakes {
				t.Errorf("silence is believed after %v, want %v", got, c.want)
			}
		})
	}
}
