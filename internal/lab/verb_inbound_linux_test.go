package lab

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestWayIn: what a shop's line does with connections from outside is what who
// calls from there sees. A call is PLACE ADDRESS:PORT; every machine that can be
// reached says its name, and a gateway its caller's.
func TestWayIn(t *testing.T) {
	if !confined(t) {
		return
	}
	const (
		line  = "203.0.113.2:8080"
		named = "greet till 192.168.1.10 8080 till\ngreet server 192.168.1.20 8080,8081 server\n"
		six   = "greet till 2001:db8:1::10 8080 till\n"
	)
	for _, c := range []struct{ name, world, call, want string }{
		{"no forwarding", named, "cloud " + line, "refused"},
		{"no forwarding, shielded", named + "shield gateway", "cloud " + line, "silence"},
		{"no forwarding, refused", named + "shield gateway reset", "cloud " + line, "refused"},
		{"forwarded", named + "forward gateway 8080 to 192.168.1.10:8080", "cloud " + line, "till"},
		{"forwarded and shielded", named + "forward gateway 8080 to 192.168.1.10:8080\nshield gateway", "cloud " + line, "till"},
		{"to another port", named + "forward gateway 80 to 192.168.1.20:8081", "cloud 203.0.113.2:80", "server"},
		{"to its own port", named + "forward gateway 8080-8081 to 192.168.1.20", "cloud 203.0.113.2:8081", "server"},
		{"to another machine", named + "forward gateway 8080 to 192.168.1.20:8080", "cloud " + line, "server"},
		{"to a port where nobody is", "forward gateway 8080 to 192.168.1.20:8080", "cloud " + line, "refused"},
		{"to nobody", "forward gateway 8080 to 192.168.1.99:8080\nmute gateway", "cloud " + line, "silence"},
		{"to nobody, said", "forward gateway 8080 to 192.168.1.99:8080", "cloud " + line, "silence"}, // until the neighbour has not answered for three seconds
		{"allowed", named + "forward gateway 8080 to 192.168.1.10:8080 from 198.51.100.0/24", "cloud " + line, "till"},
		{"not allowed", named + "forward gateway 8080 to 192.168.1.10:8080 from 192.0.2.0/24\nshield gateway", "cloud " + line, "silence"},
		{"seen from inside", named + "forward gateway 8080 to 192.168.1.20:8080 hairpin", "till " + line, "server"},
		{"hairpin from outside", named + "forward gateway 8080 to 192.168.1.20:8080 hairpin", "cloud " + line, "server"},
		{"not seen from inside", named + "forward gateway 8080 to 192.168.1.20:8080", "till " + line, "refused"},
		{"host's own filter", named + "forward gateway 8080 to 192.168.1.10:8080\ndrop till in tcp 8080", "cloud " + line, "silence"},
		{"provider's filter", named + "forward gateway 8080 to 192.168.1.10:8080\ndrop provider tcp 8080", "cloud " + line, "silence"},
		{"router's page", "http gateway 203.0.113.2 8080\npage 203.0.113.2 / 200 body=login", "cloud " + line, ""},
		{"whose address", "forward gateway 8080 to 192.168.1.10:8080\nwho till 192.168.1.10:8080", "cloud " + line, "198.51.100.10"},
		{"source rewritten", "forward gateway 8080 to 192.168.1.10:8080\nrewrite source gateway\nwho till 192.168.1.10:8080", "cloud " + line, "192.168.1.1"},
		{"two gateways", named + "two gateways\nforward outer 8080 to 10.0.0.2:8080\nforward gateway 8080 to 192.168.1.10:8080", "cloud " + line, "till"},
		{"the outer alone", named + "two gateways\nforward outer 8080 to 10.0.0.2:8080", "cloud " + line, "refused"},
		{"the inner alone", named + "two gateways\nforward gateway 8080 to 192.168.1.10:8080\nshield outer", "cloud " + line, "silence"},
		{"behind the provider's translator", named + "carrier nat\nforward gateway 8080 to 192.168.1.10:8080", "cloud 203.0.113.5:8080", "refused"},
		{"leaves by it", "carrier nat\nwho cloud 198.51.100.10:80", "till 198.51.100.10:80", "203.0.113.5"},
		{"leaves by its own", "who cloud 198.51.100.10:80", "till 198.51.100.10:80", "203.0.113.2"},
		{"leaves by a second line", "second line 203.0.113.66\nwho cloud 198.51.100.10:80", "till 198.51.100.10:80", "203.0.113.66"},
		{"comes by the first", named + "second line 203.0.113.66\nforward gateway 8080 to 192.168.1.10:8080", "cloud " + line, "till"},
		{"IPv6", six, "cloud [2001:db8:1::10]:8080", "till"},
		{"IPv6, shielded", six + "shield gateway", "cloud [2001:db8:1::10]:8080", "silence"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			lines, who := c.world, ""
			if before, after, ok := strings.Cut(c.world, "who "); ok {
				lines, who = before, after
			}
			w, err := New(lines)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			if place, at, ok := strings.Cut(who, " "); ok {
				if err := w.Listen(place, netip.MustParseAddrPort(at), func(c net.Conn) {
					from, _ := netip.ParseAddrPort(c.RemoteAddr().String())
					_, _ = io.WriteString(c, from.Addr().Unmap().String()+"\r\n")
				}); err != nil {
					t.Fatal(err)
				}
			}
			place, to, _ := strings.Cut(c.call, " ")
			patience := 20 * time.Second // on a machine that is busy with other tests
			if c.want == "silence" || c.want == "" {
				patience = time.Second // a hundred times what an answer takes
			}
			if got := w.call(t.Context(), place, to, patience); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// call connects, and tells what the other end says first.
func (w *World) call(ctx context.Context, place, to string, patience time.Duration) string {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := w.Dial(ctx, place, "tcp", to)
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, unix.ECONNREFUSED):
		return "refused"
	case isNet && timeout.Timeout():
		return "silence"
	case err != nil:
		return err.Error()
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	b := make([]byte, 64)
	n, _ := c.Read(b)
	return strings.TrimSpace(string(b[:n]))
}

// TestWhoTells: what a gateway tells of its line is what who asks from the till
// hears, one protocol a line.
func TestWhoTells(t *testing.T) {
	if !confined(t) {
		return
	}
	for _, c := range []struct{ name, world, want string }{
		{"all", "igd gateway nat-pmp,pcp,upnp", "nat-pmp 203.0.113.2\npcp\nupnp 203.0.113.2 Lab Gateway\n"},
		{"by multicast alone", "igd gateway upnp\ndrop gateway in udp 1900 to 192.168.1.1", "upnp 203.0.113.2 Lab Gateway\n"},
		{"by its address alone", "igd gateway upnp\ndrop gateway in udp 1900 to 239.255.255.250", "upnp 203.0.113.2 Lab Gateway\n"},
		{"behind another", "two gateways\nigd gateway nat-pmp", "nat-pmp 10.0.0.2\n"},
		{"another's address", "igd gateway nat-pmp address=100.64.0.9", "nat-pmp 100.64.0.9\n"},
		{"a mapping", "igd gateway upnp model=Box_7 tcp:8080=192.168.1.20:80", "upnp 203.0.113.2 Lab Box 7 > 192.168.1.20:80\n"},
		{"miniupnpd", "addresses wan=93.184.216.2/30 provider=93.184.216.1/30\nminiupnpd gateway 192.168.1.1 5000 lan=lan maker=Lab model=Box", "nat-pmp 93.184.216.2\npcp\nupnp 93.184.216.2 Lab Box 1\n"},
		{"miniupnpd behind another", "two gateways\nminiupnpd gateway 192.168.1.1 5000 lan=lan", "nat-pmp none\npcp\nupnp none\n"},
		{"off", "igd gateway nat-pmp,pcp,upnp off", ""},
		{"nobody", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := Lacking(c.world); err != nil {
				if os.Getenv("NETCHECK_LAB") == "require" {
					t.Fatal(err)
				}
				t.Skip(err)
			}
			w, err := New(c.world)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			var out bytes.Buffer
			if err := w.Probe(t.Context(), "line", nil, &out, &out); err != nil {
				t.Fatal(err, out.String())
			}
			if got := out.String(); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
