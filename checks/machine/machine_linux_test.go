package machine

import (
	"encoding/binary"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"testing/fstest"

	"golang.org/x/sys/unix"
)

func TestOrigin(t *testing.T) {
	const ip = "192.0.2.7/24"
	for name, c := range map[string]struct {
		prefix  string
		endless bool
		root    fstest.MapFS
		want    Origin
	}{
		"by hand":                          {ip, true, nil, OriginStatic},
		"with an end":                      {ip, false, nil, OriginDHCP},
		"loopback":                         {"127.0.0.1/8", true, nil, OriginStatic},
		"link-local":                       {"169.254.3.4/16", true, nil, OriginAuto},
		"IPv6 from a router":               {"2001:db8::7/64", false, nil, OriginAuto},
		"IPv6 by hand":                     {"2001:db8::7/64", true, nil, OriginStatic},
		"an endless lease of networkd":     {ip, true, fstest.MapFS{"run/systemd/netif/leases/2": file("# x\nADDRESS=192.0.2.7\nNETMASK=255.255.255.0\n")}, OriginDHCP},
		"networkd's of another interface":  {ip, true, fstest.MapFS{"run/systemd/netif/leases/3": file("ADDRESS=192.0.2.7\n")}, OriginStatic},
		"networkd's of a longer address":   {ip, true, fstest.MapFS{"run/systemd/netif/leases/2": file("ADDRESS=192.0.2.77\n")}, OriginStatic},
		"a lease of dhclient":              {ip, true, fstest.MapFS{"var/lib/dhcp/dhclient.eth0.leases": file("lease {\n  fixed-address 192.0.2.7;\n}\n")}, OriginDHCP},
		"dhclient's of another address":    {ip, true, fstest.MapFS{"var/lib/dhcp/dhclient.eth0.leases": file("lease {\n  fixed-address 192.0.2.8;\n}\n")}, OriginStatic},
		"a lease of NetworkManager":        {ip, true, fstest.MapFS{"var/lib/NetworkManager/internal-x-eth0.lease": file("ADDRESS=192.0.2.7\n")}, OriginDHCP},
		"a client that keeps its counsel":  {ip, true, fstest.MapFS{"proc/1/comm": file("init\n"), "proc/77/comm": file("udhcpc\n")}, OriginUnknown},
		"processes that are no client":     {ip, true, fstest.MapFS{"proc/1/comm": file("init\n"), "proc/self/comm": file("udhcpc\n")}, OriginStatic},
		"a client says nothing about IPv6": {"2001:db8::7/64", true, fstest.MapFS{"proc/77/comm": file("udhcpc\n")}, OriginStatic},
	} {
		t.Run(name, func(t *testing.T) {
			root := c.root
			if root == nil {
				root = fstest.MapFS{}
			}
			got, why := originIn(root, Address{Prefix: netip.MustParsePrefix(c.prefix), Index: 2, Endless: c.endless})
			if got != c.want {
				t.Errorf("%q, wanted %q: %s", got, c.want, why)
			}
			if why == "" {
				t.Error("no reason")
			}
		})
	}
}

func TestParseSocket(t *testing.T) {
	const tail = " 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0"
	for name, c := range map[string]struct {
		proto, line, want string
	}{
		"listening":           {"tcp", "0: 0100007F:1F90 00000000:0000 0A" + tail, "127.0.0.1:8080"},
		"everywhere":          {"tcp", "0: 00000000:0050 00000000:0000 0A" + tail, "0.0.0.0:80"},
		"IPv6":                {"tcp", "0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A" + tail, "[::1]:8080"},
		"mapped":              {"tcp", "0: 0000000000000000FFFF00000100007F:1F90 00000000000000000000000000000000:0000 0A" + tail, "127.0.0.1:8080"},
		"a connection":        {"tcp", "0: 0100007F:1F90 0100007F:0050 01" + tail, ""},
		"UDP":                 {"udp", "0: 0100007F:0035 00000000:0000 07" + tail, "127.0.0.1:53"},
		"UDP with a peer":     {"udp", "0: 0100007F:0035 0100007F:0050 01" + tail, ""},
		"the heading":         {"tcp", "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode", ""},
		"cut short":           {"tcp", "0: 0100007F:1F90 00000000:0000 0A", ""},
		"no address":          {"tcp", "0: 0100007:1F90 00000000:0000 0A" + tail, ""},
		"a port out of reach": {"tcp", "0: 0100007F:11F90 00000000:0000 0A" + tail, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, ok := parseSocket(c.proto, c.line)
			got := ""
			if ok {
				got = s.Addr.String()
				if s.Inode != 4711 {
					t.Errorf("inode %d", s.Inode)
				}
			}
			if got != c.want {
				t.Errorf("%q, wanted %q", got, c.want)
			}
		})
	}
}

// The attempts are for systems without a table; they must see what the table
// shows.
func TestAttempts(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	u, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	for _, c := range []struct {
		proto   string
		at      net.Addr
		attempt func(netip.AddrPort) (bool, error)
		end     func() error
	}{
		{"tcp", l.Addr(), attemptTCP, l.Close},
		{"udp", u.LocalAddr(), attemptUDP, u.Close},
	} {
		t.Run(c.proto, func(t *testing.T) {
			to := netip.MustParseAddrPort(c.at.String())
			if taken, err := c.attempt(to); err != nil || !taken {
				t.Errorf("not seen while it waits (%v)", err)
			}
			if err := c.end(); err != nil {
				t.Fatal(err)
			}
			if taken, err := c.attempt(to); err != nil || taken {
				t.Errorf("seen after its end (%v)", err)
			}
		})
	}
}

func attribute(kind uint16, value []byte) []byte {
	b := make([]byte, unix.SizeofRtAttr, 64)
	binary.NativeEndian.PutUint16(b, uint16(unix.SizeofRtAttr+len(value)))
	binary.NativeEndian.PutUint16(b[2:], kind)
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func number(n uint32) []byte { return binary.NativeEndian.AppendUint32(nil, n) }

func TestDefaultRoute(t *testing.T) {
	gateway := attribute(syscall.RTA_GATEWAY, []byte{192, 0, 2, 1})
	hop := func(last byte) []byte {
		at := attribute(syscall.RTA_GATEWAY, []byte{192, 0, 2, last})
		b := make([]byte, unix.SizeofRtNexthop)
		binary.NativeEndian.PutUint16(b, uint16(len(b)+len(at)))
		return append(b, at...)
	}
	for name, c := range map[string]struct {
		dst, table, kind byte
		attributes       []byte
		want             string
		metric           uint32
	}{
		"a gateway":         {0, unix.RT_TABLE_MAIN, syscall.RTN_UNICAST, gateway, "[192.0.2.1]", 0},
		"with a metric":     {0, unix.RT_TABLE_MAIN, syscall.RTN_UNICAST, append(attribute(syscall.RTA_PRIORITY, number(100)), gateway...), "[192.0.2.1]", 100},
		"two at once":       {0, unix.RT_TABLE_MAIN, syscall.RTN_UNICAST, attribute(syscall.RTA_MULTIPATH, append(hop(1), hop(2)...)), "[192.0.2.1 192.0.2.2]", 0},
		"a network's":       {24, unix.RT_TABLE_MAIN, syscall.RTN_UNICAST, gateway, "", 0},
		"another table":     {0, unix.RT_TABLE_UNSPEC, syscall.RTN_UNICAST, append(attribute(unix.RTA_TABLE, number(1000)), gateway...), "", 0},
		"onto a link":       {0, unix.RT_TABLE_MAIN, syscall.RTN_UNICAST, nil, "", 0},
		"a black hole":      {0, unix.RT_TABLE_MAIN, syscall.RTN_BLACKHOLE, gateway, "", 0},
		"a hop cut short":   {0, unix.RT_TABLE_MAIN, syscall.RTN_UNICAST, attribute(syscall.RTA_MULTIPATH, hop(1)[:10]), "", 0},
		"a hop too long":    {0, unix.RT_TABLE_MAIN, syscall.RTN_UNICAST, attribute(syscall.RTA_MULTIPATH, []byte{0xff, 0, 0, 0, 0, 0, 0, 0}), "", 0},
		"an attribute of 0": {0, unix.RT_TABLE_MAIN, syscall.RTN_UNICAST, attribute(syscall.RTA_MULTIPATH, []byte{12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0}), "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			data := append([]byte{syscall.AF_INET, c.dst, 0, 0, c.table, 0, 0, c.kind, 0, 0, 0, 0}, c.attributes...)
			r, ok := defaultRoute(syscall.NetlinkMessage{Header: syscall.NlMsghdr{Type: syscall.RTM_NEWROUTE}, Data: data})
			got := ""
			if ok {
				got = "["
				for i, a := range r.via {
					if i > 0 {
						got += " "
					}
					got += a.String()
				}
				got += "]"
			}
			if got != c.want || ok && r.metric != c.metric {
				t.Errorf("%q metric %d, wanted %q", got, r.metric, c.want)
			}
		})
	}
}

func TestDistribution(t *testing.T) {
	for name, c := range map[string]struct {
		root fstest.MapFS
		want string
	}{
		"quoted":      {fstest.MapFS{"etc/os-release": file("ID=x\nPRETTY_NAME=\"Debian 12\"\n")}, "Debian 12"},
		"elsewhere":   {fstest.MapFS{"usr/lib/os-release": file("PRETTY_NAME=Alpine\n")}, "Alpine"},
		"none":        {fstest.MapFS{}, ""},
		"a dirty one": {fstest.MapFS{"etc/os-release": file("PRETTY_NAME='\x1b[2J'\n")}, "?[2J"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := distribution(c.root); got != c.want {
				t.Errorf("%q, wanted %q", got, c.want)
			}
		})
	}
}

func TestParseConnection(t *testing.T) {
	const tail = " 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0"
	for name, c := range map[string]struct {
		line, want string
		half       bool
	}{
		"a caller":                      {"0: 0100007F:1F90 0200007F:0050 01" + tail, "127.0.0.1:8080 127.0.0.2:80", false},
		"one whose connect is not done": {"0: 0100007F:1F90 0200007F:0050 03" + tail, "127.0.0.1:8080 127.0.0.2:80", true},
		"one that has hung up":          {"0: 0100007F:1F90 0200007F:0050 08" + tail, "127.0.0.1:8080 127.0.0.2:80", false},
		"by IPv4 to a socket for both":  {"0: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000200007F:0050 01" + tail, "127.0.0.1:8080 127.0.0.2:80", false},
		"who listens":                   {"0: 0100007F:1F90 00000000:0000 0A" + tail, "", false},
		"a bound socket":                {"0: 0100007F:1F90 00000000:0000 07" + tail, "", false},
		"the heading":                   {"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode", "", false},
		"cut short":                     {"0: 0100007F:1F90 0200007F:0050", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := parseConnection(c.line)
			text := ""
			if ok {
				text = got.Local.String() + " " + got.Remote.String()
			}
			if text != c.want || ok && got.Half != c.half {
				t.Errorf("%q half %v, wanted %q %v", text, got.Half, c.want, c.half)
			}
		})
	}
}
