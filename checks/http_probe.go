package checks

import (
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"time"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// Probe asks every URL, all of them at once.
func (c *httpCheck) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	own, unfit, err := c.trust.own(ctx, t)
	if err != nil || unfit.Verdict != "" {
		return unfit, err
	}
	urls := c.urls()
	visits := make([]visit, len(urls))
	inTurn(len(urls), func(i int, begun func()) {
		begun()
		visits[i] = visit{check: c, trace: t, own: own, first: urls[i]}
		visits[i].err = visits[i].follow(ctx)
	})
	var out engine.Outcome
	var first error
	var remarks []string
	var names []*here
	for _, v := range visits {
		out.Results = append(out.Results, v.results...)
		names = append(names, v.here...)
		if v.err != nil && first == nil {
			first = v.err
		}
		for _, r := range v.remarks {
			if len(urls) > 1 {
				r = v.first.Host + ": " + r
			}
			remarks = append(remarks, r)
		}
	}
	if first == nil {
		warn(&out, remarks, names)
		c.settle(&out, visits)
	}
	return out, first
}

// settle is the verdict where every answer is well as far as it could be told.
func (c *httpCheck) settle(out *engine.Outcome, visits []visit) {
	doubt := func(code result.Code, why string) {
		if out.Verdict != result.Inconclusive {
			out.Verdict, out.Code, out.Detail = result.Inconclusive, code, why
		}
	}
	for _, v := range visits {
		switch {
		case v.suspect != "": // a block page is no pass, and a page that quotes one no failure
			doubt(v.whose, v.suspect)
		case v.doubt != "":
			doubt(result.ProtoBlocked, v.doubt)
		case v.unspoken != "":
			doubt(result.HTTPStatus, "the server takes logins by "+v.unspoken+" only, which netcheck does not speak")
		case v.clear && out.Verdict == "":
			out.Verdict, out.Code, out.Detail = result.Warn, result.HTTPClearText, "the password goes over the network in clear"
		}
	}
}

// visit is one URL of a check, with the redirects that are followed.
type visit struct {
	check    *httpCheck
	trace    *engine.Trace
	first    value.URL
	results  []result.Result
	remarks  []string
	own      *tls.Certificate
	suspect  string // why the answer may not be the server's
	whose    result.Code
	doubt    string // why a WebSocket may be of no use
	unspoken string // the only kinds of login that the server takes
	clear    bool   // a password went in clear
	here     []*here
	err      error
}

// begin is the request that a visit starts with.
func (v *visit) begin() request {
	r := request{url: overHTTP(v.first.URL), method: v.check.method(), hide: v.check.hides()}
	if v.check.Send != nil {
		r.body, r.header = v.check.Send.Body, v.check.Send.Header
	}
	if v.check.Auth.named() {
		r.login = v.check.Auth
	}
	if v.check.upgrades(v.first.URL) {
		r.key = newKey()
	}
	if r.stage = v.check.firstStage(r); r.stage == anonymous {
		r.header = withoutLogin(r.header)
	}
	return r
}

// logIn is the same request with the login.
func (v *visit) logIn() *request {
	r := v.begin()
	r.stage = presented
	if v.check.Send != nil {
		r.header = v.check.Send.Header
	}
	v.clear = v.clear || r.login != nil && !secure(r.url)
	return &r
}

func (v *visit) follow(ctx context.Context) error {
	r := v.begin()
	key := func(r request) string { return fmt.Sprint(r.stage, r.method, " ", r.url) }
	seen := map[string]bool{key(r): true}
	for left := v.check.Follow; ; left-- {
		next, err := v.hop(ctx, r, left)
		if err != nil || next == nil {
			return err
		}
		if seen[key(*next)] {
			return v.circle(ctx, next.url)
		}
		if next.stage != r.stage {
			left = v.check.Follow + 1 // it begins anew
		}
		seen[key(*next)] = true
		r = *next
	}
}

// hop asks one URL and judges the answer. It returns the next request where a
// redirect is to be followed.
func (v *visit) hop(ctx context.Context, r request, left int) (next *request, err error) {
	u := value.URL{URL: r.url}
	p := v.trace.Proxy(u.Hostname(), portOf(u))
	ctx = engine.Via(ctx, p)
	r.hide = r.hide.with(p)
	err = v.trace.Span(ctx, result.OpRequest, func(ctx context.Context, s *engine.Step) error {
		s.Set("http.request.method", r.method)
		s.Set("url.full", shownURL(r.url))
		if r.key != "" {
			s.Set("http.request.header.upgrade", "websocket")
		}
		o := opening{trust: &v.check.trust, host: value.Host(r.url.Hostname()), port: portOf(u), plain: r.url.Scheme != "https", asks: r.url.Scheme == "http" && r.key == "", own: v.own}
		if r.stage == anonymous || r.url.Host != v.first.Host {
			o.own = nil // what was meant for this server goes to no other
		}
		switch {
		case o.plain:
		case r.key != "":
			o.alpn = []string{"http/1.1"} // RFC 8441 has WebSockets over HTTP/2, which few servers and proxies have
		default:
			o.alpn = []string{"h2", "http/1.1"}
		}
		start := time.Now()
		at := o.all(ctx, v.trace)
		defer func() { at.close() }() // the last one, where it is opened again
		v.add(at.results)
		v.remark(at.remarks...)
		v.here = append(v.here, at.here)
		if at.err != nil {
			next, err = v.asked(r, at.err)
			return err
		}
		if _, isAddr := o.host.Addr(); !isAddr {
			s.Set("http.time.resolve_ms", millis(at.resolved))
		}
		a, err := v.ask(ctx, s, &o, &at, r)
		s.Set("http.time.total_ms", millis(time.Since(start)))
		if err != nil {
			next, err = v.asked(r, err)
			return err
		}
		v.note(at.arrival, a, r.hide)
		next, err = v.judge(ctx, a, r, at.arrival, left)
		if v.suspect != "" && v.whose == result.HTTPBlockPage {
			s.Set("http.block_page", v.suspect)
		}
		if v.unspoken != "" {
			s.Set("http.login_unspoken", v.unspoken)
		}
		if v.doubt != "" {
			s.Set("websocket.doubt", v.doubt)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return next, nil
}

// add takes the results of a hop; of an address that was asked before, those of
// now.
func (v *visit) add(results []result.Result) {
	for _, r := range results {
		i := slices.IndexFunc(v.results, func(o result.Result) bool {
			return o.Host == r.Host && o.Address == r.Address && o.Ports == r.Ports
		})
		if v.check.Auth != nil && i >= 0 {
			v.results[i] = r
		} else {
			v.results = append(v.results, r)
		}
	}
}

func (v *visit) remark(remarks ...string) {
	for _, r := range remarks {
		if !slices.Contains(v.remarks, r) {
			v.remarks = append(v.remarks, r)
		}
	}
}

// note puts the answer on the result of the address that gave it.
func (v *visit) note(at *arrival, a *httpAnswer, hide hidden) {
	own := result.Failure("")
	if at.asked {
		own, _ = proxysOwn(a)
	}
	for i := range v.results {
		if r := &v.results[i]; r.Address == at.result.Address && r.Host == at.result.Host && r.Ports == at.result.Ports {
			if !at.asked || own == "" {
				r.State = result.Open // of what a proxy answers for, it was not known before
			}
			r.Note = hide.clean(fmt.Sprintf("HTTP %d %s", a.status, a.header.Get("Server")), 100)
		}
	}
}
