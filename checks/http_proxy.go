package checks

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

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
	a, err := exchange(ctx, v.trace, s, r, at.arrival)
	if err != nil || !at.asked || a.status != http.StatusProxyAuthRequired || at.proxy.URL.User == nil {
		return a, err
	}
	for _, scheme := range talk.LoginsFor(offeredBy(a.header.Values("Proxy-Authenticate"))) {
		again := o.all(ctx, v.trace)
		if again.err != nil {
			again.close()
			return nil, again.err
		}
		at.close()
		*at = again
		r.scheme = scheme
		s.Set("proxy.login", scheme)
		if a, err = exchange(ctx, v.trace, s, r, at.arrival); !errors.Is(err, talk.ErrUnanswered) {
			return a, err // the password is given away no further where it was refused once
		}
		s.Set("proxy.login", "unanswered")
	}
	return a, err
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
