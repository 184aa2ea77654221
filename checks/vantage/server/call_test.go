package server

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"netcheck/checks/standin"
	"netcheck/checks/vantage"
	"netcheck/report/result"
)

func TestProof(t *testing.T) {
	t.Parallel()
	h := open(t, Options{AllowPrivate: true})
	key := standin.NewKey()
	port := target(t, standsIn(key))
	begun := time.Now()
	r := h.ask(vantage.Request{Ports: []uint16{port}, Prove: true})
	if took := time.Since(begun); took > heldTime {
		t.Errorf("took %v: what is proven needs no connection to be looked for", took)
	}
	if len(r.Ports) != 1 {
		t.Fatalf("%+v", r)
	}
	p := r.Ports[0]
	if p.State != result.Open || p.Challenge == "" || p.Answer != key.Proof(p.Challenge) {
		t.Errorf("%+v is no proof of the stand-in", p)
	}
	if !p.From.IsValid() || p.Port != port || p.RTT <= 0 {
		t.Errorf("%+v", p)
	}
	if again := h.ask(vantage.Request{Ports: []uint16{port}, Prove: true}).Ports[0]; again.Challenge == p.Challenge {
		t.Error("the same nonce was asked twice")
	}
}

func TestClosed(t *testing.T) {
	h := open(t, Options{AllowPrivate: true})
	r := h.ask(vantage.Request{Ports: []uint16{closed(t)}, Prove: true})
	if p := r.Ports[0]; p.State != result.Closed || p.Challenge != "" || p.Answer != "" {
		t.Errorf("%+v", p)
	}
}

// TestSaysNothing: where no proof is asked for, a service hears not a byte, and
// its connection stays open for as long as it takes to find it.
func TestSaysNothing(t *testing.T) {
	t.Parallel()
	h := open(t, Options{AllowPrivate: true})
	type visit struct {
		from  net.Addr
		heard []byte
		took  time.Duration
	}
	visits := make(chan visit, 1)
	port := target(t, func(c net.Conn) {
		begun := time.Now()
		_, _ = io.WriteString(c, "220 secret.shop.example ESMTP\r\n")
		b, _ := io.ReadAll(c)
		visits <- visit{c.RemoteAddr(), b, time.Since(begun)}
	})
	r := h.ask(vantage.Request{Ports: []uint16{port}})
	v := <-visits
	if len(v.heard) > 0 {
		t.Errorf("the service heard %q", v.heard)
	}
	if v.took < heldTime-50*time.Millisecond || v.took > heldTime+time.Second {
		t.Errorf("held for %v", v.took)
	}
	if p := r.Ports[0]; p.State != result.Open || p.From.String() != v.from.String() || p.Answer != "" {
		t.Errorf("%+v, and who called was %s", p, v.from)
	}
}

// TestEnded: who was called may not keep the connection for as long as it takes
// to find it, which is told.
func TestEnded(t *testing.T) {
	t.Parallel()
	h := open(t, Options{AllowPrivate: true})
	for want, f := range map[vantage.Ending]func(net.Conn){
		vantage.EndedReset: func(c net.Conn) {
			_, _ = io.WriteString(c, "go away")
			_ = c.(*net.TCPConn).SetLinger(0)
		},
		vantage.EndedClosed: func(net.Conn) {},
		"": func(c net.Conn) {
			_, _ = io.WriteString(c, strings.Repeat("welcome ", mostHeard))
			_, _ = io.Copy(io.Discard, c)
		},
	} {
		t.Run(string(want), func(t *testing.T) {
			t.Parallel()
			p := h.ask(vantage.Request{Ports: []uint16{target(t, f)}}).Ports[0]
			if p.State != result.Open || p.Ended != want || want != vantage.EndedReset && (want == "") != (p.Kept == 0) || time.Duration(p.Kept) > heldTime/2 {
				t.Errorf("%+v", p)
			}
		})
	}
}

// TestReturnsNoBanner: of what a service says nothing reaches the caller.
func TestReturnsNoBanner(t *testing.T) {
	t.Parallel()
	h := open(t, Options{AllowPrivate: true})
	for _, says := range []string{
		"220 secret.shop.example ESMTP\r\n",
		"secret without an end",
		strings.Repeat("secret ", 1<<16),
		standin.Answer + " secret\n",
		standin.Answer + " " + strings.Repeat("ab", 32) + " secret\n",
		standin.Answer + " " + strings.Repeat("ab", 31) + "zz\n",
		standin.Answer + "\n",
		"\n" + standin.Answer + " " + strings.Repeat("ab", 32) + "\n",
	} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			port := target(t, func(c net.Conn) {
				_, _ = io.WriteString(c, says)
				_, _ = io.Copy(io.Discard, c)
			})
			_, b := h.post("", `{"ports":[`+itoa(port)+`],"prove":true}`)
			if strings.Contains(string(b), "secret") || strings.Contains(string(b), `"answer"`) || !strings.Contains(string(b), `"open"`) {
				t.Errorf("%.40q: %s", says, b)
			}
		})
	}
}

// TestHostileTargets: whatever who is called does, the answer comes in time.
func TestHostileTargets(t *testing.T) {
	t.Parallel()
	h := open(t, Options{AllowPrivate: true})
	for name, f := range map[string]func(net.Conn){
		"silent": func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
		"drip": func(c net.Conn) {
			for {
				if _, err := io.WriteString(c, "n"); err != nil {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
		},
		"endless": func(c net.Conn) {
			b := make([]byte, 1<<16)
			for {
				if _, err := c.Write(b); err != nil {
					return
				}
			}
		},
		"hangs up": func(net.Conn) {},
		"resets":   func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) },
		"replays": func(c net.Conn) {
			_, _ = io.WriteString(c, standin.NewKey().Reply(standin.NewNonce()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := target(t, f)
			begun := time.Now()
			r := h.ask(vantage.Request{Ports: []uint16{port}, Prove: true, Path: true})
			if took := time.Since(begun); took > 4*time.Second {
				t.Errorf("it took %v", took)
			}
			if p := r.Ports[0]; p.State != result.Open || p.Answer != "" && name != "replays" {
				t.Errorf("%+v", p)
			}
		})
	}
}

// TestNeverAccepts: a port whose queue is full is as silent as one behind a
// firewall.
func TestNeverAccepts(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	h := open(t, Options{AllowPrivate: true})
	begun := time.Now()
	r := h.ask(vantage.Request{Ports: []uint16{portOf(l.Addr())}, Prove: true})
	if took := time.Since(begun); took > proofTime+time.Second {
		t.Errorf("it took %v", took)
	}
	if p := r.Ports[0]; p.State != result.Open || p.Answer != "" { // the system has accepted
		t.Errorf("%+v", p)
	}
}

// TestReplayed: an answer to another nonce is handed on, and proves nothing.
func TestReplayed(t *testing.T) {
	t.Parallel()
	h := open(t, Options{AllowPrivate: true})
	key := standin.NewKey()
	old := key.Reply(standin.NewNonce())
	port := target(t, func(c net.Conn) {
		_, _ = io.WriteString(c, old)
		_, _ = io.Copy(io.Discard, c)
	})
	p := h.ask(vantage.Request{Ports: []uint16{port}, Prove: true}).Ports[0]
	if p.Answer == "" || p.Answer == key.Proof(p.Challenge) {
		t.Errorf("%+v", p)
	}
}

// TestPath: where nothing proves itself, the way is looked at, and that of a
// port nobody knows of.
func TestPath(t *testing.T) {
	t.Parallel()
	h := open(t, Options{AllowPrivate: true})
	key := standin.NewKey()
	proven, shut, service := target(t, standsIn(key)), closed(t), target(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	r := h.ask(vantage.Request{Ports: []uint16{proven, shut, service}, Prove: true, Path: true})
	if p := r.Ports[0]; p.Answer == "" || p.Hops != nil || p.Control != nil {
		t.Errorf("what is proven needs no more: %+v", p)
	}
	for i, want := range map[int]result.State{1: result.Closed, 2: result.Open} {
		p := r.Ports[i]
		if len(p.Hops) != 1 || p.Hops[0].TTL != 1 || p.Hops[0].State != want {
			t.Errorf("the way to port %d: %+v", p.Port, p.Hops)
		}
		if k := p.Control; k == nil || k.State != result.Closed || k.Port < lowest || len(k.Hops) != 1 {
			t.Errorf("the control of port %d: %+v", p.Port, k)
		}
	}
}

// TestLooks: so many calls at once that the routers on the way could not answer
// for each are looked at no more than they can: of the others nothing is said.
func TestLooks(t *testing.T) {
	t.Parallel()
	h := open(t, Options{AllowPrivate: true})
	port := closed(t)
	replies := make([]vantage.Port, 10)
	var asking sync.WaitGroup
	for i := range replies {
		asking.Go(func() { replies[i] = h.ask(vantage.Request{Ports: []uint16{port}, Path: true}).Ports[0] })
	}
	asking.Wait()
	looked := 0
	for _, p := range replies {
		if p.State != result.Closed {
			t.Errorf("%+v", p)
		}
		if p.Hops != nil {
			looked++
		}
		if p.Control != nil {
			looked++
		}
	}
	if looked < looksBurst || looked > looksBurst+4 {
		t.Errorf("%d sweeps", looked)
	}
}
