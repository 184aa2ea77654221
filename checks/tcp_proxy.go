package checks

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// maxTunnels is how many tunnels to a host are asked for at once: each takes
// one of a proxy's, which others need as well.
const maxTunnels = 16

// fewTunnels is up to how many the steps of each are recorded: of a range those
// of the first tell what there is to tell of the proxy.
const fewTunnels = 8

// probeThrough asks a proxy for ways to a host's ports. An open port is one to
// which it gives a way; what else there may be it does not tell apart.
func (c *tcpCheck) probeThrough(ctx context.Context, t *engine.Trace, p *dial.Proxy, host value.Host, done *progress) hostSeen {
	all := c.ports.list().All()
	through := &tunnels{
		tcpCheck: c, t: t, p: p, host: host,
		asked: sampleOf(all, c.Prefer.All(), c.size(t.Env.Ranges, len(all))),
	}
	n := len(through.asked)
	through.seen.ports = make([]dial.Port, n)
	through.results, through.notes, through.errs = make([]result.Result, n), make([]note, n), make([]error, n)
	through.progress = done.part(n)
	engine.Parallel(2, func(i int) {
		switch {
		case i == 1:
			takesAll(ctx, t, p, through.asked[0]) // whose answer is kept
		case n <= fewTunnels:
			through.all(ctx, t)
			through.seen.err = cmp.Or(through.errs...)
		default:
			through.seen.err = through.scan(ctx)
		}
	})
	for i := range through.notes {
		through.results[i].Note = through.notes[i].who
	}
	if i := slices.IndexFunc(through.seen.ports, isOpen); i >= 0 && takesAll(ctx, t, p, through.asked[i]) {
		through.doubt()
	}
	h := hostSeen{addresses: []addressSeen{through.seen}, results: folded(through.results)}
	for _, n := range through.notes {
		if h.warning == "" {
			h.warning = n.warning
		}
	}
	return h
}

// doubt is that of ports that a proxy takes without looking: whoever was told
// apart by its words is none of them.
func (u *tunnels) doubt() {
	for i := range u.seen.ports {
		if p := &u.seen.ports[i]; isOpen(*p) && (u.notes[i].who == "" || u.notes[i].who == "silent") {
			p.State, u.results[i].State = result.Unknown, result.Unknown
			u.results[i].Note = takesAllNote
		}
	}
}

// tunnels are those that a proxy is asked for to one host.
type tunnels struct {
	*tcpCheck
	t        *engine.Trace
	p        *dial.Proxy
	host     value.Host
	asked    []uint16
	seen     addressSeen
	results  []result.Result
	notes    []note
	errs     []error
	progress func(done, total int)
	done     atomic.Int64
	silent   atomic.Int64 // ports for which the proxy said nothing in time
	spoke    atomic.Bool  // it said something for one
}

// scan asks for more than a reader cares to see the steps of.
func (u *tunnels) scan(ctx context.Context) error {
	return u.t.Span(engine.Via(ctx, u.p), result.OpScan, func(ctx context.Context, s *engine.Step) error {
		s.Set("server.address", string(u.host))
		s.Set("ports", u.ports.list().String())
		u.all(ctx, engine.NewTrace(u.t.Env, time.Now()))
		s.Set("asked", len(u.asked))
		s.Set("seen", count(u.seen.ports))
		if u.judgeAddress(u.seen).met == yes {
			return nil
		}
		return engine.Failed(dominant(u.seen.ports), fmt.Errorf("of ports %s: %s", u.ports.list(), count(u.seen.ports)))
	})
}

// all asks for every one, and has the steps of all but the first in rest.
func (u *tunnels) all(ctx context.Context, rest *engine.Trace) {
	room := make(chan struct{}, maxTunnels)
	inTurn(len(u.asked), func(i int, begun func()) {
		room <- struct{}{}
		defer func() { <-room }()
		begun()
		t := rest
		if i == 0 {
			t = u.t
		}
		if u.spoke.Load() || u.silent.Load() < maxTunnels {
			u.one(ctx, t, i)
		} else { // it would be as silent for the rest, for hours
			u.inferred(i)
		}
		u.progress(int(u.done.Add(1)), len(u.asked))
	})
}

// inferred takes a port as the silent ones before it.
func (u *tunnels) inferred(i int) {
	port := u.asked[i]
	u.results[i] = result.Result{
		Host: string(u.host), Via: u.p.String(), Proto: "tcp", Ports: strconv.Itoa(int(port)),
		State: result.Unknown, Failure: result.FailTimeout, Inferred: true,
	}
	u.seen.ports[i] = dial.Port{Port: port, State: result.Unknown, Code: result.FailTimeout, Inferred: true}
}

// one asks for a way to a port, and finds out who answers if that is wanted.
func (u *tunnels) one(ctx context.Context, t *engine.Trace, i int) {
	port := u.asked[i]
	conn, r, err := tunnel(ctx, t, u.p, u.host, port)
	u.results[i], u.errs[i] = r, err
	u.seen.ports[i] = dial.Port{Port: port, State: r.State, Code: r.Failure, RTT: time.Duration(r.RTT)}
	if r.Failure == result.FailTimeout || r.Failure == result.FailConnectTimeout {
		u.silent.Add(1)
	} else {
		u.spoke.Store(true)
	}
	if conn == nil {
		return
	}
	if !u.Identify || i >= maxIdentified {
		_ = conn.Close()
		return
	}
	who := tcpProbe{tcpCheck: u.tcpCheck, t: u.t, host: u.host}
	again := func(ctx context.Context) (net.Conn, error) {
		c, _, err := tunnel(ctx, t, u.p, u.host, port)
		if err != nil {
			return nil, err // not a nil *Conn in a net.Conn
		}
		return c, nil
	}
	u.notes[i] = who.identify(engine.Via(ctx, u.p), conn, peer{port: port, redial: again}, func() {})
}

// folded makes one result of neighbouring ports that showed the same.
func folded(rs []result.Result) []result.Result {
	var out []result.Result
	var members [][]uint16
	for _, r := range rs {
		ports, err := value.ParsePorts(r.Ports)
		if err != nil {
			continue
		}
		i := 0
		for i < len(out) && (out[i].State != r.State || out[i].Inferred != r.Inferred || out[i].Failure != r.Failure || out[i].Note != r.Note) {
			i++
		}
		if i == len(out) {
			out, members = append(out, r), append(members, nil)
		}
		members[i] = append(members[i], ports.All()...)
	}
	for i := range out {
		out[i].Ports = portList(members[i])
	}
	return out
}
