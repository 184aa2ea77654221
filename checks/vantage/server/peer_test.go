package server

import (
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"testing"

	"netcheck/checks/vantage"
)

func TestGlobal(t *testing.T) {
	for _, c := range []struct {
		address string
		want    bool
	}{
		{"8.8.8.8", true},
		{"81.2.3.4", true},
		{"100.63.255.255", true},
		{"100.128.0.0", true},
		{"172.15.0.1", true},
		{"172.32.0.1", true},
		{"192.0.1.1", true},
		{"198.17.0.1", true},
		{"223.255.255.255", true},
		{"2a00:1450:4001::1", true},
		{"2600::1", true},
		{"0.0.0.0", false},
		{"0.1.2.3", false},
		{"10.0.0.1", false},
		{"100.64.0.1", false},
		{"100.127.255.255", false},
		{"127.0.0.1", false},
		{"127.9.9.9", false},
		{"169.254.169.254", false}, // a cloud's metadata
		{"172.16.0.1", false},
		{"172.31.255.255", false},
		{"192.0.0.8", false},
		{"192.0.2.1", false},
		{"192.88.99.1", false},
		{"192.168.1.1", false},
		{"198.18.0.1", false},
		{"198.19.255.255", false},
		{"198.51.100.1", false},
		{"203.0.113.1", false},
		{"224.0.0.1", false},
		{"240.0.0.1", false},
		{"255.255.255.255", false},
		{"::", false},
		{"::1", false},
		{"::8.8.8.8", false},           // IPv4-compatible
		{"::ffff:8.8.8.8", false},      // mapped: must be unmapped before
		{"::ffff:0:8.8.8.8", false},    // translated (RFC 2765)
		{"64:ff9b::8.8.8.8", false},    // NAT64
		{"64:ff9b::10.0.0.1", false},   //
		{"64:ff9b:1::10.0.0.1", false}, // local NAT64
		{"100::1", false},              // discard
		{"2001::1", false},             // Teredo
		{"2001:2::1", false},           // benchmarks
		{"2001:10::1", false},          // ORCHID
		{"2001:20::1", false},          // ORCHIDv2
		{"2001:db8::1", false},
		{"2002:a00:1::1", false}, // 6to4 of 10.0.0.1
		{"3fff::1", false},
		{"5f00::1", false}, // segment routing
		{"fc00::1", false},
		{"fd12:3456::1", false},
		{"fe80::1", false},
		{"fe80::1%eth0", false},
		{"2a00:1450:4001::1%eth0", false},
		{"fec0::1", false},
		{"ff02::1", false},
	} {
		if got := global(netip.MustParseAddr(c.address)); got != c.want {
			t.Errorf("global(%s) = %v", c.address, got)
		}
	}
	if global(netip.Addr{}) {
		t.Error("no address is global")
	}
}

// TestUnmapped: IPv4's addresses are judged as such, also where one socket
// serves both families.
func TestUnmapped(t *testing.T) {
	at := &net.TCPAddr{IP: net.ParseIP("10.0.0.1").To16(), Port: 4000}
	p := peerOf(withPeer(t.Context(), &pretends{remote: at, local: at}))
	if want := netip.MustParseAddr("10.0.0.1"); p.caller.Address != want || p.local.Addr() != want {
		t.Errorf("%+v", p)
	}
}

// pretends is a connection of which only the ends matter.
type pretends struct {
	net.Conn
	remote, local net.Addr
}

func (p *pretends) RemoteAddr() net.Addr { return p.remote }
func (p *pretends) LocalAddr() net.Addr  { return p.local }

// TestCallable: a helper on the internet calls hosts of the internet alone, and
// not its own machine; a laboratory's calls whoever a packet can be sent to.
func TestCallable(t *testing.T) {
	strict, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	lax, err := New(Options{AllowPrivate: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, local string
		strict, lax bool
	}{
		{"81.2.3.4", "5.6.7.8", true, true},
		{"5.6.7.8", "5.6.7.8", false, true}, // the machine's own public address
		{"10.0.0.7", "10.0.0.1", false, true},
		{"100.64.3.4", "5.6.7.8", false, true},
		{"127.0.0.1", "127.0.0.1", false, true},
		{"fe80::1%eth0", "fe80::2%eth0", false, true},
		{"64:ff9b::8.8.8.8", "2a00::1", false, true},
		{"224.0.0.1", "5.6.7.8", false, false},
		{"ff02::1", "5.6.7.8", false, false},
		{"0.0.0.0", "5.6.7.8", false, false},
	} {
		p := &peer{caller: vantage.Caller{Address: netip.MustParseAddr(c.from)}, local: netip.AddrPortFrom(netip.MustParseAddr(c.local), 443)}
		if to, refused := strict.callable(p); (refused == nil) != c.strict || refused == nil && to.address != p.caller.Address {
			t.Errorf("%s: %v, %+v", c.from, to, refused)
		}
		if to, refused := lax.callable(p); (refused == nil) != c.lax || refused == nil && to.address != p.caller.Address {
			t.Errorf("%s in a laboratory: %v, %+v", c.from, to, refused)
		}
	}
	if _, refused := lax.callable(new(peer)); refused == nil {
		t.Error("nobody is called")
	}
}

// counted is a target that counts who came.
func counted(t *testing.T) (port uint16, came *atomic.Int32) {
	came = new(atomic.Int32)
	return target(t, func(net.Conn) { came.Add(1) }), came
}

// TestPrivateCaller: without the flag for laboratories, who comes from a
// private address is not called, but told so.
func TestPrivateCaller(t *testing.T) {
	h := open(t, Options{})
	port, came := counted(t)
	for _, from := range []string{"", "127.7.7.7"} {
		res, b := h.post(from, `{"ports":[`+itoa(port)+`]}`)
		if res.StatusCode != http.StatusForbidden || code(t, b) != vantage.RefusedCaller {
			t.Errorf("%s: %s", res.Status, b)
		}
	}
	if n := came.Load(); n > 0 {
		t.Errorf("it was called %d times", n)
	}
}

// TestItself: not even a laboratory's helper calls itself.
func TestItself(t *testing.T) {
	h := open(t, Options{AllowPrivate: true})
	at := netip.MustParseAddrPort(h.at)
	for _, from := range []string{"", "127.3.3.3"} { // at loopback they are all its own
		res, b := h.post(from, `{"ports":[`+itoa(at.Port())+`]}`)
		if res.StatusCode != http.StatusForbidden || code(t, b) != vantage.RefusedPorts {
			t.Errorf("from %q: %s: %s", from, res.Status, b)
		}
	}
}
