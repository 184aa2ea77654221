package checks

import (
	"context"
	"net"
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

// probeThrough asks a proxy for ways to a host's ports. An open port is one to
// which it gives a way; what else there may be it does not tell apart.
func (c *tcpCheck) probeThrough(ctx context.Context, t *engine.Trace, p *dial.Proxy, host value.Host, done *progress) hostSeen {
	all := c.ports.list().All()
	asked := sampleOf(all, c.Prefer.All(), c.size(t.Env.Ranges, len(all)))
	results := make([]result.Result, len(asked))
	seen := addressSeen{ports: make([]dial.Port, len(asked))}
	notes := make([]note, len(asked))
	errs := make([]error, len(asked))
	report := done.part(len(asked))
	var count atomic.Int64
	room := make(chan struct{}, maxTunnels)
	inTurn(len(asked), func(i int, begun func()) {
		room <- struct{}{}
		defer func() { <-room }()
		begun()
		conn, r, err := tunnel(ctx, t, p, host, asked[i])
		results[i], errs[i] = r, err
		seen.ports[i] = dial.Port{Port: asked[i], State: r.State, Code: r.Failure, RTT: time.Duration(r.RTT)}
		report(int(count.Add(1)), len(asked))
		if conn == nil {
			return
		}
		if !c.Identify || i >= maxIdentified {
			_ = conn.Close()
			return
		}
		who := tcpProbe{tcpCheck: c, t: t, host: host}
		notes[i] = who.identify(engine.Via(ctx, p), conn, peer{port: asked[i], redial: func(ctx context.Context) (net.Conn, error) {
			again, _, err := tunnel(ctx, t, p, host, asked[i])
			if err != nil {
				return nil, err // not a nil *Conn in a net.Conn
			}
			return again, nil
		}}, func() {})
	})
	for i := range errs {
		if errs[i] != nil && seen.err == nil {
			seen.err = errs[i]
		}
		results[i].Note = notes[i].who
	}
	h := hostSeen{addresses: []addressSeen{seen}, results: folded(results)}
	for _, n := range notes {
		if h.warning == "" {
			h.warning = n.warning
		}
	}
	return h
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
		for i < len(out) && (out[i].State != r.State || out[i].Failure != r.Failure || out[i].Note != r.Note) {
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
