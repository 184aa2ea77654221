package server

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"netcheck/checks/standin"
	"netcheck/checks/vantage"
	"netcheck/report/result"
)

// served answers datagrams on loopback.
func served(t *testing.T, f func(c *net.UDPConn, b []byte, from *net.UDPAddr)) (port uint16, asked func() int) {
	t.Helper()
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	var n atomic.Int32
	var over sync.WaitGroup
	over.Go(func() {
		b := make([]byte, 2000)
		for {
			size, from, err := c.ReadFromUDP(b)
			if err != nil {
				return
			}
			n.Add(1)
			f(c, b[:size], from)
		}
	})
	t.Cleanup(func() { c.Close(); over.Wait() })
	return portOf(c.LocalAddr()), func() int { return int(n.Load()) }
}

func TestDatagram(t *testing.T) {
	t.Parallel()
	h := open(t, Options{AllowPrivate: true})
	key := standin.NewKey()
	standIn := func(c *net.UDPConn, b []byte, from *net.UDPAddr) {
		if nonce, ok := standin.Asked(string(b)); ok {
			_, _ = c.WriteToUDP([]byte(key.Reply(nonce)), from)
		}
	}
	elsewhere, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { elsewhere.Close() })
	for _, c := range []struct {
		name   string
		f      func(c *net.UDPConn, b []byte, from *net.UDPAddr)
		state  result.State
		proven bool
		asked  int
	}{
		{"stand-in", standIn, result.Open, true, 1},
		{"silent", func(*net.UDPConn, []byte, *net.UDPAddr) {}, result.Filtered, false, 2},
		{"another port answers", func(_ *net.UDPConn, b []byte, from *net.UDPAddr) { standIn(elsewhere, b, from) }, result.Filtered, false, 2},
		{"something else", func(c *net.UDPConn, _ []byte, from *net.UDPAddr) { _, _ = c.WriteToUDP([]byte("secret"), from) }, result.Open, false, 1},
		{"much", func(c *net.UDPConn, _ []byte, from *net.UDPAddr) { _, _ = c.WriteToUDP(make([]byte, 60000), from) }, result.Open, false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			port, asked := served(t, c.f)
			p := h.ask(vantage.Request{Proto: "udp", Ports: []uint16{port}}).Ports[0]
			if p.State != c.state || (p.Answer != "") != c.proven || c.proven && p.Answer != key.Proof(p.Challenge) {
				t.Errorf("%+v", p)
			}
			if n := asked(); n != c.asked {
				t.Errorf("asked %d times", n)
			}
		})
	}
	t.Run("closed", func(t *testing.T) {
		c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		if p := h.ask(vantage.Request{Proto: "udp", Ports: []uint16{portOf(c.LocalAddr())}}).Ports[0]; p.State != result.Closed {
			t.Errorf("%+v", p)
		}
	})
}
