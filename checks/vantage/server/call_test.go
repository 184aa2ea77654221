package server

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"netcheck/checks/standin"
	"netcheck/checks/vantage"
	"netcheck/report/result"
)

func TestProof(t *testing.T) {
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

// TestReturnsNoBanner: of what a service says nothing reaches the caller.
func TestReturnsNoBanner(t *testing.T) {
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
		port := target(t, func(c net.Conn) {
			_, _ = io.WriteString(c, says)
			_, _ = io.Copy(io.Discard, c)
		})
		_, b := h.post("", `{"ports":[`+itoa(port)+`],"prove":true}`)
		if strings.Contains(string(b), "secret") || strings.Contains(string(b), `"answer"`) || !strings.Contains(string(b), `"open"`) {
			t.Errorf("%.40q: %s", says, b)
		}
	}
}
