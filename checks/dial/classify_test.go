package dial

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"golang.org/x/net/proxy"

	"netcheck/report/result"
)

// A Network dials for libraries; a proxy would be another of these.
var _ proxy.ContextDialer = (*Network)(nil)

// TestClassify provokes each failure that one machine alone can have.
func TestClassify(t *testing.T) {
	for _, c := range []struct {
		name    string
		provoke func(t *testing.T) error
		want    result.Failure
		errno   string
	}{
		{"a port without listener", dialClosed, result.FailRefused, "ECONNREFUSED"},
		{"a server that closes with linger 0", readReset, result.FailReset, "ECONNRESET"},
		{"a server that closes", readClosed, result.FailEOF, ""},
		{"a body cut short", func(*testing.T) error { return io.ErrUnexpectedEOF }, result.FailEOF, ""},
		{"a server that is silent", readSilent, result.FailTimeout, ""},
		{"a connect that is not answered", connectTimeout, result.FailConnectTimeout, ""},
		{"a context's end", func(*testing.T) error { return context.DeadlineExceeded }, result.FailTimeout, ""},
		{"a cancel", func(*testing.T) error { return context.Canceled }, result.FailCanceled, ""},
		{"a connection closed by ourselves", readOwnClosed, result.FailCanceled, ""},
		{"a port that is taken", listenTwice, result.FailAddressInUse, "EADDRINUSE"},
		{"a datagram that is too large", sendLarge, result.FailMessageSize, "EMSGSIZE"},
		{"our own error", func(*testing.T) error {
			return &Error{Code: result.FailProhibited, Evidence: result.Evidence{Errno: "EHOSTUNREACH"}}
		}, result.FailProhibited, "EHOSTUNREACH"},
		{"nothing", func(*testing.T) error { return nil }, "", ""},
		{"something else", func(*testing.T) error { return errors.New("connection refused") }, result.FailOther, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.provoke(t)
			if got, errno := Classify(err); got != c.want || errno != c.errno {
				t.Errorf("Classify(%v) = %s, %s, want %s, %s", err, got, errno, c.want, c.errno)
			}
		})
	}
}

func TestErrnoFailure(t *testing.T) {
	for _, c := range []struct {
		errno                  string
		connecting, exchanging result.Failure
	}{
		{"ECONNREFUSED", result.FailRefused, result.FailRefused},
		{"ECONNRESET", result.FailReset, result.FailReset},
		{"EPIPE", result.FailReset, result.FailReset},
		{"ECONNABORTED", result.FailReset, result.FailReset},
		{"ETIMEDOUT", result.FailConnectTimeout, result.FailTimeout},
		{"EHOSTUNREACH", result.FailHostUnreachable, result.FailHostUnreachable},
		{"EHOSTDOWN", result.FailHostUnreachable, result.FailHostUnreachable},
		{"ENETUNREACH", result.FailNetUnreachable, result.FailNetUnreachable},
		{"ENETDOWN", result.FailNoRoute, result.FailNoRoute},
		{"EAFNOSUPPORT", result.FailNoRoute, result.FailNoRoute},
		{"EINVAL", result.FailNoRoute, result.FailOther},
		{"EPERM", result.FailPermission, result.FailPermission},
		{"EACCES", result.FailPermission, result.FailPermission},
		{"EMFILE", result.FailNoSockets, result.FailNoSockets},
		{"ENFILE", result.FailNoSockets, result.FailNoSockets},
		{"ENOBUFS", result.FailNoSockets, result.FailNoSockets},
		{"EADDRNOTAVAIL", result.FailNoSockets, result.FailNoSockets},
		{"EADDRINUSE", result.FailAddressInUse, result.FailAddressInUse},
		{"EMSGSIZE", result.FailMessageSize, result.FailMessageSize},
		{"ENOPROTOOPT", result.FailICMP, result.FailICMP},
		{"ECANCELED", result.FailCanceled, result.FailCanceled},
		{"ENOTTY", result.FailOther, result.FailOther},
	} {
		if got := errnoFailure(c.errno, true); got != c.connecting {
			t.Errorf("connecting, %s is %s, want %s", c.errno, got, c.connecting)
		}
		if got := errnoFailure(c.errno, false); got != c.exchanging {
			t.Errorf("exchanging, %s is %s, want %s", c.errno, got, c.exchanging)
		}
	}
}

// TestRefused holds the meaning of an errno together with what came with it:
// alone it misleads, since a router's word and this system's look the same.
func TestRefused(t *testing.T) {
	v4 := func(kind, code int) *result.ICMP { return &result.ICMP{Type: kind, Code: code} }
	v6 := func(kind, code int) *result.ICMP { return &result.ICMP{V6: true, Type: kind, Code: code} }
	for _, c := range []struct {
		name  string
		errno string
		icmp  *result.ICMP
		sent  bool
		want  result.Failure
	}{
		{"RST", "ECONNREFUSED", nil, true, result.FailRefused},
		{"port unreachable", "ECONNREFUSED", v4(3, 3), true, result.FailRefused},
		{"net unreachable", "ENETUNREACH", v4(3, 0), true, result.FailNetUnreachable},
		{"host unreachable", "EHOSTUNREACH", v4(3, 1), true, result.FailHostUnreachable},
		{"protocol unreachable", "ENOPROTOOPT", v4(3, 2), true, result.FailICMP},
		{"net prohibited", "ENETUNREACH", v4(3, 9), true, result.FailProhibited},
		{"host prohibited", "EHOSTUNREACH", v4(3, 10), true, result.FailProhibited},
		{"admin prohibited", "EHOSTUNREACH", v4(3, 13), true, result.FailProhibited},
		{"a routing loop", "EHOSTUNREACH", v4(11, 0), true, result.FailTTLExceeded},
		{"fragmentation needed", "EMSGSIZE", v4(3, 4), true, result.FailMessageSize},
		{"a type nobody knows", "EPROTO", v4(40, 0), true, result.FailICMP},
		{"v6 no route", "ENETUNREACH", v6(1, 0), true, result.FailNetUnreachable},
		{"v6 admin prohibited", "EACCES", v6(1, 1), true, result.FailProhibited},
		{"v6 address unreachable", "EHOSTUNREACH", v6(1, 3), true, result.FailHostUnreachable},
		{"v6 port unreachable", "ECONNREFUSED", v6(1, 4), true, result.FailRefused},
		{"v6 source policy", "EACCES", v6(1, 5), true, result.FailProhibited},
		{"v6 reject route", "EACCES", v6(1, 6), true, result.FailProhibited},
		{"v6 hop limit", "EHOSTUNREACH", v6(3, 0), true, result.FailTTLExceeded},
		{"no default route", "ENETUNREACH", nil, false, result.FailNoRoute},
		{"an unreachable route", "EHOSTUNREACH", nil, false, result.FailNoRoute},
		{"a blackhole route", "EINVAL", nil, false, result.FailNoRoute},
		{"a prohibit route", "EACCES", nil, false, result.FailPermission},
		{"unreachable, and nobody tells by whom", "EHOSTUNREACH", nil, true, result.FailHostUnreachable},
	} {
		if got := refused(c.errno, c.icmp, c.sent); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestPublic(t *testing.T) {
	for a, want := range map[string]bool{
		"198.51.100.7": true, "2001:db8::7": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.1.1": false,
		"100.64.0.1": false, "100.127.255.254": false, "100.128.0.1": true, "0.0.0.0": false, "224.0.0.1": false,
		"::1": false, "fe80::1%lo": false, "fd00::1": false,
	} {
		if got := public(netip.MustParseAddr(a)); got != want {
			t.Errorf("public(%s) = %v, want %v", a, got, want)
		}
	}
}

func dialClosed(t *testing.T) error {
	_, err := net.Dial("tcp", closedPort(t).String())
	return err
}

func readReset(t *testing.T) error {
	return readFrom(t, func(c *net.TCPConn) {
		c.Read(make([]byte, 1)) // else it may come before the connect is told to be one
		c.SetLinger(0)
		c.Close()
	})
}

func readClosed(t *testing.T) error {
	return readFrom(t, func(c *net.TCPConn) {
		c.Read(make([]byte, 1)) // else it is a reset
		c.Close()
	})
}

func readSilent(t *testing.T) error {
	return readFrom(t, func(c *net.TCPConn) { t.Cleanup(func() { c.Close() }) })
}

func readFrom(t *testing.T, serve func(*net.TCPConn)) error {
	c, err := net.Dial("tcp", server(t, serve).String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	c.Write([]byte{0})
	_, err = c.Read(make([]byte, 1))
	return err
}

func readOwnClosed(t *testing.T) error {
	c, err := net.Dial("tcp", server(t, func(c *net.TCPConn) { c.Close() }).String())
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	_, err = c.Read(make([]byte, 1))
	return err
}

// connectTimeout is what a dialer says whose time is over.
func connectTimeout(t *testing.T) error {
	d := net.Dialer{Deadline: time.Now().Add(-time.Second)}
	_, err := d.DialContext(t.Context(), "tcp", closedPort(t).String())
	return err
}

func listenTwice(t *testing.T) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = net.Listen("tcp", l.Addr().String())
	return err
}

func sendLarge(t *testing.T) error {
	c, err := net.Dial("udp", "127.0.0.1:9")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.Write(make([]byte, 65508))
	return err
}

// server answers each connection on a port of its own until the test ends.
func server(t testing.TB, serve func(*net.TCPConn)) netip.AddrPort {
	t.Helper()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.AcceptTCP()
			if err != nil {
				return
			}
			serve(c)
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// closedPort is one on which nothing listens.
func closedPort(t testing.TB) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).AddrPort()
}

func portOf(p netip.AddrPort) string { return strconv.Itoa(int(p.Port())) }
