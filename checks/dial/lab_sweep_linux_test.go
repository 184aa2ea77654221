package dial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"netcheck/internal/lab"
	"netcheck/report/result"
)

// way is a till, its gateway, a provider's router and a server behind it.
type way struct {
	till, gateway, provider, server *lab.Space
}

const (
	wayServer   = "203.0.113.10"
	wayServer6  = "2001:db8:3::10"
	wayGateway  = "192.168.7.1"
	wayGateway6 = "2001:db8:1::1"
	wayProvider = "10.7.0.2"
	wayOpen     = 9000 // listens; the others are closed
)

func newWay(t *testing.T) *way {
	t.Helper()
	w := new(way)
	for _, s := range []**lab.Space{&w.till, &w.gateway, &w.provider, &w.server} {
		var err error
		if *s, err = lab.NewSpace(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup((*s).Close)
		err = errors.Join((*s).Set("ipv6/conf/all/accept_dad", 0), (*s).Set("ipv6/conf/default/accept_dad", 0))
		if err != nil {
			t.Fatal(err)
		}
	}
	err := errors.Join(
		lab.Join(w.till, "out", w.gateway, "in"),
		lab.Join(w.gateway, "out", w.provider, "in"),
		lab.Join(w.provider, "out", w.server, "in"),
	)
	for _, r := range []*lab.Space{w.gateway, w.provider} {
		err = errors.Join(err, r.Set("ipv4/ip_forward", 1), r.Set("ipv6/conf/all/forwarding", 1))
	}
	err = errors.Join(err, w.reluctant(false))
	err = errors.Join(err,
		w.till.Run(`ip addr add 192.168.7.10/24 dev out
			ip addr add 2001:db8:1::10/64 dev out
			ip route add default via 192.168.7.1
			ip route add throw 198.51.100.4
			ip -6 route add default via 2001:db8:1::1`),
		w.gateway.Run(`ip addr add 192.168.7.1/24 dev in
			ip addr add 2001:db8:1::1/64 dev in
			ip addr add 10.7.0.1/24 dev out
			ip addr add 2001:db8:2::1/64 dev out
			ip route add default via 10.7.0.2
			ip -6 route add default via 2001:db8:2::2`),
		w.provider.Run(`ip addr add 10.7.0.2/24 dev in
			ip addr add 2001:db8:2::2/64 dev in
			ip addr add 203.0.113.1/24 dev out
			ip addr add 2001:db8:3::1/64 dev out
			ip route add 192.168.7.0/24 via 10.7.0.1
			ip -6 route add 2001:db8:1::/64 via 2001:db8:2::1`),
		w.server.Run(`ip addr add 203.0.113.10/24 dev in
			ip addr add 2001:db8:3::10/64 dev in
			ip route add default via 203.0.113.1
			ip -6 route add default via 2001:db8:3::1`),
		w.gateway.Rules(`table inet gw {
			chain prerouting {
				type filter hook prerouting priority 0;
				tcp dport 9101 drop
				tcp dport 9102 reject with tcp reset
			}
			chain nat {
				type nat hook prerouting priority -100;
				ip daddr 203.0.113.10 tcp dport 9110 redirect to :9000
			}
			chain forward {
				type filter hook forward priority 0;
				meta l4proto { tcp, udp } th dport 9103 reject with icmpx admin-prohibited
				meta l4proto { tcp, udp } th dport 9104 drop
				tcp dport 9105 reject with tcp reset
			}
		}`),
		w.provider.Rules(`table inet isp {
 chain forward {
			type filter hook forward priority 0;
			tcp dport 9203 reject with icmpx admin-prohibited
			meta l4proto { tcp, udp } th dport 9204 drop
			tcp dport 9205 reject with tcp reset
			tcp dport 9400 reject with icmpx no-route
		}
}`),
		w.server.Rules(`table inet srv {
 chain input {
			type filter hook input priority 0;
			meta l4proto { tcp, udp } th dport 9304 drop
			tcp dport 9305 reject with tcp reset
			tcp dport 9306 reject with icmpx port-unreachable
		}
}`),
		w.till.Rules(`table inet own {
 chain output {
			type filter hook output priority 0;
			tcp dport 9001 drop
			tcp dport 9002 reject with icmpx admin-prohibited
			udp dport 9001 drop
		}
}`),
	)
	if err != nil {
		t.Fatal(err)
	}
	w.listen(t, w.server, wayServer, wayOpen)
	w.listen(t, w.server, wayServer6, wayOpen)
	w.listen(t, w.gateway, wayGateway, wayOpen)
	w.echo(t, wayServer)
	w.echo(t, wayServer6)
	return w
}

// reluctant makes the routers send ICMP errors as seldom as Linux does by
// itself, or as often as they are due.
func (w *way) reluctant(yes bool) error {
	every := 0
	if yes {
		every = 1000
	}
	var err error
	for _, r := range []*lab.Space{w.gateway, w.provider, w.server} {
		err = errors.Join(err, r.Set("ipv4/icmp_ratelimit", every), r.Set("ipv6/icmp/ratelimit", every))
	}
	return err
}

// listen serves what reads until its client has enough, and first says who it
// is in more than a segment.
func (w *way) listen(t *testing.T, s *lab.Space, addr string, port uint16) {
	t.Helper()
	var l net.Listener
	err := s.Do(func() (err error) {
		l, err = net.Listen("tcp", netip.AddrPortFrom(netip.MustParseAddr(addr), port).String())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	ending, end := context.WithCancel(context.Background())
	t.Cleanup(func() { end(); l.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				defer context.AfterFunc(ending, func() { c.Close() })()
				c.SetDeadline(time.Now().Add(30 * time.Second))
				c.Write([]byte(strings.Repeat("hello ", 1000)))
				io.Copy(io.Discard, c)
			})
		}
	})
}

// echo answers datagrams to the open port.
func (w *way) echo(t *testing.T, addr string) {
	t.Helper()
	var p net.PacketConn
	err := w.server.Do(func() (err error) {
		p, err = net.ListenPacket("udp", netip.AddrPortFrom(netip.MustParseAddr(addr), wayOpen).String())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(func() { p.Close(); wg.Wait() })
	wg.Go(func() {
		b := make([]byte, 64)
		for {
			n, from, err := p.ReadFrom(b)
			if err != nil {
				return
			}
			p.WriteTo(b[:n], from)
		}
	})
}

// picture is a sweep in short: each hop's state, and its device where one
// said so.
func picture(hops []result.Hop) string {
	var s []string
	for _, h := range hops {
		w := string(h.State)
		if h.From != "" {
			w += " by " + h.From
		}
		if h.ICMP != nil && h.State != result.Expired {
			w += " " + h.ICMP.Name
		}
		s = append(s, w)
	}
	// silence lasts until the end
	silent := 0
	for _, h := range slices.Backward(hops) {
		if h.State != result.Filtered || h.ICMP != nil {
			break
		}
		silent++
	}
	if silent > 1 {
		s = append(s[:len(s)-silent], fmt.Sprintf("filtered to %d", hops[len(hops)-1].TTL))
	}
	return strings.Join(s, ", ")
}

func labSweep(t *testing.T, w *way) {
	const hop1, hop2 = "expired by 192.168.7.1", "expired by 10.7.0.2"
	for _, c := range []struct {
		name, addr string
		port       uint16
		udp        bool
		want       string
		code       result.Failure
		within     time.Duration
	}{
		{name: "open", port: wayOpen, want: hop1 + ", " + hop2 + ", open", within: 300 * time.Millisecond},
		{name: "closed", port: 9999, want: hop1 + ", " + hop2 + ", closed", within: 300 * time.Millisecond},
		{name: "the gateway itself", addr: wayGateway, port: wayOpen, want: "open", within: 300 * time.Millisecond},
		{name: "another address of the gateway", addr: "10.7.0.1", port: 9999, want: "closed", within: 300 * time.Millisecond},
		{name: "gateway drops at its entrance", port: 9101, want: "filtered to 16"},
		{name: "gateway resets at its entrance", port: 9102, want: "closed", within: 300 * time.Millisecond},
		{name: "gateway redirects", port: 9110, want: "open", within: 300 * time.Millisecond},
		{name: "gateway rejects", port: 9103, want: hop1 + ", rejected by 192.168.7.1 admin-prohibited", within: 300 * time.Millisecond},
		{name: "gateway drops", port: 9104, want: hop1 + ", filtered to 16"},
		{name: "gateway resets", port: 9105, want: hop1 + ", closed", within: 300 * time.Millisecond},
		{name: "provider rejects", port: 9203, want: hop1 + ", " + hop2 + ", rejected by 10.7.0.2 admin-prohibited", within: 300 * time.Millisecond},
		{name: "provider has no route", port: 9400, want: hop1 + ", " + hop2 + ", rejected by 10.7.0.2 net-unreachable", within: 300 * time.Millisecond},
		{name: "provider drops", port: 9204, want: hop1 + ", " + hop2 + ", filtered to 16"},
		{name: "provider resets", port: 9205, want: hop1 + ", " + hop2 + ", closed", within: 300 * time.Millisecond},
		{name: "server drops", port: 9304, want: hop1 + ", " + hop2 + ", filtered to 16"},
		{name: "server resets", port: 9305, want: hop1 + ", " + hop2 + ", closed", within: 300 * time.Millisecond},
		{name: "server rejects", port: 9306, want: hop1 + ", " + hop2 + ", rejected by " + wayServer + " port-unreachable", within: 300 * time.Millisecond},
		{name: "this machine drops", port: 9001, want: "filtered to 16"},
		{name: "this machine rejects", port: 9002, want: "rejected by 192.168.7.10 admin-prohibited", within: 300 * time.Millisecond},
		{name: "no route", addr: "198.51.100.4", port: 9, code: result.FailNoRoute, within: 300 * time.Millisecond},

		{name: "open, v6", addr: wayServer6, port: wayOpen, want: "expired by 2001:db8:1::1, expired by 2001:db8:2::2, open", within: 300 * time.Millisecond},
		{name: "provider rejects, v6", addr: wayServer6, port: 9203, want: "expired by 2001:db8:1::1, expired by 2001:db8:2::2, rejected by 2001:db8:2::2 admin-prohibited", within: 300 * time.Millisecond},
		{name: "provider drops, v6", addr: wayServer6, port: 9204, want: "expired by 2001:db8:1::1, expired by 2001:db8:2::2, filtered to 16"},

		{name: "datagram, answered", udp: true, port: wayOpen, want: hop1 + ", " + hop2 + ", open", within: 300 * time.Millisecond},
		{name: "datagram, closed", udp: true, port: 9999, want: hop1 + ", " + hop2 + ", closed by " + wayServer + " port-unreachable", within: 300 * time.Millisecond},
		{name: "datagram, gateway rejects", udp: true, port: 9103, want: hop1 + ", rejected by 192.168.7.1 admin-prohibited", within: 300 * time.Millisecond},
		{name: "datagram, provider drops", udp: true, port: 9204, want: hop1 + ", " + hop2 + ", filtered to 16"},
		{name: "datagram, this machine drops", udp: true, port: 9001, code: result.FailPermission, within: 300 * time.Millisecond},
		{name: "datagram, answered, v6", addr: wayServer6, udp: true, port: wayOpen, want: "expired by 2001:db8:1::1, expired by 2001:db8:2::2, open", within: 300 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.addr == "" {
				c.addr = wayServer
			}
			q := question{Op: "sweep", Addr: netip.MustParseAddr(c.addr), Port: c.port, UDP: c.udp, Timeout: 5 * time.Second}
			try(t, func(t *attempt) {
				r := putFrom(t, w.till, q)
				if got := picture(r.Hops); got != c.want || r.Code != c.code {
					t.Errorf("%s %s, want %s %s", got, r.Code, c.want, c.code)
				}
				for i, h := range r.Hops {
					if h.TTL != i+1 {
						t.Errorf("hop %d has TTL %d", i, h.TTL)
					}
					if h.ICMP != nil && h.ICMP.From != "192.168.7.10" && h.ICMP.TTL == 0 {
						t.Errorf("an ICMP error without its TTL: %+v", h.ICMP)
					}
				}
				if c.within == 0 {
					c.within = 2 * time.Second
				}
				if r.Took > c.within {
					t.Errorf("took %v, want at most %v", r.Took, c.within)
				}
			})
		})
	}
}

// labReluctant sweeps more often than routers have ICMP errors for at once:
// the second packet for each TTL makes up for it.
func labReluctant(t *testing.T, w *way) {
	if err := w.reluctant(true); err != nil {
		t.Fatal(err)
	}
	const want = "expired by 192.168.7.1, expired by 10.7.0.2, filtered to 16"
	const open = "expired by 192.168.7.1, expired by 10.7.0.2, open"
	try(t, func(t *attempt) {
		for i := range 8 { // Linux sends six
			r := putFrom(t, w.till, question{Op: "sweep", Addr: netip.MustParseAddr(wayServer), Port: wayOpen, Timeout: 5 * time.Second})
			if got := picture(r.Hops); got != open {
				t.Errorf("sweep %d: %s, want %s", i, got, open)
			}
		}
		r := putFrom(t, w.till, question{Op: "sweep", Addr: netip.MustParseAddr(wayServer), Port: 9304, Timeout: 5 * time.Second})
		if got := picture(r.Hops); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
	if err := w.reluctant(false); err != nil {
		t.Fatal(err)
	}
}

func labAnswerTTL(t *testing.T, w *way) {
	for _, c := range []struct {
		name, addr string
		port       uint16
		ttl        int
		state      result.State
		fails      bool
	}{
		{name: "server accepts", addr: wayServer, port: wayOpen, ttl: 62, state: result.Open},
		{name: "server refuses", addr: wayServer, port: 9999, ttl: 62, state: result.Closed},
		{name: "provider resets", addr: wayServer, port: 9205, ttl: 63, state: result.Closed},
		{name: "gateway resets", addr: wayServer, port: 9105, ttl: 64, state: result.Closed},
		{name: "gateway redirects", addr: wayServer, port: 9110, ttl: 64, state: result.Open},
		{name: "server accepts, v6", addr: wayServer6, port: wayOpen, ttl: 62, state: result.Open},
		{name: "provider resets, v6", addr: wayServer6, port: 9205, ttl: 63, state: result.Closed},
		{name: "silence", addr: wayServer, port: 9204, fails: true},
		{name: "an ICMP error", addr: wayServer, port: 9203, fails: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			try(t, func(t *attempt) {
				r := putFrom(t, w.till, question{Op: "answer", Addr: netip.MustParseAddr(c.addr), Port: c.port, Timeout: 5 * time.Second})
				if c.fails {
					if r.Code == "" || r.TTL != 0 {
						t.Errorf("TTL %d of nothing", r.TTL)
					}
					return
				}
				if r.Code != "" || r.TTL != c.ttl || r.State != c.state {
					t.Errorf("TTL %d, %s, %s %v, want %d, %s", r.TTL, r.State, r.Code, r.Evidence, c.ttl, c.state)
				}
				if r.Took > 1500*time.Millisecond {
					t.Errorf("took %v", r.Took)
				}
			})
		})
	}
}

// labConnectWith looks at connections whose packets are not the usual.
func labConnectWith(t *testing.T, w *way) {
	for _, c := range []struct {
		name    string
		op      string
		addr    string
		ttl     int
		segment int
		code    result.Failure
		from    string
	}{
		{name: "near", op: "with", addr: wayServer, ttl: 1, code: result.FailTTLExceeded, from: wayGateway},
		{name: "far enough", op: "with", addr: wayServer, ttl: 3},
		{name: "near, v6", op: "with", addr: wayServer6, ttl: 1, code: result.FailTTLExceeded, from: wayGateway6},
		{name: "small segments", op: "with", addr: wayServer, segment: 1000},
		{name: "small segments, v6", op: "with", addr: wayServer6, segment: 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			try(t, func(t *attempt) {
				r := putFrom(t, w.till, question{Op: c.op, Addr: netip.MustParseAddr(c.addr), Port: wayOpen, TTL: c.ttl, Segment: c.segment, Timeout: 5 * time.Second})
				if r.Code != c.code {
					t.Errorf("%s, want %s", r.Code, c.code)
					return
				}
				if c.from != "" {
					wantICMP(t.T, r.Evidence.ICMP, c.from, r.Evidence.ICMP.Name)
					return
				}
				i := r.Evidence.TCP
				if i == nil {
					t.Errorf("no TCP_INFO")
					return
				}
				if i.BytesAcked < 1 || i.BytesReceived < 6000 || i.PathMTU != 1500 || i.RTT <= 0 {
					t.Errorf("TCP_INFO %+v", i)
				}
				if c.segment > 0 && (i.ReceiveMSS > c.segment || i.SendMSS > c.segment) {
					t.Errorf("segments of %d and %d, want at most %d", i.ReceiveMSS, i.SendMSS, c.segment)
				}
			})
		})
	}
	t.Run("later packets", func(t *testing.T) {
		try(t, func(t *attempt) {
			r := putFrom(t, w.till, question{Op: "setttl", Addr: netip.MustParseAddr(wayServer), Port: wayOpen, TTL: 1, Timeout: 5 * time.Second})
			if i := r.Evidence.TCP; i == nil || i.BytesAcked != 1 || i.Retransmits == 0 {
				t.Errorf("TCP_INFO %+v of data that expired on the way", i)
			}
		})
	})
}

// askSweep is what the unprivileged child of a sweep's test does.
func (q question) askSweep(ctx context.Context, n *Network) (r reply, err error) {
	to := netip.AddrPortFrom(q.Addr, q.Port)
	switch q.Op {
	case "sweep":
		o := SweepOptions{}
		if q.UDP {
			o.Datagram = []byte("hello")
		}
		r.Hops, err = n.Sweep(ctx, to, o)
		return r, err
	case "answer":
		r.TTL, r.State, err = n.AnswerTTL(ctx, to)
		return r, err
	case "departs":
		left, err := n.Departs(ctx, to)
		if r.State = result.Filtered; left {
			r.State = result.Expired // somewhere else
		}
		return r, err
	}
	o := ConnectOptions{TTL: q.TTL, MaxSegment: q.Segment}
	if q.Op == "setttl" {
		o = ConnectOptions{}
	}
	c, err := n.ConnectWith(ctx, to, o)
	if err != nil {
		return r, err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(q.Timeout))
	if _, err := io.ReadFull(c, make([]byte, 6000)); err != nil {
		return r, err
	}
	if q.Op == "setttl" {
		if err := c.SetTTL(q.TTL); err != nil {
			return r, err
		}
		if _, err := c.Write([]byte("hello")); err != nil {
			return r, err
		}
		until := time.Now().Add(q.Timeout)
		for i := c.TCPInfo(); i != nil && i.Retransmits == 0 && time.Now().Before(until); i = c.TCPInfo() {
			if err := sleep(ctx, 10*time.Millisecond); err != nil {
				return r, err
			}
		}
	}
	r.Evidence.TCP = c.TCPInfo()
	return r, nil
}
