package server

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/stun/v3"
)

func TestSTUN(t *testing.T) {
	s, err := New(Options{AllowPrivate: true})
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- s.ServeSTUN(ctx, c) }()
	me, err := net.DialUDP("udp", nil, c.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer me.Close()
	me.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = me.Write([]byte("no request of STUN's")) // and is not answered
	ask := stun.MustBuild(stun.TransactionID, stun.BindingRequest)
	if _, err := me.Write(ask.Raw); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1500)
	n, err := me.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	reply := &stun.Message{Raw: b[:n]}
	var seen stun.XORMappedAddress
	if err := reply.Decode(); err != nil || reply.TransactionID != ask.TransactionID || reply.Type != stun.BindingSuccess {
		t.Fatalf("%v: %v", reply, err)
	}
	if err := seen.GetFrom(reply); err != nil || seen.String() != me.LocalAddr().String() {
		t.Errorf("%v, %v", seen, err)
	}
	cancel()
	if err := <-over; err != nil {
		t.Error(err)
	}
}

// TestSTUNRate: a flood is not answered, nor is anybody who has no address of
// the internet.
func TestSTUNRate(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{"flood": {AllowPrivate: true}, "private": {}} {
		t.Run(name, func(t *testing.T) {
			s, err := New(o)
			if err != nil {
				t.Fatal(err)
			}
			c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			over := make(chan error, 1)
			go func() { over <- s.ServeSTUN(ctx, c) }()
			me, err := net.DialUDP("udp", nil, c.LocalAddr().(*net.UDPAddr))
			if err != nil {
				t.Fatal(err)
			}
			defer me.Close()
			most := 0
			if o.AllowPrivate {
				most = stunBurst + 5
			}
			for range 3 * stunBurst {
				_, _ = me.Write(stun.MustBuild(stun.TransactionID, stun.BindingRequest).Raw)
			}
			me.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
			answers := 0
			for b := make([]byte, 1500); ; answers++ {
				if _, err := me.Read(b); err != nil {
					break
				}
			}
			if answers > most || most > 0 && answers == 0 {
				t.Errorf("%d answers", answers)
			}
			cancel()
			if err := <-over; err != nil {
				t.Error(err)
			}
		})
	}
}

// TestSTUNUnknown: who asks for what is not known (such as to answer somebody
// else) is told so.
func TestSTUNUnknown(t *testing.T) {
	from := netip.MustParseAddrPort("81.2.3.4:5000")
	ask := stun.MustBuild(stun.TransactionID, stun.BindingRequest)
	ask.Add(stun.AttrChangeRequest, []byte{0, 0, 0, 6})
	reply := &stun.Message{Raw: binding(ask.Raw, from)}
	var code stun.ErrorCodeAttribute
	if err := reply.Decode(); err != nil || reply.Type != stun.BindingError {
		t.Fatalf("%v: %v", reply, err)
	}
	if err := code.GetFrom(reply); err != nil || code.Code != stun.CodeUnknownAttribute {
		t.Errorf("%v: %v", code, err)
	}
}

// FuzzSTUN: nothing makes an answer that is much longer than what it answers.
func FuzzSTUN(f *testing.F) {
	f.Add(stun.MustBuild(stun.TransactionID, stun.BindingRequest).Raw)
	f.Add(stun.MustBuild(stun.TransactionID, stun.BindingRequest, stun.NewUsername("u"), stun.Fingerprint).Raw)
	f.Add([]byte{0, 1, 0, 4, 0x21, 0x12, 0xa4, 0x42})
	from := netip.MustParseAddrPort("[2a00::1]:5000")
	f.Fuzz(func(t *testing.T, b []byte) {
		if reply := binding(b, from); len(reply) > 3*max(len(b), 20) {
			t.Errorf("%d bytes for %d", len(reply), len(b))
		}
	})
}
