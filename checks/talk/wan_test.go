package talk_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/stun/v3"

	"netcheck/checks/talk"
	"netcheck/internal/servers"
	"netcheck/report/result"
)

// gateways have loopback addresses of their own: their ports are fixed.
var gateways atomic.Uint32

// box is a gateway, as far as it is there.
type box struct {
	at netip.Addr
	t  *testing.T
}

func newBox(t *testing.T) *box {
	t.Helper()
	n := gateways.Add(1)
	b := &box{netip.AddrFrom4([4]byte{127, 53, byte(n >> 8), byte(n)}), t}
	c, err := net.ListenPacket("udp", netip.AddrPortFrom(b.at, 0).String())
	if err != nil {
		t.Skip("no other loopback addresses here: ", err)
	}
	c.Close()
	return b
}

func (b *box) packets(port uint16, serve func(net.PacketConn)) {
	b.t.Helper()
	c, err := net.ListenPacket("udp", netip.AddrPortFrom(b.at, port).String())
	if err != nil {
		b.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); serve(c) }()
	b.t.Cleanup(func() { c.Close(); <-done })
}

// web serves on a port of the box's own.
func (b *box) web(h http.Handler) (url string) {
	b.t.Helper()
	l, err := net.Listen("tcp", netip.AddrPortFrom(b.at, 0).String())
	if err != nil {
		b.t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(h)
	s.Listener.Close()
	s.Listener = l
	s.Start()
	b.t.Cleanup(s.Close)
	return s.URL
}

// raw serves connections on a port of the box's own.
func (b *box) raw(serve func(net.Conn)) (hostport string) {
	b.t.Helper()
	l, err := net.Listen("tcp", netip.AddrPortFrom(b.at, 0).String())
	if err != nil {
		b.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
			serve(conn)
			conn.Close()
		}
	}()
	b.t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

func (b *box) igd(g *servers.IGD, speaks string) {
	natpmp, pcp := strings.Contains(speaks, "nat-pmp"), strings.Contains(speaks, "pcp")
	if natpmp || pcp {
		b.packets(5351, func(c net.PacketConn) { g.Map(c, natpmp, pcp) })
	}
	if strings.Contains(speaks, "upnp") {
		at := b.web(g) + "/description.xml"
		b.packets(1900, func(c net.PacketConn) { g.Announce(c, at) })
	}
}

// mum reads and says nothing.
func mum(c net.PacketConn) {
	for b := make([]byte, 2048); ; {
		if _, _, err := c.ReadFrom(b); err != nil {
			return
		}
	}
}

// tell puts what was answered in short.
func tell(answers []talk.WANAnswer) []string {
	var all []string
	for _, a := range answers {
		s := a.Protocol
		switch own, is := a.Err.(interface{ Failure() result.Failure }); {
		case is:
			s += " " + string(own.Failure())
		case a.Err != nil:
			s += " ?" + a.Err.Error()
		case a.Address.IsValid():
			s += " " + a.Address.String()
		}
		if a.None {
			s += " none"
		}
		if a.Device != "" {
			s += " " + a.Device
		}
		if a.Mapping.IsValid() {
			s += " > " + a.Mapping.String()
		}
		all = append(all, s)
	}
	return all
}

func TestWAN(t *testing.T) {
	t.Parallel()
	line := netip.MustParseAddr("100.64.7.9")
	for _, c := range []struct {
		name   string
		igd    *servers.IGD
		speaks string
		want   []string
	}{
		{"all", &servers.IGD{Address: line, Maker: "Acme", Model: "Box 7"}, "nat-pmp pcp upnp", []string{"nat-pmp 100.64.7.9", "pcp", "upnp 100.64.7.9 Acme Box 7"}},
		{"its own name twice", &servers.IGD{Address: line, Maker: "FRITZ", Model: "FRITZ!Box"}, "upnp", []string{"nat-pmp refused", "pcp refused", "upnp 100.64.7.9 FRITZ!Box"}},
		{"nat-pmp alone", &servers.IGD{Address: line}, "nat-pmp", []string{"nat-pmp 100.64.7.9", "pcp reply"}},
		{"pcp alone", &servers.IGD{Address: line}, "pcp", []string{"nat-pmp reply", "pcp", "upnp no-reply"}},
		{"nobody", &servers.IGD{}, "", []string{"nat-pmp refused", "pcp refused", "upnp no-reply"}},
		{"switched off", &servers.IGD{Address: line, Off: true}, "nat-pmp pcp upnp", []string{"nat-pmp reply", "pcp reply", "upnp reply"}},
		{"no line", &servers.IGD{}, "nat-pmp pcp upnp", []string{"nat-pmp reply none", "pcp", "upnp reply none"}},
		{"no address", &servers.IGD{Says: "0.0.0.0"}, "upnp", []string{"nat-pmp refused", "pcp refused", "upnp reply none"}},
		{"hostile words", &servers.IGD{Says: "\u202e<b>", Model: "M\u202e"}, "upnp", []string{"nat-pmp refused", "pcp refused", "upnp reply M"}},
		{
			"led", &servers.IGD{Address: line, Mappings: map[string]netip.AddrPort{"TCP 8080": netip.MustParseAddrPort("192.168.1.30:80"), "UDP 8080": netip.MustParseAddrPort("192.168.1.40:80")}},
			"upnp",
			[]string{"nat-pmp refused", "pcp refused", "upnp 100.64.7.9 > 192.168.1.30:80"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBox(t)
			b.igd(c.igd, c.speaks)
			start := time.Now()
			got := talk.WAN(t.Context(), network(), talk.WANQuestion{Gateway: b.at, Proto: "tcp", Port: 8080})
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("it took %s", took)
			}
			if diff := cmp.Diff(c.want, tell(got)); diff != "" {
				t.Error(diff)
			}
			if n := c.igd.Changes(); n != 0 {
				t.Errorf("%d questions were no questions", n)
			}
		})
	}
}

// TestWANSilence holds that nobody waits long for a gateway that takes
// everything and says nothing, and not at all when the run is interrupted.
func TestWANSilence(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.packets(5351, mum)
	b.packets(1900, mum)
	start := time.Now()
	got := tell(talk.WAN(t.Context(), network(), talk.WANQuestion{Gateway: b.at}))
	if diff := cmp.Diff([]string{"nat-pmp no-reply", "pcp no-reply", "upnp no-reply"}, got); diff != "" {
		t.Error(diff)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	start = time.Now()
	got = tell(talk.WAN(ctx, network(), talk.WANQuestion{Gateway: b.at}))
	if diff := cmp.Diff([]string{"nat-pmp canceled", "pcp canceled", "upnp canceled"}, got); diff != "" {
		t.Error(diff)
	}
	if took := time.Since(start); took > 150*time.Millisecond {
		t.Errorf("interrupted, it took %s", took)
	}
	if got := talk.WAN(t.Context(), network(), talk.WANQuestion{}); len(got) != 0 {
		t.Errorf("without a gateway: %v", tell(got))
	}
}

func TestSTUN(t *testing.T) {
	t.Parallel()
	seen := stun.XORMappedAddress{IP: net.IPv4(93, 184, 216, 34), Port: 7}
	for name, c := range map[string]struct {
		with []stun.Setter // of a success, behind the number; nil: no STUN
		kind stun.MessageType
		raw  string
		want string
	}{
		"an address":  {with: []stun.Setter{&seen}, kind: stun.BindingSuccess, want: "stun 93.184.216.34"},
		"none":        {kind: stun.BindingSuccess, want: "stun reply"},
		"old":         {with: []stun.Setter{&stun.MappedAddress{IP: seen.IP, Port: 7}}, kind: stun.BindingSuccess, want: "stun reply"},
		"refused":     {with: []stun.Setter{stun.CodeForbidden}, kind: stun.BindingError, want: "stun reply"},
		"a request":   {kind: stun.BindingRequest, want: "stun reply"},
		"not STUN":    {raw: "\x00\x01\x00\x00 no", want: "stun reply"},
		"nobody's IP": {with: []stun.Setter{&stun.XORMappedAddress{IP: net.IPv4zero.To4(), Port: 7}}, kind: stun.BindingSuccess, want: "stun reply"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBox(t)
			b.packets(3478, func(p net.PacketConn) {
				for buf := make([]byte, 1500); ; {
					n, from, err := p.ReadFrom(buf)
					if err != nil {
						return
					}
					out := []byte(c.raw)
					if c.raw == "" {
						q := &stun.Message{Raw: buf[:n]}
						if err := q.Decode(); err != nil {
							t.Error(err)
						}
						m, err := stun.Build(append([]stun.Setter{stun.NewTransactionIDSetter(q.TransactionID), c.kind}, c.with...)...)
						if err != nil {
							t.Error(err)
						}
						out = m.Raw
					}
					_, _ = p.WriteTo(out, from)
				}
			})
			got := tell(talk.WAN(t.Context(), network(), talk.WANQuestion{STUN: netip.AddrPortFrom(b.at, 3478)}))
			if diff := cmp.Diff([]string{c.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
