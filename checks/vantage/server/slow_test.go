package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"netcheck/checks/vantage"
)

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
