package dial

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"testing"
	"time"

	"netcheck/internal/lab"
	"netcheck/report/result"
)

// TestLab runs against real firewalls, routers and losses, in namespaces of
// its own; what it tests there has no rights, as a technician has none.
// NETCHECK_LAB=require makes it fail where it can't run.
func TestLab(t *testing.T) {
	if os.Getenv("DIAL_LAB") != "" {
		inLab(t)
		return
	}
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	if err := lab.Missing(exec.LookPath); err != nil {
		unavailable(t, err)
	}
	probe := exec.CommandContext(t.Context(), "true")
	lab.Isolate(probe)
	if err := probe.Run(); err != nil {
		unavailable(t, fmt.Errorf("namespaces: %w", err))
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLab$", "-test.timeout=8m")
	cmd.Env = append(os.Environ(), "DIAL_LAB=1")
	lab.Isolate(cmd)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// attempt is one try of a case.
type attempt struct {
	*testing.T
	wrong []string
}

// Errorf keeps what is wrong until it is known whether it stays so.
func (a *attempt) Errorf(format string, args ...any) {
	a.wrong = append(a.wrong, fmt.Sprintf(format, args...))
}

// try makes up to three attempts at a case, until nothing is wrong with one: it
// looks at times and at losses, and a machine that runs other tests beside it
// adds some of both.
func try(t *testing.T, look func(a *attempt)) {
	t.Helper()
	a := &attempt{T: t}
	for range 3 {
		a.wrong = nil
		if look(a); len(a.wrong) == 0 {
			return
		}
	}
	for _, w := range a.wrong {
		t.Error(w)
	}
}

func unavailable(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("NETCHECK_LAB") == "require" {
		t.Fatal("no lab here: ", err)
	}
	t.Skip("no lab here: ", err)
}

// question is what a test in the lab has its unprivileged child ask.
type question struct {
	Op      string
	Addr    netip.Addr
	Port    uint16
	Known   string // an address whose round trip is to be known before
	Timeout time.Duration
	UDP     bool
	TTL     int
	Segment int
}

// reply is what it found.
type reply struct {
	Ports    []Port
	Op       string
	Code     result.Failure
	Evidence result.Evidence
	Took     time.Duration
	Hops     []result.Hop
	TTL      int
	State    result.State
}

func answerQuestion() int {
	var q question
	if err := json.NewDecoder(os.Stdin).Decode(&q); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	n := New(Options{Rate: DefaultRate, HalfOpen: DefaultHalfOpen, Timeout: q.Timeout})
	ctx := context.Background()
	if q.Known != "" {
		c, err := n.Connect(ctx, netip.AddrPortFrom(netip.MustParseAddr(q.Known), 9000))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		c.Close()
	}
	start := time.Now()
	r, err := q.ask(ctx, n)
	r.Took = time.Since(start)
	if e, ok := errors.AsType[*Error](err); ok {
		r.Op, r.Code, r.Evidence = e.Op, e.Code, e.Evidence
	} else if err != nil {
		r.Code = result.FailOther
	}
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		return 1
	}
	return 0
}

func (q question) ask(ctx context.Context, n *Network) (r reply, err error) {
	to := netip.AddrPortFrom(q.Addr, q.Port)
	switch q.Op {
	case "connect":
		c, err := n.Connect(ctx, to)
		if err == nil {
			c.Close()
		}
		return r, err
	case "datagram":
		d, err := n.Datagram(ctx, to)
		if err != nil {
			return r, err
		}
		defer d.Close()
		d.SetDeadline(time.Now().Add(q.Timeout))
		if _, err := d.Write([]byte("hello")); err != nil {
			return r, err
		}
		_, err = d.Read(make([]byte, 16))
		return r, err
	}
	if q.Op == "scan" {
		r.Ports, err = n.Scan(ctx, q.Addr, ports(9000, 9999), ScanOptions{})
		return r, err
	}
	return q.askSweep(ctx, n)
}

// put has the question asked by a process in the client's namespace.
func put(t testing.TB, p *lab.Path, q question) reply {
	t.Helper()
	return putFrom(t, p.Client, q)
}

func putFrom(t testing.TB, from *lab.Space, q question) reply {
	t.Helper()
	in, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "DIAL_TEST_CHILD=question")
	cmd.Stdin = bytes.NewReader(in)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	lab.Unprivileged(cmd)
	err = from.Do(cmd.Start)
	if err == nil {
		err = cmd.Wait() // outside: others may start meanwhile
	}
	if err != nil {
		t.Fatalf("%v: %s", err, errs.Bytes())
	}
	var r reply
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func inLab(t *testing.T) {
	t.Run("way", func(t *testing.T) {
		w := newWay(t)
		t.Run("sweep", func(t *testing.T) { labSweep(t, w) })
		t.Run("sweep, routers that seldom answer", func(t *testing.T) { labReluctant(t, w) })
		t.Run("answer", func(t *testing.T) { labAnswerTTL(t, w) })
		t.Run("departure", func(t *testing.T) { labDeparture(t, w) })
		t.Run("packets", func(t *testing.T) { labConnectWith(t, w) })
	})
	p, err := lab.NewPath()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	t.Run("evidence", func(t *testing.T) { labEvidence(t, p) })
	t.Run("scan", func(t *testing.T) { labScan(t, p) })
}

// labEvidence makes each failure that needs a network, and looks at what the
// system tells of it.
func labEvidence(t *testing.T, p *lab.Path) {
	if err := p.Client.Run(`ip route add blackhole 198.51.100.1
		ip route add prohibit 198.51.100.2
		ip route add unreachable 198.51.100.3
		ip route add throw 198.51.100.4`); err != nil {
		t.Fatal(err)
	}
	// a loop: the server sends back what it gets for there
	if err := errors.Join(p.Router.Run("ip route add 198.51.101.0/24 via "+lab.Open), p.Server.Set("ipv4/ip_forward", 1)); err != nil {
		t.Fatal(err)
	}
	if err := p.Client.Rules(`table inet client {
		chain output {
			type filter hook output priority 0;
			ip daddr 198.51.100.9 udp dport 9 drop
			ip daddr 198.51.100.9 tcp dport 9 reject with icmp host-prohibited
		}
	}`); err != nil {
		t.Fatal(err)
	}
	if err := p.Suffer(lab.Fault{}); err != nil {
		t.Fatal(err)
	}
	const router, own = "10.77.2.1", "10.77.2.2"
	for _, c := range []struct {
		name, op, addr string
		port           uint16
		want           result.Failure
		errno          string
		from, icmp     string // of the ICMP error, if there is one
	}{
		{"open", "connect", lab.Open, 9000, "", "", "", ""},
		{"closed", "connect", lab.Closed, 9000, result.FailRefused, "ECONNREFUSED", "", ""},
		{"rejected", "connect", lab.Rejected, 9000, result.FailProhibited, "EHOSTUNREACH", router, "admin-prohibited"},
		{"rejected, v6", "connect", lab.Rejected6, 9000, result.FailProhibited, "EACCES", lab.Router6, "admin-prohibited"},
		{"open, v6", "connect", lab.Open6, 9000, "", "", "", ""},
		{"dropped", "connect", lab.Dropped, 9000, result.FailConnectTimeout, "", "", ""},
		{"no host there", "connect", lab.Nobody, 9000, result.FailHostUnreachable, "EHOSTUNREACH", router, "host-unreachable"},
		{"no host on the own subnet", "connect", "10.77.2.99", 9000, result.FailHostUnreachable, "EHOSTUNREACH", own, "host-unreachable"},
		{"a routing loop", "connect", "198.51.101.1", 9000, result.FailTTLExceeded, "EHOSTUNREACH", "", "ttl-exceeded"},
		{"blackhole route", "connect", "198.51.100.1", 9000, result.FailNoRoute, "EINVAL", "", ""},
		{"prohibit route", "connect", "198.51.100.2", 9000, result.FailPermission, "EACCES", "", ""},
		{"unreachable route", "connect", "198.51.100.3", 9000, result.FailNoRoute, "EHOSTUNREACH", "", ""},
		{"no route", "connect", "198.51.100.4", 9000, result.FailNoRoute, "ENETUNREACH", "", ""},
		{"own firewall rejects", "connect", "198.51.100.9", 9, result.FailProhibited, "EHOSTUNREACH", own, "host-prohibited"},
		{"datagram, closed", "datagram", lab.Closed, 9000, result.FailRefused, "ECONNREFUSED", lab.Closed, "port-unreachable"},
		{"datagram, rejected", "datagram", lab.Rejected, 9000, result.FailProhibited, "EHOSTUNREACH", router, "admin-prohibited"},
		{"datagram, rejected, v6", "datagram", lab.Rejected6, 9000, result.FailProhibited, "EACCES", lab.Router6, "admin-prohibited"},
		{"datagram, dropped", "datagram", lab.Dropped, 9000, result.FailTimeout, "", "", ""},
		{"datagram, no host there", "datagram", lab.Nobody, 9000, result.FailHostUnreachable, "EHOSTUNREACH", router, "host-unreachable"},
		{"datagram, own firewall drops", "datagram", "198.51.100.9", 9, result.FailPermission, "EPERM", "", ""},
		{"datagram, no route", "datagram", "198.51.100.4", 9, result.FailNoRoute, "ENETUNREACH", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			q := question{Op: c.op, Addr: netip.MustParseAddr(c.addr), Port: c.port, Timeout: 5 * time.Second}
			if c.icmp == "" {
				q.Timeout = 1500 * time.Millisecond
			}
			try(t, func(t *attempt) {
				r := put(t, p, q)
				if r.Code != c.want || r.Evidence.Errno != c.errno {
					t.Errorf("%s, %s, want %s, %s", r.Code, r.Evidence.Errno, c.want, c.errno)
				}
				switch m := r.Evidence.ICMP; {
				case c.icmp == "" && m != nil:
					t.Errorf("an ICMP error that nobody sent: %+v", m)
				case c.icmp != "" && m == nil:
					t.Errorf("no ICMP error, want %s from %s", c.icmp, c.from)
				case m != nil && (m.Name != c.icmp || c.from != "" && m.From != c.from || m.TTL == 0 && m.From != own):
					t.Errorf("ICMP error %+v, want %s from %s", m, c.icmp, c.from)
				}
			})
		})
	}
}

func labScan(t *testing.T, p *lab.Path) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name      string
		addr      string
		is        truth
		fault     lab.Fault
		known     string
		reluctant bool
		code      result.Failure // of all ports; "": as it comes
		within    time.Duration
	}{
		{name: "open", addr: lab.Open, is: all(result.Open), within: time.Second},
		{name: "closed", addr: lab.Closed, is: all(result.Closed), within: time.Second},
		{name: "rejected", addr: lab.Rejected, is: all(result.Rejected), within: time.Second},
		{name: "dropped, round trip known", addr: lab.Dropped, is: all(result.Filtered), known: lab.Open, within: 2 * time.Second},
		{name: "mixed", addr: lab.Mixed, is: halves(result.Filtered), within: 2 * time.Second},
		{name: "rejected, seldom", addr: lab.Rejected, is: all(result.Rejected), reluctant: true, within: 12 * time.Second},
		{name: "mixed, 5 % loss", addr: lab.Mixed, is: halves(result.Filtered), fault: lab.Fault{Loss: .05}, within: 4 * time.Second},
		{name: "mixed, a round trip above the gap", addr: lab.Mixed, is: halves(result.Filtered), fault: lab.Fault{Delay: 100 * ms}, within: 6 * time.Second},
		{name: "mixed, all lost at times", addr: lab.Mixed, is: halves(result.Filtered), fault: lab.Fault{Every: 900 * ms, Gap: 300 * ms}, within: 15 * time.Second},
		{name: "no host on the own subnet", addr: "10.77.2.99", is: all(result.Filtered), known: lab.Open, code: result.FailHostUnreachable, within: 5 * time.Second},
		{name: "no host there", addr: lab.Nobody, is: all(result.Rejected), within: 20 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := errors.Join(p.Suffer(c.fault), p.Reluctant(c.reluctant)); err != nil {
				t.Fatal(err)
			}
			try(t, func(t *attempt) {
				r := put(t, p, question{Op: "scan", Addr: netip.MustParseAddr(c.addr), Known: c.known, Timeout: 5 * time.Second})
				if r.Code != "" {
					t.Errorf("the scan failed: %s", r.Code)
					return
				}
				expect(t, r.Ports, c.is)
				for _, port := range r.Ports {
					if port.State == result.Rejected && port.Evidence.ICMP == nil {
						t.Errorf("port %d is rejected without evidence", port.Port)
						break
					}
					if c.code != "" && port.Code != c.code {
						t.Errorf("port %d: %s, want %s", port.Port, port.Code, c.code)
						break
					}
				}
				if r.Took > c.within {
					t.Errorf("took %v, want at most %v", r.Took, c.within)
				}
			})
		})
	}
}
