package checks

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/vantage"
	"netcheck/internal/servers"
	"netcheck/report/result"
)

// Who came during a call is taken for it only if it can be nobody else.
func TestRecognise(t *testing.T) {
	from := netip.MustParseAddrPort("198.51.100.9:40001")
	gateway := netip.MustParseAddr("192.168.1.1")
	own := []netip.Addr{netip.MustParseAddr("192.168.1.20")}
	for name, c := range map[string]struct {
		came string
		from netip.AddrPort
		want proven
	}{
		"nobody":                              {"", from, provenNone},
		"the call itself":                     {"198.51.100.9:40001", from, provenConnection},
		"the call among others":               {"203.0.113.4:5000 198.51.100.9:40001", from, provenConnection},
		"the router, with the same port":      {"192.168.1.1:40001", from, provenLikely},
		"the router, with another port":       {"192.168.1.1:1024", from, provenNot},
		"the router, with both":               {"192.168.1.1:40001 192.168.1.1:1024", from, provenLikely},
		"another router, with the same port":  {"10.0.0.1:40001", from, provenLikely},
		"a till of the shop":                  {"192.168.1.33:50000", from, provenNone},
		"a customer":                          {"203.0.113.4:5000", from, provenNone},
		"a customer, by chance the same port": {"203.0.113.4:40001", from, provenNone},
		"another connection of the helper's":  {"198.51.100.9:40002", from, provenNone},
		"this machine itself":                 {"192.168.1.20:40001 127.0.0.1:40001", from, provenNone},
	} {
		t.Run(name, func(t *testing.T) {
			if got := recognise(addrPorts(t, c.came), c.from, gateway, own); got != c.want {
				t.Errorf("%q, wanted %q", got, c.want)
			}
		})
	}
}

func addrPorts(t *testing.T, text string) []netip.AddrPort {
	t.Helper()
	var all []netip.AddrPort
	for s := range strings.FieldsSeq(text) {
		all = append(all, netip.MustParseAddrPort(s))
	}
	return all
}

// A router's own answer is known by its distance, if that router counts hops.
func TestRouterAnswers(t *testing.T) {
	const router = "203.0.113.2"
	hop := func(ttl int, state result.State, from string) result.Hop {
		return result.Hop{TTL: ttl, State: state, From: from}
	}
	way := func(hops ...result.Hop) []result.Hop {
		return append([]result.Hop{hop(1, result.Expired, "198.51.100.1")}, hops...)
	}
	own, behind := way(hop(2, result.Open, "")), way(hop(2, result.Expired, router), hop(3, result.Open, ""))
	refused := way(hop(2, result.Closed, ""))
	for name, c := range map[string]struct {
		to, control []result.Hop
		ttl         int
		want        bool
	}{
		"both as near as the router":        {own, refused, 62, true},
		"on Windows":                        {own, refused, 126, true},
		"the call goes on behind it":        {behind, refused, 62, false},
		"whatever is asked goes on":         {behind, way(hop(2, result.Expired, router), hop(3, result.Closed, "")), 62, false},
		"a router that does not count hops": {own, refused, 63, false},
		"this machine's TTL is not known":   {own, refused, 0, false},
		"the other port is met by silence":  {own, way(hop(2, result.Filtered, "")), 62, false},
		"nobody looked":                     {nil, nil, 62, false},
	} {
		v := &inboundView{caller: netip.MustParseAddr(router), ttl: c.ttl, port: &vantage.Port{Hops: c.to, Control: &vantage.Control{Hops: c.control}}}
		if got := v.routerAnswers(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A stand-in that is called by who does not say whence knows the call by its
// coming from outside.
func TestStrangers(t *testing.T) {
	gateway := netip.MustParseAddr("192.168.1.1")
	own := []netip.Addr{netip.MustParseAddr("192.168.1.20")}
	for came, want := range map[string]proven{
		"":                                   provenNone,
		"127.0.0.1:5000 192.168.1.20:5000":   provenNone,
		"192.168.1.33:5000":                  provenNone,
		"192.168.1.33:5000 192.168.1.1:5000": provenLikely,
		"203.0.113.4:5000":                   provenLikely,
	} {
		if got := strangers(addrPorts(t, came), gateway, own); got != want {
			t.Errorf("%s: %q, wanted %q", came, got, want)
		}
	}
}

// That a connection was not seen here tells nothing if it was broken off before
// anybody looked.
func TestBrokenOff(t *testing.T) {
	from := netip.MustParseAddrPort("198.51.100.9:40001")
	for name, c := range map[string]struct {
		port vantage.Port
		want proven
	}{
		"kept":                {vantage.Port{From: from}, provenNone},
		"closed at once":      {vantage.Port{From: from, Ended: vantage.EndedClosed, Kept: 1}, provenNone},
		"reset at once":       {vantage.Port{From: from, Ended: vantage.EndedReset, Kept: 1}, provenNot},
		"reset after a while": {vantage.Port{From: from, Ended: vantage.EndedReset, Kept: result.Duration(5 * lookEvery)}, provenNone},
		"reset before it was": {vantage.Port{Ended: vantage.EndedReset}, provenNot},
	} {
		t.Run(name, func(t *testing.T) {
			v := &inboundView{check: &inboundCheck{}, here: &local{scope: scopeAny}, seen: &sighting{}, port: &c.port}
			if got := v.prove(t.Context()); got != c.want {
				t.Errorf("%q, wanted %q", got, c.want)
			}
		})
	}
}

// A run that is stopped while the helper outside is at work ends at once, and
// the port on which netcheck stood in is free.
func TestInboundStops(t *testing.T) {
	helper, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{})
	defer servers.Connections(helper, func(c net.Conn) {
		r := bufio.NewReader(c)
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		if req.URL.Path == vantage.Address {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 35\r\n\r\n{\"caller\": {\"address\":\"127.0.0.1\"}}")
			return
		}
		close(asked)
		_, _ = io.Copy(io.Discard, r)
	})()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := free.Addr().String()
	free.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var cancelled time.Time
	go func() {
		<-asked
		if l, err := net.Listen("tcp", at); err == nil {
			l.Close()
			t.Error("nobody stands in while the helper is asked to call")
		}
		cancelled = time.Now()
		cancel()
	}()
	c := &inboundCheck{PublicPort: netip.MustParseAddrPort(at).Port(), LocalHost: "127.0.0.1"}
	_, err = c.Probe(ctx, trace(&engine.Env{Timeout: time.Minute, Vantage: "http://" + helper.Addr().String()}))
	if late := time.Since(cancelled); late > 100*time.Millisecond || !errors.Is(err, context.Canceled) {
		t.Errorf("went on for %v: %v", late, err)
	}
	l, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatalf("its port is not free: %v", err)
	}
	l.Close()
}
