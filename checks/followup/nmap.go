package followup

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

const (
	// nmapTakes is how long all of nmap's scans together may take: it waits for
	// silent ports for some seconds, and for what a service says for longer. A
	// person who has asked for it waits that long.
	nmapTakes = 30 * time.Second
	// nmapHosts and nmapPorts of each are what it is asked about: more faults
	// than these have few causes.
	nmapHosts = 8
	nmapPorts = 16
	// nmapServices is of how many ports it finds out who serves them, which
	// takes it up to half a minute each where the server is silent.
	nmapServices = 3
)

// scan is what nmap is asked about an address.
type scan struct {
	to      netip.Addr
	machine string
	ports   []result.Subject
	service bool
	checks  map[result.Subject][]string
}

// Nmap has nmap look at ports that failed, each with an open one of the same
// address, and at open ones where the exchange went wrong without it being
// known who answers; it adds what it sees to the report. It comes after the follow-ups: its packets would take answers of the routers
// that sweeps need. It ends when ctx does, with the scans that are done until
// then. The error says why nmap was not asked, or not about all of it.
func Nmap(ctx context.Context, r *result.Report, env *engine.Env, observe func(done, total int)) error {
	seen := see(r, env)
	scans := append(failedPorts(seen), oddServices(seen)...)
	if len(scans) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, nmapTakes)
	defer cancel()
	v, _, err := env.Memo.Do(ctx, talk.NmapMemo, func(ctx context.Context) (any, error) { return talk.FindNmap(ctx) })
	if err != nil {
		r.Followups = append(r.Followups, notAsked(r, env, scans, err))
		return err
	}
	var mu sync.Mutex
	percents := make([]float64, len(scans))
	found := make([][]result.Followup, len(scans))
	errs := make([]error, len(scans))
	var wg sync.WaitGroup
	for i := range scans {
		wg.Go(func() {
			tell := func(percent float64) {
				mu.Lock()
				defer mu.Unlock()
				percents[i] = max(percents[i], percent)
				sum := 0.0
				for _, p := range percents {
					sum += p
				}
				if observe != nil && ctx.Err() == nil {
					observe(int(sum), 100*len(scans))
				}
			}
			tell(0)
			found[i], errs[i] = scans[i].run(ctx, v.(*talk.Nmap), r, env, tell)
			tell(100)
		})
	}
	wg.Wait() // each ends with ctx, and its program too
	r.Followups = append(r.Followups, slices.Concat(found...)...)
	r.Duration = result.Duration(time.Since(r.Started).Round(time.Microsecond))
	for _, err := range errs {
		if tool, ok := errors.AsType[*talk.ToolError](err); ok {
			return tool
		}
	}
	return nil
}

// notAsked records why nmap was not asked.
func notAsked(r *result.Report, env *engine.Env, scans []*scan, err error) result.Followup {
	t := engine.NewTrace(env, r.Started)
	_ = t.Span(context.Background(), result.OpInspect, func(context.Context, *engine.Step) error { return err })
	f := result.Followup{Name: "nmap", Machine: scans[0].machine, Steps: engine.Rounded(t.Steps())}
	for _, s := range scans {
		for _, p := range s.ports {
			f.Checks = union(f.Checks, s.checks[p])
		}
	}
	return f
}

// run asks, and makes a record of each port.
func (s *scan) run(ctx context.Context, n *talk.Nmap, r *result.Report, env *engine.Env, tell func(float64)) ([]result.Followup, error) {
	q := talk.NmapQuestion{Host: s.to, Service: s.service}
	var left error
	for _, p := range s.ports {
		switch {
		case p.Proto != "udp":
			q.TCP = append(q.TCP, uint16(p.Port))
		case n.Raw:
			q.UDP = append(q.UDP, uint16(p.Port))
		default:
			left = talk.ErrNotRaw
		}
	}
	var a *talk.NmapAnswer
	t := engine.NewTrace(env, r.Started)
	err := t.Span(ctx, result.OpScan, func(ctx context.Context, st *engine.Step) (err error) {
		st.Set("network.peer.address", s.to.String())
		st.Set("nmap.version", n.Version)
		if len(q.TCP)+len(q.UDP) == 0 {
			return left
		}
		a, err = n.Ask(ctx, q, tell)
		return err
	})
	steps := engine.Rounded(t.Steps())
	if err != nil {
		f := result.Followup{Name: "nmap", Machine: s.machine, Subject: result.Subject{Address: s.to.String()}, Steps: steps}
		for _, p := range s.ports {
			f.Checks = union(f.Checks, s.checks[p])
		}
		return []result.Followup{f}, err
	}
	if len(q.UDP) > 0 && !a.Raw {
		left = talk.ErrNotRaw
	}
	var fs []result.Followup
	for _, p := range a.Ports {
		subject := result.Subject{Address: s.to.String(), Port: int(p.Port), Proto: p.Proto}
		fs = append(fs, result.Followup{
			Name: "nmap", Machine: s.machine, Checks: s.checks[subject], Subject: subject, Steps: []result.Step{s.saw(steps[0], p, a.Raw)},
		})
	}
	if left != nil {
		f := notAsked(r, env, []*scan{s}, left)
		f.Subject = result.Subject{Address: s.to.String(), Proto: "udp"}
		fs = append(fs, f)
	}
	return fs, left
}

// saw is the step of a scan, with what it showed of one port.
func (s *scan) saw(st result.Step, p talk.NmapPort, raw bool) result.Step {
	state, failure, ev := p.Seen()
	st.Facts = result.Facts{
		"network.peer.address": s.to.String(), "network.peer.port": int(p.Port), "network.transport": p.Proto,
		"seen": string(state), "nmap.state": p.State, "nmap.reason": p.Reason, "nmap.raw": raw, "nmap.version": st.Facts["nmap.version"],
	}
	if p.Service != "" {
		st.Facts["nmap.service"] = p.Service
	}
	st.Failure = failure
	if !ev.Empty() {
		st.Evidence = &ev
	}
	return st
}

// failedPorts are the ports that failed, by address, each with one that is open.
func failedPorts(s *Seen) []*scan {
	var scans []*scan
	for _, c := range byWeight(s.Report) {
		if c.Kind == "nmap" {
			continue
		}
		for i := range c.Results {
			res := &c.Results[i]
			if !doubtful(c, res) {
				continue
			}
			for _, p := range borders(c, res) {
				scans = s.ask(scans, c, p, false)
			}
		}
	}
	for _, k := range scans {
		for _, o := range s.Open {
			o.Host, o.Proto = "", "tcp"
			if o.Address == k.to.String() && slices.ContainsFunc(k.ports, func(p result.Subject) bool { return p.Proto == "tcp" }) {
				k.ports = append(k.ports, o)
				k.checks[o] = k.checks[k.ports[0]]
				break
			}
		}
	}
	return scans
}

// borders are the first and the last port of a result.
func borders(c *result.Check, res *result.Result) []result.Subject {
	first, last := Target(c, res), *res
	last.Ports = res.Ports[strings.LastIndexAny(res.Ports, ",-")+1:]
	if to := Target(c, &last); to != first {
		return []result.Subject{first, to}
	}
	return []result.Subject{first}
}

// odd are the failures that leave it open who answers.
var odd = []result.Failure{
	result.FailTimeout, result.FailReset, result.FailEOF, result.FailNotTLS, result.FailTLSFormat, result.FailTLSVersion, result.FailTLSAlert, result.FailNoStartTLS,
	result.FailHTTP, result.FailHTTPFormat, result.FailUpgrade, result.FailSSH, result.FailSSHFormat, result.FailFTPUnavailable, result.FailSocks, result.FailReply,
}

// oddServices are open ports at which the exchange failed without it being
// known who answers.
func oddServices(s *Seen) []*scan {
	var scans []*scan
	asked := 0
	for _, c := range byWeight(s.Report) {
		odd := slices.ContainsFunc(c.Steps, func(st result.Step) bool {
			return st.Op != result.OpConnect && st.Op != result.OpScan && st.Op != result.OpExchange && slices.Contains(odd, st.Failure)
		})
		if !odd || c.Verdict != result.Fail && c.Verdict != result.Inconclusive && c.Verdict != result.Warn {
			continue
		}
		for i := range c.Steps {
			st := &c.Steps[i]
			if st.Op != result.OpConnect || st.Failure != "" || asked == nmapServices {
				continue
			}
			addr, _ := st.Facts["network.peer.address"].(string)
			port, _ := st.Facts["network.peer.port"].(int)
			before := len(scans)
			if scans = s.ask(scans, c, result.Subject{Address: addr, Port: port, Proto: "tcp"}, true); len(scans) > before {
				asked++
			}
		}
	}
	return scans
}

// ask adds a port of a check to what is asked of its address.
func (s *Seen) ask(scans []*scan, c *result.Check, p result.Subject, service bool) []*scan {
	to, err := address(p)
	if err != nil || p.Port <= 0 || s.own(to.Addr()) {
		return scans
	}
	i := slices.IndexFunc(scans, func(k *scan) bool { return k.to == to.Addr() })
	if i < 0 {
		if len(scans) == nmapHosts {
			return scans
		}
		i = len(scans)
		scans = append(scans, &scan{to: to.Addr(), machine: c.Machine, service: service, checks: map[result.Subject][]string{}})
	}
	k := scans[i]
	if !slices.Contains(k.ports, p) {
		if len(k.ports) == nmapPorts {
			return scans
		}
		k.ports = append(k.ports, p)
	}
	k.checks[p] = union(k.checks[p], []string{c.ID})
	return scans
}

// byWeight are a report's checks, the weightiest first.
func byWeight(r *result.Report) []*result.Check {
	checks := make([]*result.Check, len(r.Checks))
	for i := range r.Checks {
		checks[i] = &r.Checks[i]
	}
	slices.SortStableFunc(checks, func(a, b *result.Check) int { return cmp.Compare(b.Level.Weight(), a.Level.Weight()) })
	return checks
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}
