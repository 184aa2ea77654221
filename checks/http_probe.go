package checks

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// Probe asks every URL, all of them at once.
func (c *httpCheck) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	urls := c.urls()
	visits := make([]visit, len(urls))
	inTurn(len(urls), func(i int, begun func()) {
		begun()
		visits[i] = visit{check: c, trace: t, first: urls[i]}
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
		for _, v := range visits {
			if v.suspect != "" { // a block page is no pass, and a page that quotes one no failure
				out.Verdict, out.Code, out.Detail = result.Inconclusive, v.whose, v.suspect
				break
			}
		}
	}
	return out, first
}

// visit is one URL of a check, with the redirects that are followed.
type visit struct {
	check   *httpCheck
	trace   *engine.Trace
	first   value.URL
	results []result.Result
	remarks []string
	suspect string // why the answer may not be the server's
	whose   result.Code
	here    []*here
	err     error
}

// request is what is sent to one hop.
type request struct {
	url    *url.URL
	method string
	body   value.Secret
	header map[string]value.Secret
	hide   hidden
}

// hidden are values that no report may show, even where a server says them
// back.
type hidden []string

// clean makes text of a server harmless, and free of what it was told.
func (h hidden) clean(text string, limit int) string {
	for _, secret := range h {
		text = strings.ReplaceAll(text, secret, "<secret>")
	}
	return talk.Clean(text, limit)
}

// minSecret is the shortest value worth hiding: "1" or "on" would take half of
// a text with it.
const minSecret = 4

// hides collects what goes with a request.
func (s *httpSend) hides() hidden {
	var h hidden
	if s == nil {
		return nil
	}
	for _, v := range s.Header {
		if len(v) >= minSecret {
			h = append(h, v.Reveal())
		}
	}
	if len(s.Body) >= minSecret {
		h = append(h, s.Body.Reveal())
	}
	slices.SortFunc(h, func(a, b string) int { return len(b) - len(a) }) // the whole before its parts
	return h
}

func (v *visit) follow(ctx context.Context) error {
	r := request{url: v.first.URL, method: v.check.method(), hide: v.check.Send.hides()}
	if v.check.Send != nil {
		r.body, r.header = v.check.Send.Body, v.check.Send.Header
	}
	seen := map[string]bool{r.method + " " + r.url.String(): true}
	for left := v.check.Follow; ; left-- {
		next, err := v.hop(ctx, r, left)
		if err != nil || next == nil {
			return err
		}
		key := next.method + " " + next.url.String()
		if seen[key] {
			return v.circle(ctx, next.url)
		}
		seen[key] = true
		r = *next
	}
}

// hop asks one URL and judges the answer. It returns the next request where a
// redirect is to be followed.
func (v *visit) hop(ctx context.Context, r request, left int) (next *request, err error) {
	u := value.URL{URL: r.url}
	ctx = engine.Via(ctx, v.trace.Proxy(u.Hostname(), portOf(u)))
	err = v.trace.Span(ctx, result.OpRequest, func(ctx context.Context, s *engine.Step) error {
		s.Set("http.request.method", r.method)
		s.Set("url.full", shownURL(r.url))
		o := opening{trust: &v.check.trust, host: value.Host(r.url.Hostname()), port: portOf(u), plain: r.url.Scheme != "https", asks: r.url.Scheme == "http"}
		if !o.plain {
			o.alpn = []string{"h2", "http/1.1"}
		}
		start := time.Now()
		at := o.all(ctx, v.trace)
		defer at.close()
		v.results = append(v.results, at.results...)
		v.remarks = append(v.remarks, at.remarks...)
		v.here = append(v.here, at.here)
		if at.err != nil {
			return at.err
		}
		if _, isAddr := o.host.Addr(); !isAddr {
			s.Set("http.time.resolve_ms", millis(at.resolved))
		}
		a, err := exchange(ctx, v.trace, s, r, at.arrival)
		s.Set("http.time.total_ms", millis(time.Since(start)))
		if err != nil {
			return err
		}
		v.note(at.arrival, a, r.hide)
		next, err = v.judge(ctx, a, r, at.arrival, left)
		if v.suspect != "" && v.whose == result.HTTPBlockPage {
			s.Set("http.block_page", v.suspect)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return next, nil
}

// note puts the answer on the result of the address that gave it.
func (v *visit) note(at *arrival, a *httpAnswer, hide hidden) {
	for i := range v.results {
		if r := &v.results[i]; r.Address == at.result.Address && r.Host == at.result.Host && r.Ports == at.result.Ports {
			r.State = result.Open // so far it was known of a proxy only
			r.Note = hide.clean(fmt.Sprintf("HTTP %d %s", a.status, a.header.Get("Server")), 100)
		}
	}
}

// judge holds an answer to what is known of those who answer in a server's
// place, and then to what the check expects.
func (v *visit) judge(ctx context.Context, a *httpAnswer, r request, at *arrival, left int) (*request, error) {
	expected, _ := parseStatuses(v.check.Status)
	doubt := ""
	if at.asked {
		var own result.Failure
		if own, doubt = proxysOwn(a); own != "" {
			return nil, engine.Failed(own, errors.New(r.hide.clean(doubt, 300)))
		}
	}
	onLink := func(ip netip.Addr) bool { return near(ctx, v.trace, ip) }
	code, why := impostor(a, r.url, at.to.Addr(), at.public, onLink)
	wanted := code == result.FailRedirect && len(expected) > 0 && expected.accept(a.status)
	switch {
	case code != "" && !wanted:
		return nil, engine.Failed(code, errors.New(r.hide.clean(why, 300)))
	case why != "":
		v.remarks = append(v.remarks, r.hide.clean(why, 300))
	}
	perhaps := ""
	if code == "" && !at.public {
		perhaps, _ = blockPage(a)
	}
	if redirects(a.status) && v.check.Follow > 0 {
		return v.redirect(a, r, left)
	}
	if !expected.accept(a.status) {
		return nil, engine.Failed(result.FailStatus, fmt.Errorf("the server answered %d, expected %s", a.status, strings.Join(v.check.Status, ", ")))
	}
	for _, name := range slices.Sorted(maps.Keys(v.check.ExpectHeader)) {
		if err := expectHeader(a.header, name, v.check.ExpectHeader[name], r.hide); err != nil {
			return nil, err
		}
	}
	if re := v.check.ExpectBody; re.Regexp != nil && !re.MatchString(a.body) {
		if a.cut != nil {
			return nil, broke(a)
		}
		return nil, engine.Failed(result.FailBody, fmt.Errorf("the answer's body does not match %s; it begins %q", re, r.hide.clean(a.body, 80)))
	} else if re.Regexp == nil {
		v.suspect, v.whose = perhaps, result.HTTPBlockPage
	}
	if doubt != "" && len(expected) == 0 {
		v.suspect, v.whose = doubt, result.ProxyError
	}
	return nil, nil
}

// broke is a body that might have been as expected, had it come whole.
func broke(a *httpAnswer) error {
	f := engine.Classify(a.cut)
	why := "the connection was broken"
	switch f {
	case result.FailOther:
		f, why = result.FailHTTPFormat, "the rest makes no sense"
	case result.FailTimeout:
		why = "the rest did not come in time"
	case result.FailEOF:
		why = "the server closed the connection"
	}
	return engine.Failed(f, fmt.Errorf("the answer's body breaks off after %d bytes: %s", len(a.body), why))
}

func expectHeader(h http.Header, name, want string, hide hidden) error {
	re, err := headerPattern(want)
	if err != nil {
		return err
	}
	values := h.Values(name)
	for _, got := range values {
		if re.MatchString(got) {
			return nil
		}
	}
	if len(values) == 0 {
		return engine.Failed(result.FailHeader, fmt.Errorf("the answer has no header %s", name))
	}
	if strings.EqualFold(name, "Set-Cookie") { // a key to somebody's session
		return engine.Failed(result.FailHeader, fmt.Errorf("the header %s is not as expected", name))
	}
	return engine.Failed(result.FailHeader, fmt.Errorf("the header %s is %q, expected %s", name, hide.clean(values[0], 120), want))
}
