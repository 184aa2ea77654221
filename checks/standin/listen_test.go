package standin_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"netcheck/checks/standin"
)

var loopback = []netip.Addr{netip.MustParseAddr("127.0.0.1")}

// contacts is who got through, as a stand-in tells it.
type contacts struct {
	mu   sync.Mutex
	all  []standin.Contact
	more chan struct{}
}

func newContacts() *contacts { return &contacts{more: make(chan struct{}, 1)} }

func (c *contacts) note(one standin.Contact) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, one)
	select {
	case c.more <- struct{}{}:
	default:
	}
}

// await waits until somebody did that to the port over proto from there.
func (c *contacts) await(t *testing.T, proto string, what standin.What, from net.Addr) {
	t.Helper()
	limit := time.After(10 * time.Second)
	for {
		c.mu.Lock()
		found := slices.ContainsFunc(c.all, func(o standin.Contact) bool {
			return o.Proto == proto && o.What == what && o.From.String() == from.String()
		})
		c.mu.Unlock()
		if found {
			return
		}
		select {
		case <-c.more:
		case <-limit:
			t.Fatalf("no contact %s %s from %s, but %v", proto, what, from, c.all)
		}
	}
}

func listen(t *testing.T, o standin.Options) *standin.Server {
	t.Helper()
	s, err := standin.Listen(t.Context(), o)
	t.Cleanup(s.Close)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func dial(t *testing.T, to net.Addr) net.Conn {
	t.Helper()
	c, err := net.Dial(to.Network(), to.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

func say(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, c net.Conn) string {
	t.Helper()
	b := make([]byte, 500)
	n, err := c.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

func TestAnswers(t *testing.T) {
	key := standin.NewKey()
	nonce := standin.NewNonce()
	for name, test := range map[string]struct {
		say, want string
		what      standin.What
	}{
		"question":  {standin.Question, standin.Answer + "\n", standin.ByQuestion},
		"challenge": {standin.Ask(nonce), standin.Answer + " " + key.Proof(nonce) + "\n", standin.ByChallenge},
	} {
		t.Run(name, func(t *testing.T) {
			seen := newContacts()
			s := listen(t, standin.Options{TCP: []uint16{0}, UDP: []uint16{0}, Addresses: loopback, Key: key, Contact: seen.note})
			for _, at := range s.Opened() {
				c := dial(t, at)
				say(t, c, test.say)
				if got := hear(t, c); got != test.want || len(got) > len(test.say) {
					t.Errorf("%s: it says %q, not %q", at.Network(), got, test.want)
				}
				seen.await(t, at.Network(), test.what, c.LocalAddr())
			}
		})
	}
}

// What is no question has the plain answer by TCP, where it was asked for by a
// connection, and none by UDP, where anybody's address may be on it.
func TestAnythingElse(t *testing.T) {
	seen := newContacts()
	s := listen(t, standin.Options{TCP: []uint16{0}, UDP: []uint16{0}, Addresses: loopback, Contact: seen.note})
	tcp, udp := s.Opened()[0], s.Opened()[1]
	for name, text := range map[string]string{
		"HTTP":             "GET / HTTP/1.1\r\nHost: shop\r\n\r\n",
		"TLS":              "\x16\x03\x01\x02\x00" + strings.Repeat("\x01", 507) + "\n",
		"no line":          strings.Repeat("x", 100_000),
		"escape sequences": "\x1b]0;gotcha\a\x1b[2J\n",
		"no nonce":         "netcheck stand-in? 1 \n",
		"a short nonce":    "netcheck stand-in? 1 00ff\n",
		"a nonce too long": strings.TrimSuffix(standin.Ask(standin.NewNonce()), "\n") + "00\n",
		"nothing at all":   "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := dial(t, tcp)
			say(t, c, text)
			if got := hear(t, c); got != standin.Answer+"\n" {
				t.Errorf("TCP: it says %q", got)
			}
			seen.await(t, "tcp", standin.ByConnect, c.LocalAddr())

			u := dial(t, udp)
			if len(text) < 60_000 {
				say(t, u, text)
				seen.await(t, "udp", standin.ByConnect, u.LocalAddr())
			}
			say(t, u, standin.Question) // the first answer is this one's
			nonce := standin.NewNonce()
			say(t, u, standin.Ask(nonce))
			if first, second := hear(t, u), hear(t, u); first != standin.Answer+"\n" || second != s.Key().Reply(nonce) {
				t.Errorf("UDP: it says %q, then %q", first, second)
			}
		})
	}
}

// For one connection too many the oldest goes, and who comes then is served.
func TestFlood(t *testing.T) {
	const most, flood = 8, 100
	s := listen(t, standin.Options{TCP: []uint16{0}, Addresses: loopback, Most: most})
	var silent []net.Conn
	for range flood {
		silent = append(silent, dial(t, s.Opened()[0]))
	}
	c := dial(t, s.Opened()[0])
	say(t, c, standin.Question)
	if got := hear(t, c); got != standin.Answer+"\n" {
		t.Errorf("it says %q", got)
	}
	cut := 0
	for _, c := range silent {
		if _, err := c.Read(make([]byte, 1)); err != nil {
			cut++
		}
	}
	if cut < flood-most {
		t.Errorf("%d of %d silent connections were cut, with %d held at most", cut, flood, most)
	}
}

// The end of its context ends everything at once: a service can have the port.
func TestEndFreesThePorts(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	s, err := standin.Listen(ctx, standin.Options{TCP: []uint16{0}, UDP: []uint16{0}, Addresses: loopback})
	if err != nil {
		t.Fatal(err)
	}
	tcp, udp := s.Opened()[0], s.Opened()[1]
	answered, silent := dial(t, tcp), dial(t, tcp)
	say(t, answered, standin.Question)
	hear(t, answered)
	start := time.Now()
	stop()
	s.Close()
	if d := time.Since(start); d > 500*time.Millisecond {
		t.Errorf("it took %s to end", d)
	}
	for _, c := range []net.Conn{answered, silent} {
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("a connection goes on")
		}
	}
	bindable(t, tcp, udp)
}

// bindable binds as a program does that knows nothing of SO_REUSEADDR, to which
// the remains of a connection (TIME_WAIT) would deny the port.
func bindable(t *testing.T, addrs ...net.Addr) {
	t.Helper()
	for _, a := range addrs {
		kind, port := syscall.SOCK_STREAM, 0
		switch a := a.(type) {
		case *net.TCPAddr:
			port = a.Port
		case *net.UDPAddr:
			kind, port = syscall.SOCK_DGRAM, a.Port
		}
		fd, err := syscall.Socket(syscall.AF_INET, kind, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Bind(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			t.Errorf("%s is still taken: %v", a, err)
		}
		syscall.Close(fd)
	}
}

// A port that somebody has is left to them, and the others are opened.
func TestTakenPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := uint16(l.Addr().(*net.TCPAddr).Port)
	for name, at := range map[string][]netip.Addr{"the same address": loopback, "all addresses": nil} {
		s, err := standin.Listen(t.Context(), standin.Options{TCP: []uint16{taken, 0}, Addresses: at})
		pe, ok := errors.AsType[*standin.PortError](err)
		if !ok || pe.Proto != "tcp" || pe.Port != taken || !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("%s: error %v", name, err)
		}
		if n := len(s.Opened()); n != 1 {
			t.Errorf("%s: %d ports are open, not 1", name, n)
		}
		s.Close()
	}
}

// Where a system gives few descriptors, some are left for connections.
func TestFewDescriptors(t *testing.T) {
	few(t, 64)
	s, err := standin.Listen(t.Context(), standin.Options{TCP: make([]uint16, 100), Addresses: loopback})
	t.Cleanup(s.Close)
	if pe, ok := errors.AsType[*standin.PortError](err); !ok || !errors.Is(pe, syscall.EMFILE) {
		t.Errorf("error %v, want that there are too many files", err)
	}
	if n := len(s.Opened()); n < 10 || n > 60 {
		t.Errorf("%d ports are open", n)
	}
	for range 3 {
		c := dial(t, s.Opened()[0])
		say(t, c, standin.Question)
		if got := hear(t, c); got != standin.Answer+"\n" {
			t.Errorf("it says %q", got)
		}
	}
}

// Without an address it is all of this machine, by IPv4 and IPv6.
func TestBothFamilies(t *testing.T) {
	s := listen(t, standin.Options{TCP: []uint16{0}, UDP: []uint16{0}})
	for _, at := range s.Opened() {
		_, port, _ := net.SplitHostPort(at.String())
		for _, host := range []string{"127.0.0.1", "::1"} {
			if host == "::1" && !hasIPv6() {
				continue
			}
			c, err := net.Dial(at.Network(), net.JoinHostPort(host, port))
			if err != nil {
				t.Fatal(err)
			}
			_ = c.SetDeadline(time.Now().Add(10 * time.Second))
			say(t, c, standin.Question)
			if got := hear(t, c); got != standin.Answer+"\n" {
				t.Errorf("%s %s: it says %q", at.Network(), host, got)
			}
			c.Close()
		}
	}
}

// The answer comes from the address that was asked, whichever of this machine's.
func TestAnswersFromWhereItWasAsked(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("127.0.0.2 is an address on Linux alone")
	}
	for name, at := range map[string][]netip.Addr{"both families": nil, "IPv4": {netip.IPv4Unspecified()}} {
		t.Run(name, func(t *testing.T) {
			s := listen(t, standin.Options{UDP: []uint16{0}, Addresses: at})
			_, port, _ := net.SplitHostPort(s.Opened()[0].String())
			c, err := net.Dial("udp", net.JoinHostPort("127.0.0.2", port))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(10 * time.Second))
			say(t, c, standin.Question)
			if got := hear(t, c); got != standin.Answer+"\n" {
				t.Errorf("it says %q", got)
			}
		})
	}
}

func hasIPv6() bool {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		return false
	}
	l.Close()
	return true
}

func FuzzQuestion(f *testing.F) {
	f.Add([]byte(standin.Question))
	f.Add([]byte(standin.Ask(standin.NewNonce())))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	key := standin.NewKey()
	f.Fuzz(func(t *testing.T, b []byte) {
		nonce, ok := standin.Asked(string(b))
		if ok && len(key.Reply(nonce)) > len(b) {
			t.Errorf("%q has a longer answer", b)
		}
		if mac, ok := standin.Proof(string(b)); ok && !bytes.Contains(b, []byte(mac)) {
			t.Errorf("%q proves by %q", b, mac)
		}
	})
}
