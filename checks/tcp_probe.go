package checks

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// hostSeen is what a host showed.
type hostSeen struct {
	err       error // it has no address
	addresses []addressSeen
	results   []result.Result
	warning   string
	here      *here // the name leads to this machine
}

// addressSeen is what an address showed.
type addressSeen struct {
	address netip.Addr
	near    bool        // no router lies between this machine and it
	heard   bool        // it has answered in this run, on whichever port
	ports   []dial.Port // those asked, ascending
	err     error       // of its step
}

func (c *tcpCheck) probeHost(ctx context.Context, t *engine.Trace, host value.Host, done *progress, begun func()) hostSeen {
	if p := t.Proxy(string(host), c.ports.list().All()[0]); p != nil {
		begun()
		return c.probeThrough(ctx, t, p, host, done)
	}
	addresses, err := resolve(ctx, t, host)
	begun()
	if err != nil {
		return hostSeen{err: err, results: []result.Result{{
			Host: string(host), Proto: "tcp", Ports: c.ports.list().String(), State: result.Unknown, Failure: engine.Classify(err),
		}}}
	}
	seen := hostSeen{addresses: make([]addressSeen, len(addresses)), here: leadsHere(t, host, addresses)}
	notes := make([]notes, len(addresses))
	inTurn(len(addresses), func(i int, begun func()) {
		p := &tcpProbe{tcpCheck: c, t: t, host: host, done: done, begun: begun}
		p.seen.address = addresses[i]
		p.seen.near = c.Expect == expectAllowed && near(ctx, t, addresses[i])
		p.probe(ctx)
		seen.addresses[i], notes[i] = p.seen, p.notes
	})
	for i, a := range seen.addresses {
		name := string(host)
		if _, literal := host.Addr(); literal {
			name = ""
		}
		seen.results = append(seen.results, notes[i].on(fold(name, a.address.String(), a.ports))...)
		if seen.warning == "" {
			seen.warning = notes[i].warning()
		}
	}
	return seen
}

// near tells whether no router lies between this machine and the address.
func near(ctx context.Context, t *engine.Trace, a netip.Addr) bool {
	if a.IsLoopback() {
		return true
	}
	v, _, err := t.Env.Memo.Do(ctx, "machine addresses", func(context.Context) (any, error) { return machine.Addresses() })
	return err == nil && slices.ContainsFunc(v.([]machine.Address), func(m machine.Address) bool {
		return m.Prefix.Masked().Contains(a.WithZone(""))
	})
}

// tcpProbe looks at one address.
type tcpProbe struct {
	*tcpCheck
	t     *engine.Trace
	host  value.Host
	done  *progress
	begun func()
	seen  addressSeen
	notes notes

	lost, answered int // asks without an answer of ports that answered later, and such as did
}

func (p *tcpProbe) probe(ctx context.Context) {
	all := p.ports.list().All()
	standinsOf(ctx, p.t).await(ctx, "tcp", p.seen.address, all)
	if len(all) == 1 {
		p.connect(ctx, all[0])
		return
	}
	p.seen.err = p.t.Span(ctx, result.OpScan, func(ctx context.Context, s *engine.Step) error {
		p.begun()
		s.Set("network.peer.address", p.seen.address.String())
		s.Set("ports", p.ports.list().String())
		first := all[0]
		if prefer := p.Prefer.All(); len(prefer) > 0 {
			first = prefer[0]
		}
		control := p.originOf(ctx, first)
		control.begin()
		err := p.scan(ctx, all)
		control.end(ctx, p.t, openIn(p.seen.ports, first))
		s.Set("asked", len(p.seen.ports))
		s.Set("seen", count(p.seen.ports))
		if p.lost > 0 {
			s.Set("lost", p.lost)
			s.Set("answered", p.answered)
		}
		if err != nil {
			return err
		}
		p.seen.heard = p.t.Network().Answered(p.seen.address)
		if p.judgeAddress(p.seen).met == yes || p.onlySilent() {
			return nil
		}
		if p.Expect == expectClosed && slices.ContainsFunc(p.seen.ports, isOpen) {
			return engine.Failed(result.FailExpectation, fmt.Errorf("of ports %s, expected closed: %s", p.ports.list(), count(p.seen.ports)))
		}
		code := dominant(p.seen.ports)
		if i := slices.IndexFunc(p.seen.ports, func(q dial.Port) bool { return q.Code == code && !q.Inferred }); i >= 0 {
			s.Evidence(p.seen.ports[i].Evidence)
		}
		return engine.Failed(code, fmt.Errorf("of ports %s: %s", p.ports.list(), count(p.seen.ports)))
	})
	if p.Identify {
		p.identifyOpen(ctx)
	}
}

// onlySilent tells whether ports that must be closed said nothing at all, which
// leaves a doubt but is no failure.
func (p *tcpProbe) onlySilent() bool {
	return p.Expect == expectClosed && !slices.ContainsFunc(p.seen.ports, func(q dial.Port) bool {
		return !silent(q) && judgeClosed(q, p.seen.heard).met != yes
	})
}

func isOpen(p dial.Port) bool { return p.State == result.Open }

// connect asks a single port. What is expected is no failure of the step.
func (p *tcpProbe) connect(ctx context.Context, port uint16) {
	to := netip.AddrPortFrom(p.seen.address, port)
	var conn *dial.Conn
	var control *origin
	p.seen.err = p.t.Step(ctx, result.OpConnect, func(ctx context.Context, s *engine.Step) error {
		p.begun()
		control = p.originOf(ctx, port)
		c, r, err := connectIn(ctx, p.t, s, to, control.begin)
		conn = c
		got := dial.Port{Port: port, State: r.State, RTT: time.Duration(r.RTT), Code: r.Failure}
		if r.Evidence != nil {
			got.Evidence = *r.Evidence
		}
		s.Set("seen", string(got.State))
		p.seen.ports = []dial.Port{got}
		p.seen.heard = p.t.Network().Answered(p.seen.address)
		switch met := p.judgeAddress(p.seen).met; {
		case met == yes, p.onlySilent():
			return nil
		case met == no && err == nil:
			return engine.Failed(result.FailExpectation, fmt.Errorf("%s is open", to))
		}
		return err
	})
	if conn == nil {
		control.end(ctx, p.t, false)
		return
	}
	control.end(ctx, p.t, true)
	if p.Identify {
		p.notes = notes{port: p.identify(ctx, conn, p.peer(to), p.begun)}
		return
	}
	_ = conn.Close()
}

// scan asks all ports, or a sample of them.
func (p *tcpProbe) scan(ctx context.Context, all []uint16) error {
	n := p.size(p.t.Env.Ranges, len(all))
	prefer := p.Prefer.All()
	if p.any() && len(prefer) > 0 && p.t.Env.Ranges != engine.RangesFull {
		if err := p.ask(ctx, prefer); err != nil || p.judgeAddress(p.seen).met == yes {
			return err
		}
	}
	if err := p.ask(ctx, sampleOf(all, prefer, n)); err != nil || n >= len(all) {
		return err
	}
	for len(p.seen.ports) < 2*n { // a patchwork has more borders than are worth a vendor's patience
		next := borders(all, p.seen.ports)
		if len(next) == 0 {
			return nil
		}
		if err := p.ask(ctx, next[:min(len(next), 2*n-len(p.seen.ports))]); err != nil {
			return err
		}
	}
	return nil
}

// size is how many of the ports are asked at first.
func (c *tcpCheck) size(r engine.Ranges, all int) int {
	switch {
	case r == engine.RangesFull || c.Sample == 0 && r != engine.RangesQuick:
		return all
	case c.Sample == 0:
		return quickSample
	}
	return c.Sample
}

// ask scans those of the ports that were not asked yet.
func (p *tcpProbe) ask(ctx context.Context, ports []uint16) error {
	ports = slices.DeleteFunc(slices.Clone(ports), func(port uint16) bool {
		return slices.ContainsFunc(p.seen.ports, func(q dial.Port) bool { return q.Port == port })
	})
	if len(ports) == 0 {
		return nil
	}
	got, err := p.t.Network().Scan(ctx, p.seen.address, ports, dial.ScanOptions{
		Progress: p.done.part(len(ports)),
		Lost:     func(lost, answered int) { p.lost, p.answered = p.lost+lost, p.answered+answered },
	})
	p.seen.ports = append(p.seen.ports, got...)
	slices.SortFunc(p.seen.ports, func(a, b dial.Port) int { return int(a.Port) - int(b.Port) })
	return err
}

// progress adds up how far the scans of a check are.
type progress struct {
	report      func(done, total int)
	mu          sync.Mutex
	done, total int
}

func newProgress(report func(done, total int)) *progress { return &progress{report: report} }

// part is the progress of one more scan.
func (p *progress) part(total int) func(done, total int) {
	p.mu.Lock()
	p.total += total
	p.mu.Unlock()
	last := 0
	return func(done, _ int) {
		p.mu.Lock()
		p.done += done - last
		last = done
		d, t := p.done, p.total
		p.mu.Unlock()
		p.report(d, t)
	}
}
