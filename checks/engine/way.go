package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"netcheck/checks/dial"
	"netcheck/report/result"
)

// Endpoint is a host and a TCP port that a probe connects to. A Prober that has
// any lists them by a method Endpoints() []Endpoint: a proxy may lead there.
type Endpoint struct {
	Host string
	Port uint16
}

const direct = "direct"

// way is one of the ways by which a check is tried.
type way struct {
	proxy *dial.Proxy // nil: directly
	about result.Way
}

// waysOf are the ways by which a check may go; none, with the reason, where it
// must take a proxy and there is none for it. A check is tried by the way that
// ignores the settings, and by the one that heeds them.
func (r *run) waysOf(planned *Planned) (ways []way, why string) {
	straight := way{about: result.Way{Via: direct}}
	policy := planned.Check.Proxy
	routed, ok := planned.Prober.(interface{ Endpoints() []Endpoint })
	if !ok || policy == "unsupported" {
		return []way{straight}, ""
	}
	var proxies []way
	var without *Endpoint // the first that no proxy leads to
	for _, e := range routed.Endpoints() {
		to := r.o.Env.route(planned.Proxy, e.Host, e.Port)
		if to.Proxy == nil && without == nil {
			without = &e
		}
		switch {
		case to.Proxy == nil && to.Exempt != "" && straight.about.Exempt == "":
			straight.about.Exempt, straight.about.Source = to.Exempt, to.Source
		case to.Proxy != nil && !slices.ContainsFunc(proxies, func(w way) bool { return w.proxy.String() == to.Proxy.String() }):
			proxies = append(proxies, way{to.Proxy, result.Way{Via: to.Proxy.String(), Source: to.Proxy.Source, Personal: to.Proxy.Personal}})
		}
	}
	switch {
	case policy == "required" && len(proxies) == 0 && straight.about.Exempt == "none" && straight.about.Source == "--proxy":
		return nil, "it must go through a proxy, and --proxy none forbids that: run without it"
	case policy == "required" && len(proxies) == 0 && straight.about.Exempt != "" && straight.about.Source == "":
		return nil, fmt.Sprintf("it must go through a proxy, which %s never does", straight.about.Exempt)
	case policy == "required" && len(proxies) == 0 && straight.about.Exempt != "":
		return nil, fmt.Sprintf("it must go through a proxy, and %s exempts it: %s", straight.about.Source, straight.about.Exempt)
	case policy == "required" && len(routed.Endpoints()) == 0:
		return nil, "it must go through a proxy, by which nothing can be learnt of this"
	case policy == "required" && len(proxies) == 0:
		return nil, "it must go through a proxy, and none is set up on this machine: ask the network's admin for its address, and give it by --proxy"
	case policy == "required" && without != nil && straight.about.Exempt != "" && straight.about.Source != "":
		return nil, fmt.Sprintf("it must go through a proxy, and %s exempts %s: %s", straight.about.Source, without.Host, straight.about.Exempt)
	case policy == "required" && without != nil:
		// The direct way of one would pass for the proxy of all.
		return nil, fmt.Sprintf("it must go through a proxy, and none is set up for %s: give one by --proxy", net.JoinHostPort(without.Host, strconv.Itoa(int(without.Port))))
	}
	// The one that a service may lack speaks for all.
	slices.SortStableFunc(proxies, func(a, b way) int {
		switch {
		case a.proxy.Personal == b.proxy.Personal:
			return 0
		case a.proxy.Personal:
			return -1
		}
		return 1
	})
	switch {
	case policy == "required":
		return proxies[:1], ""
	case len(proxies) == 0:
		return []way{straight}, ""
	}
	// One probe takes for each of its hosts the proxy that is set up for it.
	return []way{straight, proxies[0]}, ""
}

// knownToProxy tells whether what a needed check did not find is a name that
// this one need not know: the proxy looks it up.
func (r *run) knownToProxy(need *result.Check, planned *Planned) bool {
	name, _ := need.Spec.Fields["name"].(string)
	routed, ok := planned.Prober.(interface{ Endpoints() []Endpoint })
	if need.Kind != "dns" || need.Verdict != result.Fail && need.Verdict != result.Inconclusive || name == "" || !ok || planned.Check.Proxy == "unsupported" {
		return false
	}
	return slices.ContainsFunc(routed.Endpoints(), func(e Endpoint) bool {
		return strings.EqualFold(e.Host, name) && r.o.Env.route(planned.Proxy, e.Host, e.Port).Proxy != nil
	})
}

// route is what the settings say of a host, given the proxy that the check's
// declaration names, if any.
func (e *Env) route(declared *dial.Proxy, host string, port uint16) dial.Route {
	switch {
	case e.Route != nil:
		return e.Route(declared, host, port)
	case declared != nil:
		return dial.Route{Proxy: declared}
	}
	return dial.Route{}
}

// Proxy is the one by which this probe goes to a host's port; nil: directly.
func (t *Trace) Proxy(host string, port uint16) *dial.Proxy {
	if !t.proxied {
		return nil
	}
	return t.Env.route(t.declared, host, port).Proxy
}

type viaKey struct{}

// Via marks the steps begun with the ctx that it returns as going through a
// proxy.
func Via(ctx context.Context, p *dial.Proxy) context.Context {
	if p == nil {
		return ctx
	}
	return context.WithValue(ctx, viaKey{}, p.String())
}

// tried is what came of a probe by one way.
type tried struct {
	way   way
	trace *Trace
	out   Outcome
	err   error
}

// verdict is the verdict of one way by itself.
func (t *tried) verdict(ctx context.Context) result.Verdict {
	c := result.Check{Steps: t.trace.Steps()}
	judge(ctx, &c, t.out, t.err)
	if c.Verdict == result.Error && errors.Is(t.err, context.DeadlineExceeded) {
		return result.Fail // it was not waited for any longer, between its steps
	}
	return c.Verdict
}

// best orders verdicts by how well a way serves the product.
var best = []result.Verdict{result.Pass, result.Attested, result.Warn, result.Inconclusive, result.Fail, result.Skip, result.Error}

// settle makes one outcome of those of several ways: a check passes by either.
// What the other one met stays in the steps and results.
func settle(ctx context.Context, all []tried) (Outcome, []result.Way, error) {
	ways := make([]result.Way, len(all))
	won := 0
	for i := range all {
		ways[i] = all[i].way.about
		ways[i].Verdict = all[i].verdict(ctx)
		if slices.Index(best, ways[i].Verdict) < slices.Index(best, ways[won].Verdict) {
			won = i
		}
	}
	ways[won].Used = true
	out, err := all[won].out, all[won].err
	for i := range all {
		if i != won {
			out.Results = append(out.Results, all[i].out.Results...)
		}
	}
	if p := all[won].way.proxy; p != nil && p.Personal && ways[won].Verdict == result.Pass {
		out.Verdict = result.Warn
		out.Detail = fmt.Sprintf("only through %s, which %s names: a service under another account may not have that setting", p, p.Source)
	}
	if all[won].way.proxy != nil && len(all) > 1 && slices.Contains([]result.Verdict{result.Pass, result.Warn}, ways[won].Verdict) && out.Code == "" {
		out.Code = result.ProxyRequired
	}
	return out, ways, err
}

// hide takes a proxy's login out of what servers said, in case that one said it
// back: no kind knows it.
func hide(c *result.Check, p *dial.Proxy) {
	if p == nil {
		return
	}
	secrets := dial.Secrets(p.URL.User)
	if len(secrets) == 0 {
		return
	}
	c.Detail = dial.Hide(c.Detail, secrets)
	for i := range c.Results {
		c.Results[i].Note = dial.Hide(c.Results[i].Note, secrets)
	}
	hideIn(c.Steps, secrets)
}

// hideIn takes secrets out of steps, in place.
func hideIn(steps []result.Step, secrets []string) {
	for i := range steps {
		s := &steps[i]
		s.Err = dial.Hide(s.Err, secrets)
		for key, v := range s.Facts {
			switch v := v.(type) {
			case string:
				s.Facts[key] = dial.Hide(v, secrets)
			case []string:
				clean := make([]string, len(v))
				for j := range v {
					clean[j] = dial.Hide(v[j], secrets)
				}
				s.Facts[key] = clean
			}
		}
	}
}
