package checks

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

const (
	// scanTakes is enough for a hundred silent ports over a slow line. By UDP
	// closed ones take a second each, since systems say so only so often.
	scanTakes = 2 * time.Minute
	// serviceTakes is for each open port on top of it: nmap tries a few greetings
	// of five seconds.
	serviceTakes = 30 * time.Second
)

// Probe has nmap look at every address of every host.
func (c *nmapCheck) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	scanner, err := c.scanner(ctx, t)
	if err != nil {
		tool, ok := errors.AsType[*talk.ToolError](err)
		if !ok {
			return engine.Outcome{}, err
		}
		return engine.Outcome{Verdict: result.Skip, Reason: result.BecauseTool, Detail: tool.Error()}, nil
	}
	hs := c.hosts.list()
	found := make([][]judged, len(hs))
	shown := make([][]result.Result, len(hs))
	inTurn(len(hs), func(i int, begun func()) {
		found[i], shown[i] = c.probeHost(ctx, t, scanner, hs[i], begun)
	})
	total := combine(slices.Concat(found...), false)
	out := engine.Outcome{Results: slices.Concat(shown...)}
	if err := ctx.Err(); err != nil && total.met != yes {
		return out, err
	}
	if tool, ok := errors.AsType[*talk.ToolError](total.err); ok {
		return engine.Outcome{Verdict: result.Skip, Reason: result.BecauseTool, Detail: tool.Error()}, nil
	}
	if total.met == unknown {
		out.Verdict, out.Detail = result.Inconclusive, total.detail
	}
	return out, total.err
}

// scanner is this machine's nmap, which all checks share.
func (c *nmapCheck) scanner(ctx context.Context, t *engine.Trace) (n *talk.Nmap, err error) {
	err = t.Span(ctx, result.OpInspect, func(ctx context.Context, s *engine.Step) error {
		v, _, err := t.Env.Memo.Do(ctx, talk.NmapMemo, func(ctx context.Context) (any, error) { return talk.FindNmap(ctx) })
		if err != nil {
			return err
		}
		n = v.(*talk.Nmap)
		s.Set("nmap.version", n.Version)
		s.Set("nmap.raw", n.Raw)
		if c.udp() && !n.Raw {
			return talk.ErrNotRaw
		}
		return nil
	})
	return n, err
}

// probeHost judges each port by the address that serves it best.
func (c *nmapCheck) probeHost(ctx context.Context, t *engine.Trace, scanner *talk.Nmap, host value.Host, begun func()) ([]judged, []result.Result) {
	proto := c.Proto
	if proto == "" {
		proto = "tcp"
	}
	addresses, err := resolve(ctx, t, host)
	begun()
	if err != nil {
		return []judged{{met: no, err: err}}, []result.Result{{
			Host: string(host), Proto: proto, Ports: c.ports.list().String(), State: result.Unknown, Failure: engine.Classify(err),
		}}
	}
	name := string(host)
	if _, literal := host.Addr(); literal {
		name = ""
	}
	parts := make([][]judged, len(addresses))
	shown := make([][]result.Result, len(addresses))
	inTurn(len(addresses), func(i int, begun func()) {
		parts[i], shown[i] = c.scan(ctx, t, scanner, addresses[i], begun)
		for j := range shown[i] {
			shown[i][j].Host, shown[i][j].Proto = name, proto
		}
	})
	var byPort []judged
	for p := range c.ports.list().All() {
		var of []judged
		for i := range addresses {
			of = append(of, parts[i][p])
		}
		byPort = append(byPort, combine(of, true))
	}
	return byPort, slices.Concat(shown...)
}

// scan has nmap look at the ports of one address.
func (c *nmapCheck) scan(ctx context.Context, t *engine.Trace, scanner *talk.Nmap, to netip.Addr, begun func()) ([]judged, []result.Result) {
	ports := c.ports.list().All()
	seen := make([]judged, len(ports))
	shown := make([]result.Result, len(ports))
	err := t.Span(ctx, result.OpScan, func(ctx context.Context, s *engine.Step) error {
		begun()
		s.Set("network.peer.address", to.String())
		s.Set("ports", portList(slices.Sorted(slices.Values(ports))))
		limit := scanTakes
		q := talk.NmapQuestion{Host: to, Service: c.Service != ""}
		if q.Service {
			limit += time.Duration(len(ports)) * serviceTakes
		}
		if q.TCP = ports; c.udp() {
			q.TCP, q.UDP = nil, ports
		}
		limited, cancel := withTimeout(ctx, limit)
		defer cancel()
		a, err := scanner.Ask(limited, q, func(percent float64) { t.Progress(int(percent), 100) })
		if err != nil {
			return err
		}
		s.Set("nmap.raw", a.Raw)
		var worst judged
		for i, p := range ports {
			k := slices.IndexFunc(a.Ports, func(o talk.NmapPort) bool { return o.Port == p })
			if k < 0 {
				seen[i] = judged{met: unknown, detail: fmt.Sprintf("nmap says nothing of %d", p)}
				shown[i] = result.Result{Address: to.String(), Ports: strconv.Itoa(int(p)), State: result.Unknown}
				continue
			}
			seen[i], shown[i] = c.judge(to, a.Ports[k])
			if j := seen[i]; j.err != nil && (worst.err == nil || j.met < worst.met) {
				worst = j
			}
		}
		return worst.err
	})
	for i := range seen {
		switch {
		case shown[i].Address == "":
			seen[i] = judged{met: unknown, detail: "nmap came to no end", err: err}
			shown[i] = result.Result{Address: to.String(), Ports: strconv.Itoa(int(ports[i])), State: result.Unknown, Failure: engine.Classify(err)}
		case seen[i].err != nil:
			seen[i].err = err // that of the step
		}
	}
	return seen, shown
}

// judge holds what nmap saw of a port against what is expected of it.
func (c *nmapCheck) judge(to netip.Addr, p talk.NmapPort) (judged, result.Result) {
	r := result.Result{Address: to.String(), Ports: strconv.Itoa(int(p.Port)), Note: p.Service}
	var ev result.Evidence
	r.State, r.Failure, ev = p.Seen()
	if !ev.Empty() {
		r.Evidence = &ev
	}
	at := netip.AddrPortFrom(to, p.Port)
	switch re, _ := c.pattern(); {
	case r.State == result.Open && re != nil && !re.MatchString(p.Service):
		r.Failure = result.FailReply
		who := "nmap does not know who serves it"
		if p.Service != "" {
			who = fmt.Sprintf("served by %q", p.Service)
		}
		return judged{met: no, err: engine.Failed(r.Failure, fmt.Errorf("%s is not served as expected: %s", at, who))}, r
	case r.State == result.Open:
		return judged{met: yes}, r
	case r.Failure == result.FailNoReply:
		return judged{met: unknown, detail: fmt.Sprintf("%s answers none of nmap's questions: it may be silent, or the way there closed", at), err: engine.Failed(r.Failure, fmt.Errorf("no answer from %s", at))}, r
	}
	return judged{met: no, err: engine.Failed(r.Failure, fmt.Errorf("nmap finds %s %s: %s", at, p.State, p.Reason))}, r
}
