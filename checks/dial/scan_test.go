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

var loopback = netip.MustParseAddr("127.0.0.1")

// opened is a server's port, and many on which nothing listens.
func opened(t testing.TB, n int) (uint16, []uint16) {
	open := server(t, func(c *net.TCPConn) { c.Close() }).Port()
	out := []uint16{open}
	for p := uint16(1024); len(out) < n; p++ {
		if p != open {
			out = append(out, p)
		}
	}
	return open, out
}

func checkOpened(t *testing.T, out []Port, open uint16) {
	t.Helper()
	for _, p := range out {
		if p.Port == open && (p.State != result.Open || p.RTT <= 0 || p.Code != "") {
			t.Errorf("the open port: %+v", p)
		}
		if p.State == result.Closed && (p.Code != result.FailRefused || p.Evidence.Errno != "ECONNREFUSED") {
			t.Errorf("a closed port: %+v", p)
		}
		if p.State != result.Open && p.State != result.Closed && p.State != result.Reset {
			t.Errorf("port %d is %s on loopback", p.Port, p.State) // whatever else runs here answers, or refuses
		}
	}
}

func TestScan(t *testing.T) {
	open, ports := opened(t, 400)
	calls := 0
	out, err := New(Options{}).Scan(t.Context(), loopback, ports, ScanOptions{Progress: func(int, int) { calls++ }})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) != len(ports) || out[0].Port != open {
		t.Fatalf("%d ports in another order than asked", len(out))
	}
	checkOpened(t, out, open)
	if calls == 0 {
		t.Error("no progress was told")
	}
}

func TestScanIPv6(t *testing.T) {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 on loopback:", err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).AddrPort().Port()
	out, err := New(Options{}).Scan(t.Context(), netip.IPv6Loopback(), []uint16{port}, ScanOptions{})
	if err != nil || out[0].State != result.Open {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestScanNothing(t *testing.T) {
	out, err := New(Options{}).Scan(t.Context(), loopback, nil, ScanOptions{})
	if err != nil || len(out) != 0 {
		t.Errorf("got %v, %v", out, err)
	}
}

// TestDialers holds the sockets of systems that have no better ones to the
// same, here.
func TestDialers(t *testing.T) {
	open, ports := opened(t, 200)
	n := New(Options{})
	out := make([]Port, len(ports))
	for i, p := range ports {
		out[i] = Port{Port: p, State: result.Unknown}
	}
	s := newScan(n, loopback, out, newDialers(loopback), ScanOptions{})
	err := s.run(t.Context())
	s.conclude(err == nil)
	s.close()
	if err != nil {
		t.Fatal(err)
	}
	checkOpened(t, out, open)
}

func TestScanCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, ports := opened(t, 10)
	out, err := New(Options{}).Scan(ctx, loopback, ports, ScanOptions{})
	if !errors.Is(err, context.Canceled) || len(out) != 10 || out[0].State != result.Unknown {
		t.Errorf("got %v, %v", out, err)
	}
}

// TestScanNeverMeetsItself asks, often enough to hit it, whether a port from
// which the system makes connections itself is open.
func TestScanNeverMeetsItself(t *testing.T) {
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := probe.Addr().(*net.TCPAddr).AddrPort().Port() // from the range of such ports
	probe.Close()
	var ports []uint16
	for range 3000 {
		ports = append(ports, port)
	}
	out, err := New(Options{}).Scan(t.Context(), loopback, ports, ScanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range out {
		if p.State != result.Closed {
			t.Fatalf("port %d without a listener is %s", p.Port, p.State)
		}
	}
}

func BenchmarkScan1000(b *testing.B)  { benchmarkScan(b, 1000) }
func BenchmarkScan65535(b *testing.B) { benchmarkScan(b, 65535) }

func benchmarkScan(b *testing.B, count int) {
	ports := ports(1, count)
	n := New(Options{Timeout: time.Second})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := n.Scan(b.Context(), loopback, ports, ScanOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
