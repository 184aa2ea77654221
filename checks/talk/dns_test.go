package talk_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"netcheck/checks/checktest"
	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// server is where a world's port is.
func server(t *testing.T, w *checktest.World, variable string) netip.AddrPort {
	t.Helper()
	return netip.MustParseAddrPort("127.0.0.1:" + w.Expand(variable))
}

func network() *dial.Network { return dial.New(dial.Options{}) }

func TestQueryRecords(t *testing.T) {
	w := checktest.NewWorld(t)
	w.Build(`
		dns $dns
		record $dns "shop.test. 60 A 192.0.2.1"
		record $dns "shop.test. 60 AAAA 2001:db8::1"
		record $dns "mapped.test. AAAA ::ffff:192.0.2.1"
		record $dns "alias.test. CNAME Shop.Test."
		record $dns "shop.test. MX 10 Mail.shop.test."
		record $dns "_sip._tcp.shop.test. SRV 1 2 5060 sip.shop.test."
		record $dns "shop.test. NS ns.shop.test."
		record $dns "shop.test. TXT \"one \" \"two; caf\\195\\169 \\\"q\\\"\""
		record $dns "shop.test. CAA 0 issue \"ca.test\""
		record $dns "1.2.0.192.in-addr.arpa. PTR shop.test."
	`)
	for _, c := range []struct {
		name, rtype string
		want        []string
	}{
		{"shop.test", "A", []string{"192.0.2.1"}},
		{"shop.test.", "AAAA", []string{"2001:db8::1"}},
		{"SHOP.test", "A", []string{"192.0.2.1"}},
		{"mapped.test", "AAAA", []string{"::ffff:192.0.2.1"}},
		{"alias.test", "A", []string{"192.0.2.1"}},
		{"alias.test", "CNAME", []string{"Shop.Test"}},
		{"shop.test", "MX", []string{"10 Mail.shop.test"}},
		{"_sip._tcp.shop.test", "SRV", []string{"1 2 5060 sip.shop.test"}},
		{"shop.test", "NS", []string{"ns.shop.test"}},
		{"shop.test", "TXT", []string{`one two; café "q"`}},
		{"shop.test", "CAA", []string{`0 issue "ca.test"`}},
		{talk.ReverseName(netip.MustParseAddr("192.0.2.1")), "PTR", []string{"shop.test"}},
	} {
		t.Run(c.name+" "+c.rtype, func(t *testing.T) {
			qtype, ok := talk.QueryType(c.rtype)
			if !ok {
				t.Fatal("no such type")
			}
			a, err := talk.Query(t.Context(), network(), server(t, w, "$dns"), c.name, qtype, talk.QueryOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, a.Values(c.rtype)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestQueryFailures(t *testing.T) {
	for _, c := range []struct {
		name, world string
		options     talk.QueryOptions
		want        result.Failure
		answered    bool
	}{
		{"no such name", "dns $dns", talk.QueryOptions{}, result.FailNXDomain, true},
		{"no such name, by TCP", "dns $dns", talk.QueryOptions{TCP: true}, result.FailNXDomain, true},
		{"no such type", "dns $dns\nrecord $dns \"shop.test. TXT here\"", talk.QueryOptions{}, result.FailNoData, true},
		{"servfail", "dns $dns\nrcode $dns * SERVFAIL", talk.QueryOptions{}, result.FailServFail, true},
		{"refused", "dns $dns\nrcode $dns * REFUSED", talk.QueryOptions{}, result.FailDNSRefused, true},
		{"another rcode", "dns $dns\nrcode $dns * NOTAUTH", talk.QueryOptions{}, result.FailRCode, true},
		{"silence", "udp-silent $dns", talk.QueryOptions{}, result.FailDNSTimeout, false},
		{"nobody", "udp-closed $dns", talk.QueryOptions{}, result.FailRefused, false},
		{"an echo", "udp-echo $dns", talk.QueryOptions{}, result.FailDNSFormat, false},
		{"nonsense", "udp-reply $dns hex:00", talk.QueryOptions{}, result.FailDNSFormat, false},
		{"nobody, by TCP", "refuse $dns", talk.QueryOptions{TCP: true}, result.FailRefused, false},
		{"silence, by TCP", "silent $dns", talk.QueryOptions{TCP: true}, result.FailDNSTimeout, false},
		{"closed, by TCP", "hang-up $dns", talk.QueryOptions{TCP: true}, result.FailEOF, false},
		{"reset, by TCP", "hang-up $dns reset", talk.QueryOptions{TCP: true}, result.FailReset, false},
		{"an echo, by TCP", "echo $dns", talk.QueryOptions{TCP: true}, result.FailDNSFormat, false},
		{"another protocol, by TCP", "greet $dns \"220 ready\"", talk.QueryOptions{TCP: true}, result.FailDNSTimeout, false},
		{"truncated, TCP dead", "dns $dns\ndns-mode $dns truncate tcp-dead", talk.QueryOptions{}, result.FailDNSTCP, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := checktest.NewWorld(t)
			w.Build(c.world)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			a, err := talk.Query(ctx, network(), server(t, w, "$dns"), "shop.test", dns.TypeA, c.options)
			e, ok := errors.AsType[*talk.DNSError](err)
			if !ok || e.Code != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if (a != nil) != c.answered {
				t.Errorf("answer: %+v", a)
			}
		})
	}
}

func TestQueryNoName(t *testing.T) {
	for _, name := range []string{"", strings.Repeat("a", 64) + ".test", strings.Repeat("a.", 200) + "test"} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err := talk.Query(ctx, network(), netip.MustParseAddrPort("127.0.0.1:9"), name, dns.TypeA, talk.QueryOptions{})
		cancel()
		if err == nil {
			t.Errorf("%q was asked for", name)
		}
	}
}

func TestQueryStops(t *testing.T) {
	for _, proto := range []string{"udp", "tcp"} {
		t.Run(proto, func(t *testing.T) {
			w := checktest.NewWorld(t)
			w.Build(map[string]string{"udp": "udp-silent $dns", "tcp": "silent $dns"}[proto])
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(30*time.Millisecond, cancel)
			start := time.Now()
			_, err := talk.Query(ctx, network(), server(t, w, "$dns"), "shop.test", dns.TypeA, talk.QueryOptions{TCP: proto == "tcp"})
			if e, ok := errors.AsType[*talk.DNSError](err); !ok || e.Code != result.FailCanceled {
				t.Errorf("got %v", err)
			}
			if took := time.Since(start); took > 130*time.Millisecond {
				t.Errorf("went on for %v", took)
			}
		})
	}
}

// counter is a DNS server that notes from which ports it was asked.
type counter struct {
	mu    sync.Mutex
	ports map[string]int
	deaf  int // answers only so many questions of a port; 0: all
}

func (c *counter) serve(t *testing.T) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.ports = make(map[string]int)
	s := &dns.Server{PacketConn: conn, Handler: c}
	done := make(chan struct{})
	go func() { _ = s.ActivateAndServe(); close(done) }()
	t.Cleanup(func() { conn.Close(); <-done })
	return netip.MustParseAddrPort(conn.LocalAddr().String())
}

func (c *counter) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	c.mu.Lock()
	c.ports[w.RemoteAddr().String()]++
	n := c.ports[w.RemoteAddr().String()]
	c.mu.Unlock()
	if c.deaf > 0 && n > c.deaf {
		return
	}
	m := new(dns.Msg).SetReply(q)
	rr, _ := dns.NewRR(q.Question[0].Name + " A 192.0.2.1")
	m.Answer = append(m.Answer, rr)
	_ = w.WriteMsg(m)
}

func TestAskerSharesSockets(t *testing.T) {
	c := &counter{}
	at := c.serve(t)
	asker := talk.NewAsker(network())
	const names = 300
	var wg sync.WaitGroup
	for i := range names {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			answers, errs := asker.Query(ctx, at, fmt.Sprintf("n%d.test", i), []uint16{dns.TypeA, dns.TypeAAAA}, engine.Parallel)
			if errs[0] != nil || len(answers[0].Addrs()) != 1 || answers[0].Records[0].Name != fmt.Sprintf("n%d.test", i) {
				t.Errorf("n%d: %v %v", i, answers[0], errs[0])
			}
			if engine.Classify(errs[1]) != result.FailNoData {
				t.Errorf("n%d AAAA: %v", i, errs[1])
			}
		})
	}
	wg.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.ports) > names {
		t.Errorf("%d questions came from %d ports", 2*names, len(c.ports))
	}
}

// Some firewalls forget a port once one answer has passed.
func TestAskerThroughOneAnswerFirewall(t *testing.T) {
	c := &counter{deaf: 1}
	at := c.serve(t)
	asker := talk.NewAsker(network())
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	answers, errs := asker.Query(ctx, at, "shop.test", []uint16{dns.TypeA, dns.TypeA, dns.TypeA}, engine.Parallel)
	tries := 0
	for i, a := range answers {
		if errs[i] != nil || len(a.Addrs()) != 1 {
			t.Fatalf("question %d: %v", i, errs[i])
		}
		tries += a.Tries
	}
	if tries != 1+2+2 {
		t.Errorf("%d datagrams, want 5", tries)
	}
}

func TestAskerFailures(t *testing.T) {
	for _, c := range []struct {
		name, world string
		want        result.Failure
	}{
		{"nobody", "udp-closed $dns", result.FailRefused},
		{"silence", "udp-silent $dns", result.FailDNSTimeout},
		{"nonsense", "udp-reply $dns nonsense", result.FailDNSFormat},
		{"an echo", "udp-echo $dns", result.FailDNSFormat},
		{"no such name", "dns $dns", result.FailNXDomain},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := checktest.NewWorld(t)
			w.Build(c.world)
			asker := talk.NewAsker(network())
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			_, errs := asker.Query(ctx, server(t, w, "$dns"), "shop.test", []uint16{dns.TypeA, dns.TypeAAAA}, engine.Parallel)
			for _, err := range errs {
				if got := engine.Classify(err); got != c.want {
					t.Errorf("got %v (%s), want %s", err, got, c.want)
				}
			}
		})
	}
}

func TestAskerStops(t *testing.T) {
	w := checktest.NewWorld(t)
	w.Build("udp-silent $dns")
	asker := talk.NewAsker(network())
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(30*time.Millisecond, cancel)
	start := time.Now()
	_, errs := asker.Query(ctx, server(t, w, "$dns"), "shop.test", []uint16{dns.TypeA}, engine.Parallel)
	if engine.Classify(errs[0]) != result.FailCanceled || time.Since(start) > 130*time.Millisecond {
		t.Errorf("got %v after %v", errs[0], time.Since(start))
	}
}
