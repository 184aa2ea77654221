package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"netcheck/checks/vantage"
)

// TestRate: who asks too often is told when to come again, and nobody else is.
func TestRate(t *testing.T) {
	h := open(t, Options{AllowPrivate: true, Rate: 1, Burst: 2})
	body := `{"ports":[` + itoa(closed(t)) + `]}`
	for i := range 2 {
		if res, b := h.post("127.1.1.1", body); res.StatusCode != http.StatusOK {
			t.Fatalf("request %d: %s: %s", i, res.Status, b)
		}
	}
	res, b := h.post("127.1.1.1", body)
	if res.StatusCode != http.StatusTooManyRequests || code(t, b) != vantage.RefusedRate {
		t.Errorf("%s: %s", res.Status, b)
	}
	if after, err := strconv.Atoi(res.Header.Get("Retry-After")); err != nil || after < 1 || after > 60 {
		t.Errorf("Retry-After: %s", res.Header.Get("Retry-After"))
	}
	if res, b := h.post("127.1.1.2", body); res.StatusCode != http.StatusOK {
		t.Errorf("another address: %s: %s", res.Status, b)
	}
	if res, b := h.post("127.1.1.1", body); res.StatusCode != http.StatusTooManyRequests {
		t.Errorf("%s: %s: another's request gave the first one its rate again", res.Status, b)
	}
}

func TestRateComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRates(1.0/60, 2)
		a := netip.MustParseAddr("81.2.3.4")
		for range 2 {
			if d := r.take(a, costReach); d != 0 {
				t.Fatalf("wait %v", d)
			}
		}
		if d := r.take(a, costReach); d <= 59*time.Second || d > time.Minute {
			t.Errorf("wait %v", d)
		}
		time.Sleep(time.Minute)
		if d := r.take(a, costReach); d != 0 {
			t.Errorf("wait %v after a minute", d)
		}
	})
}

func TestSource(t *testing.T) {
	for _, c := range []struct{ address, want string }{
		{"81.2.3.4", "81.2.3.4/32"},
		{"2a00:1:2:3:4:5:6:7", "2a00:1:2:3::/64"},
		{"fe80::1%eth0", "fe80::/64"},
	} {
		if got := source(netip.MustParseAddr(c.address)); got.String() != c.want {
			t.Errorf("%s: %s", c.address, got)
		}
	}
}

// TestManySources: a million addresses take no more memory than those that are
// remembered, and who asked just now is not forgotten for them.
func TestManySources(t *testing.T) {
	r := newRates(1.0/60, 1)
	busy := netip.MustParseAddr("81.2.3.4")
	if r.take(busy, costReach) != 0 {
		t.Fatal("the first request was refused")
	}
	used := heap()
	for i := range 1_000_000 {
		r.take(netip.AddrFrom4([4]byte{100, byte(i >> 16), byte(i >> 8), byte(i)}), costReach)
		if i%1000 == 0 && r.take(busy, costReach) == 0 {
			t.Fatalf("forgotten after %d others", i)
		}
	}
	if n := len(r.young) + len(r.old); n > mostSources {
		t.Errorf("%d addresses are remembered", n)
	}
	if more := heap() - used; more > 32<<20 {
		t.Errorf("%d MiB", more>>20)
	}
	runtime.KeepAlive(r)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestGlobalRate: from however many addresses, no more is done than in all.
func TestGlobalRate(t *testing.T) {
	h := open(t, Options{AllowPrivate: true, GlobalRate: 3})
	body := `{"ports":[` + itoa(closed(t)) + `]}`
	done, refused := 0, 0
	for i := range 30 {
		res, b := h.post(fmt.Sprintf("127.2.0.%d", i+1), body)
		switch {
		case res.StatusCode == http.StatusOK:
			done++
		case res.StatusCode == http.StatusServiceUnavailable && code(t, b) == vantage.RefusedBusy && res.Header.Get("Retry-After") != "":
			refused++
		default:
			t.Fatalf("%s: %s", res.Status, b)
		}
	}
	if done < 3 || refused < 15 {
		t.Errorf("%d done, %d refused", done, refused)
	}
}

// TestConcurrency: while as many are called as there may be, the next is told
// to come again, at once.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	h := open(t, Options{AllowPrivate: true, Concurrency: 1})
	came := make(chan struct{}, 1)
	port := target(t, func(c net.Conn) {
		came <- struct{}{}
		_, _ = io.Copy(io.Discard, c) // for as long as it is held
	})
	var first sync.WaitGroup
	first.Go(func() {
		if res, b := h.post("", `{"ports":[`+itoa(port)+`]}`); res.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", res.Status, b)
		}
	})
	<-came
	begun := time.Now()
	res, b := h.post("127.3.0.2", `{"ports":[`+itoa(closed(t))+`]}`)
	if res.StatusCode != http.StatusServiceUnavailable || code(t, b) != vantage.RefusedBusy {
		t.Errorf("%s: %s", res.Status, b)
	}
	if took := time.Since(begun); took > heldTime/2 {
		t.Errorf("it had to wait %v to be told", took)
	}
	first.Wait()
	if res, b := h.post("127.3.0.2", `{"ports":[`+itoa(closed(t))+`]}`); res.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %s: %s", res.Status, b)
	}
}

// dialFrom opens a connection to the helper from an address of loopback; nil if
// it does not let it in.
func (h *helper) dialFrom(from string) net.Conn {
	h.t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.DialContext(h.t.Context(), "tcp", h.at)
	if err != nil {
		if !errors.Is(err, syscall.ECONNRESET) {
			h.t.Fatal(err)
		}
		return nil
	}
	h.t.Cleanup(func() { c.Close() })
	return c
}

// TestSlowloris: connections that never finish their request, from many
// addresses, keep nobody out, and are gone before long.
func TestSlowloris(t *testing.T) {
	t.Parallel()
	const most, many = 50, 400
	h := open(t, Options{AllowPrivate: true, Connections: most, Concurrency: 1})
	for i := range many {
		c := h.dialFrom(fmt.Sprintf("127.4.%d.%d", i/200, i%200+1))
		if c == nil {
			continue
		}
		part := "POST /v1/reach HTTP/1.1\r\nHost: h\r\nX: "
		if i%2 == 0 { // a body that does not come
			part = "POST /v1/reach HTTP/1.1\r\nHost: h\r\n" + vantage.Header + ": 1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
		}
		_, _ = io.WriteString(c, part) // it may have had to make room already
	}
	if n := h.crowd.count(); n > most {
		t.Errorf("%d connections are open", n)
	}
	begun := time.Now()
	if res, b := h.post("127.5.0.1", `{"ports":[`+itoa(closed(t))+`]}`); res.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", res.Status, b)
	}
	if took := time.Since(begun); took > time.Second {
		t.Errorf("it took %v", took)
	}
	for end := time.Now().Add(bodyTime + 3*time.Second); h.crowd.count() > 1; {
		if time.Now().After(end) {
			t.Fatalf("%d are open still", h.crowd.count())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// TestIdle: idle connections make room for those that come.
func TestIdle(t *testing.T) {
	t.Parallel()
	const most = 100
	h := open(t, Options{AllowPrivate: true, Connections: most})
	for i := range 1000 {
		h.dialFrom(fmt.Sprintf("127.6.%d.%d", i/200, i%200+1))
	}
	if res, b := h.post("127.7.0.1", `{"ports":[`+itoa(closed(t))+`]}`); res.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", res.Status, b)
	}
	if n := h.crowd.count(); n > most {
		t.Errorf("%d connections are open", n)
	}
}

// TestOneAddress: one address can't have all the connections there are.
func TestOneAddress(t *testing.T) {
	t.Parallel()
	h := open(t, Options{AllowPrivate: true})
	for range 2 * mostEach {
		h.dialFrom("127.8.0.1")
	}
	if res, b := h.post("127.8.0.2", `{"ports":[`+itoa(closed(t))+`]}`); res.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", res.Status, b)
	}
	if n := h.crowd.count(); n > mostEach+1 {
		t.Errorf("%d connections are open", n)
	}
}

// TestPipelined: requests in one packet are answered one after the other, each
// within its address's rate.
func TestPipelined(t *testing.T) {
	t.Parallel()
	h := open(t, Options{AllowPrivate: true, Rate: 1, Burst: 2})
	body := `{"ports":[` + itoa(closed(t)) + `]}`
	one := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: h\r\n%s: 1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", vantage.Reach, vantage.Header, len(body), body)
	c := h.dialFrom("127.9.0.1")
	if _, err := io.WriteString(c, strings.Repeat(one, 5)); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(c)
	var got []int
	for range 5 {
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		got = append(got, res.StatusCode)
	}
	if want := []int{200, 200, 429, 429, 429}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, not %v", got, want)
	}
}

func TestHugeHeader(t *testing.T) {
	t.Parallel()
	h := open(t, Options{AllowPrivate: true})
	c := h.dialFrom("127.9.0.2")
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: h\r\nX: "+strings.Repeat("x", 64<<10))
	c.SetReadDeadline(time.Now().Add(3 * time.Second))
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err == nil && res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%s", res.Status)
	} else if ne, ok := err.(net.Error); ok && ne.Timeout() {
		t.Error("it reads on")
	}
}

// TestHangsUp: who does not wait for the answer is not called any longer.
func TestHangsUp(t *testing.T) {
	t.Parallel()
	h := open(t, Options{AllowPrivate: true})
	came, gone := make(chan struct{}, 1), make(chan time.Time, 1)
	port := target(t, func(c net.Conn) {
		came <- struct{}{}
		_, _ = io.Copy(io.Discard, c)
		gone <- time.Now()
	})
	ctx, cancel := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	asking.Go(func() {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+h.at+vantage.Reach, strings.NewReader(`{"ports":[`+itoa(port)+`]}`))
		if err != nil {
			t.Error(err)
			return
		}
		r.Header.Set(vantage.Header, vantage.Version)
		r.Header.Set("Content-Type", "application/json")
		if res, err := h.client("").Do(r); err == nil {
			res.Body.Close()
		}
	})
	<-came
	left := time.Now()
	cancel()
	asking.Wait()
	if held := (<-gone).Sub(left); held > heldTime/2 {
		t.Errorf("the call was held for %v", held)
	}
}
