package server

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"strconv"
	"sync"
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

// TestShare: one address that asks for many long calls at once has its own wait
// for each other, and nobody else's.
func TestShare(t *testing.T) {
	t.Parallel()
	h := open(t, Options{AllowPrivate: true, Concurrency: 3})
	came := make(chan struct{}, 8)
	port := target(t, func(c net.Conn) {
		came <- struct{}{}
		_, _ = io.Copy(io.Discard, c) // for as long as it is held
	})
	var many sync.WaitGroup
	for range 3 {
		many.Go(func() {
			if res, b := h.post("", `{"ports":[`+itoa(port)+`]}`); res.StatusCode != http.StatusOK {
				t.Errorf("one of its own: %s: %s", res.Status, b)
			}
		})
	}
	<-came
	begun := time.Now()
	if res, b := h.post("127.3.1.2", `{"ports":[`+itoa(closed(t))+`]}`); res.StatusCode != http.StatusOK {
		t.Errorf("somebody else: %s: %s", res.Status, b)
	}
	if took := time.Since(begun); took > heldTime {
		t.Errorf("somebody else waited %v", took)
	}
	many.Wait()
	if n := len(h.shares.each); n > 0 {
		t.Errorf("%d addresses are remembered that ask no more", n)
	}
}
