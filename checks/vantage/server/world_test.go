package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"netcheck/checks/standin"
	"netcheck/checks/vantage"
)

// helper is one that runs for a test, and who asks it.
type helper struct {
	*Server
	t    *testing.T
	at   string // its address and port
	stop func() // and wait until it has
}

// open starts a helper on loopback.
func open(t *testing.T, o Options) *helper {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- s.Serve(ctx, l) }()
	stopped := false
	h := &helper{Server: s, t: t, at: l.Addr().String()}
	h.stop = func() {
		if cancel(); stopped {
			return
		}
		stopped = true
		if err := <-over; err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(h.stop)
	return h
}

// client asks from an address of 127.0.0.0/8; "" is the system's choice.
func (h *helper) client(from string) *http.Client {
	d := net.Dialer{}
	if from != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	}
	tr := &http.Transport{DialContext: d.DialContext}
	h.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// post asks to be called back, as netcheck does but for what change does.
func (h *helper) post(from, body string, change ...func(*http.Request)) (*http.Response, []byte) {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, "http://"+h.at+vantage.Reach, bytes.NewReader([]byte(body)))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set(vantage.Header, vantage.Version)
	r.Header.Set("Content-Type", "application/json")
	for _, f := range change {
		f(r)
	}
	return h.do(h.client(from), r)
}

func (h *helper) do(c *http.Client, r *http.Request) (*http.Response, []byte) {
	h.t.Helper()
	res, err := c.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return res, b
}

// ask is post for an answer.
func (h *helper) ask(q vantage.Request) vantage.Reply {
	h.t.Helper()
	body, err := json.Marshal(q)
	if err != nil {
		h.t.Fatal(err)
	}
	res, b := h.post("", string(body))
	if res.StatusCode != http.StatusOK {
		h.t.Fatalf("%s: %s", res.Status, b)
	}
	var reply vantage.Reply
	if err := json.Unmarshal(b, &reply); err != nil {
		h.t.Fatal(err)
	}
	return reply
}

// code is the code of a refusal.
func code(t *testing.T, body []byte) string {
	t.Helper()
	var r vantage.Refusal
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatalf("no refusal: %q", body)
	}
	return r.Code
}

// target serves TCP connections on loopback, each in a function of its own.
func target(t *testing.T, f func(net.Conn)) uint16 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	served := make(chan struct{}, 1000)
	go func() {
		defer close(over)
		n := 0
		for {
			c, err := l.Accept()
			if err != nil {
				break
			}
			n++
			go func() {
				defer func() { served <- struct{}{} }()
				defer c.Close()
				c.SetDeadline(time.Now().Add(10 * time.Second))
				f(c)
			}()
		}
		for range n {
			<-served
		}
	}()
	t.Cleanup(func() { l.Close(); <-over })
	return portOf(l.Addr())
}

func portOf(a net.Addr) uint16 {
	p, err := netip.ParseAddrPort(a.String())
	if err != nil {
		panic(err)
	}
	return p.Port()
}

// closed is a port where nobody listens.
func closed(t *testing.T) uint16 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return portOf(l.Addr())
}

// standsIn answers challenges as a stand-in with this key.
func standsIn(k *standin.Key) func(net.Conn) {
	return func(c net.Conn) {
		line, err := bufio.NewReader(io.LimitReader(c, 100)).ReadString('\n')
		if err != nil {
			return
		}
		if nonce, ok := standin.Asked(line); ok {
			_, _ = io.WriteString(c, k.Reply(nonce))
		}
	}
}

func itoa(p uint16) string { return strconv.Itoa(int(p)) }
