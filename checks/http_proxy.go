package checks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// bare is a proxy's URL as net/http may have it: with a user, that would give
// the password to whoever listens, asked for or not.
func bare(p *dial.Proxy) *url.URL {
	u := *p.URL
	u.User = nil
	return &u
}

// with hides the login of a proxy as well.
func (h hidden) with(p *dial.Proxy) hidden {
	if p == nil {
		return h
	}
	return slices.Concat(h, dial.Secrets(p.URL.User))
}

// ask sends a request and reads the answer, and once more, by a new connection,
// where a proxy asks for a login that it can be given.
func (v *visit) ask(ctx context.Context, s *engine.Step, o *opening, at *reached, r request) (*httpAnswer, error) {
	if !at.asked {
		return exchange(ctx, v.trace, s, r, at.arrival)
	}
	var a, ofNobody *httpAnswer
	var err error
	engine.Parallel(2, func(i int) {
		if i == 0 {
			a, err = exchange(ctx, v.trace, s, r, at.arrival)
		} else {
			ofNobody = saysOfNobody(ctx, v.trace, at.proxy)
		}
	})
	if err == nil && ofNobody != nil && ofNobody.status != http.StatusProxyAuthRequired && sameAnswer(a, ofNobody, r.url.Hostname()) {
		return nil, engine.Failed(result.FailProxyError, fmt.Errorf("the proxy says %d %s, as it does of a host that does not exist", a.status, http.StatusText(a.status)))
	}
	if err != nil || a.status != http.StatusProxyAuthRequired || at.proxy.URL.User == nil {
		return a, err
	}
	wants := a
	_, err = mannersAt(ctx, v.trace, at.proxy).login(ctx, func() (*talk.Tunnel, error) {
		said := &talk.Tunnel{Status: wants.status}
		var err error
		for _, said.Login = range talk.LoginsFor(offeredBy(wants.header.Values("Proxy-Authenticate"))) {
			again := o.all(ctx, v.trace)
			if again.err != nil {
				again.close()
				return nil, again.err
			}
			at.close()
			*at = again
			r.scheme = said.Login
			if a, err = exchange(ctx, v.trace, s, r, at.arrival); !errors.Is(err, talk.ErrUnanswered) {
				break // the password is given away no further where it was refused once
			}
			said.Login = "unanswered"
		}
		if said.Login != "" {
			s.Set("proxy.login", said.Login)
		}
		if err == nil && a.status == http.StatusProxyAuthRequired {
			return said, engine.Failed(result.FailProxyAuth, errors.New("the proxy does not take the login"))
		}
		return said, err
	})
	if err != nil && engine.Classify(err) == result.FailProxyAuth && a != nil {
		return a, nil // it is judged by its 407
	}
	return a, err
}

// saysOfNobody is what a proxy says to the wish for a page of a host that does
// not exist: its own words, by which they are known elsewhere. It is asked once.
func saysOfNobody(ctx context.Context, t *engine.Trace, p *dial.Proxy) *httpAnswer {
	v, _, _ := t.Env.Memo.Do(ctx, p.String()+" of nobody", func(ctx context.Context) (any, error) {
		limit, cancel := context.WithTimeout(ctx, min(controlTakes, cmp.Or(t.Env.Timeout, controlTakes)))
		defer cancel()
		host := nobody()
		o := opening{trust: &trust{}, host: host, port: 80, plain: true, asks: true}
		aside := engine.NewTrace(t.Env, time.Now())
		at := o.through(limit, aside, p)
		defer at.close()
		if at.err != nil {
			return nil, at.err
		}
		var a *httpAnswer
		err := aside.Span(limit, result.OpRequest, func(ctx context.Context, s *engine.Step) (err error) {
			a, err = exchange(ctx, aside, s, request{url: &url.URL{Scheme: "http", Host: string(host), Path: "/"}, method: http.MethodGet}, at.arrival)
			return err
		})
		if err != nil {
			return nil, err
		}
		a.body = strings.ReplaceAll(a.body, string(host), "")
		return a, nil
	})
	a, _ := v.(*httpAnswer)
	return a
}

// changing is what differs between two pages of one kind: times, numbers,
// the path that was asked for.
var changing = regexp.MustCompile(`[0-9a-f]*[0-9][0-9a-f]*|https?://[^"'<>\s]*|/\S*`)

// sameAnswer tells whether an answer is the proxy's own, but for the host's
// name.
func sameAnswer(a, ofNobody *httpAnswer, host string) bool {
	plain := func(s string) string { return changing.ReplaceAllString(strings.ReplaceAll(s, host, ""), "") }
	return a.status == ofNobody.status && a.header.Get("Server") == ofNobody.header.Get("Server") &&
		plain(a.header.Get("Location")) == plain(ofNobody.header.Get("Location")) && plain(a.body) == plain(ofNobody.body)
}

// offeredBy are the schemes that demands for a login begin with.
func offeredBy(demands []string) (schemes []string) {
	for _, d := range demands {
		scheme, _, _ := strings.Cut(strings.TrimSpace(d), " ")
		schemes = append(schemes, strings.TrimSuffix(scheme, ","))
	}
	return schemes
}

// logIn makes the request one that bears the login, by as many words as the
// scheme takes on the connection.
func (r request) logIn(conn *http.ClientConn, req *http.Request, user *url.Userinfo) error {
	if r.scheme == "" {
		return nil
	}
	word, err := talk.ProxyLogin(r.scheme, user, "")
	if err != nil {
		return err
	}
	req.Header.Set("Proxy-Authorization", word)
	if r.scheme == "Basic" {
		return nil
	}
	first, err := http.NewRequestWithContext(req.Context(), http.MethodHead, req.URL.String(), nil) // so that no body goes in vain
	if err != nil {
		return err
	}
	first.Header = req.Header.Clone()
	first.Header.Del("Authorization")
	said, err := conn.RoundTrip(first)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(said.Body, maxBody))
	said.Body.Close()
	challenge := talk.ProxyChallenge(said.Header.Values("Proxy-Authenticate"))
	if err != nil || challenge == "" {
		return talk.ErrUnanswered
	}
	if word, err = talk.ProxyLogin(r.scheme, user, challenge); err == nil {
		req.Header.Set("Proxy-Authorization", word)
	}
	return err
}

// proxies are programs that name themselves as the server of pages of their
// own, and of no others.
var proxies = regexp.MustCompile(`(?i)\b(squid|tinyproxy|privoxy|polipo|3proxy|wingate|bluecoat|zscaler|mikrotik httpproxy|mcafee web gateway)\b`)

// proxysOwn tells an answer that an HTTP proxy gives in its own name from one
// that it passes on. A failure with the reason is certain enough to say so; a
// reason without one is a doubt: where a gateway fails (502, 503, 504), the
// proxy may be the gateway, or one in front of the server.
func proxysOwn(a *httpAnswer) (result.Failure, string) {
	said := http.StatusText(a.status)
	own := ""
	switch {
	case a.status == http.StatusProxyAuthRequired:
		return result.FailProxyAuth, "the proxy wants a login: " + schemes("Proxy-Authenticate", a.header.Values("Proxy-Authenticate"))
	case a.header.Get("X-Squid-Error") != "":
		own = a.header.Get("X-Squid-Error")
	case strings.Contains(a.header.Get("Proxy-Status"), "error="): // RFC 9209
		own = a.header.Get("Proxy-Status")
	case proxies.MatchString(a.header.Get("Server")):
		own = a.header.Get("Server")
	case a.status == http.StatusBadGateway, a.status == http.StatusServiceUnavailable, a.status == http.StatusGatewayTimeout:
		return "", "the proxy, or the server behind it, says " + said
	default:
		return "", ""
	}
	switch {
	case a.status == http.StatusUnauthorized: // Tinyproxy, to a wrong password
		return result.FailProxyAuth, "the proxy does not accept the login (" + own + ")"
	case a.status/100 == 4:
		return result.FailProxyDenied, "the proxy says " + said + " (" + own + ")"
	}
	return result.FailProxyError, "the proxy says " + said + " (" + own + ")"
}
