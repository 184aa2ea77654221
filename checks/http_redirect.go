package checks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// circle records a redirect to where the visit has been.
func (v *visit) circle(ctx context.Context, to *url.URL) error {
	return v.trace.Span(ctx, result.OpCompare, func(context.Context, *engine.Step) error {
		return engine.Failed(result.FailRedirect, fmt.Errorf("redirected in a circle, to %s", shownURL(to)))
	})
}

func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// redirect makes the next request of an answer that sends elsewhere.
func (v *visit) redirect(a *httpAnswer, r request, left int) (*request, error) {
	to, err := location(a, r.url)
	switch {
	case err != nil:
		return nil, engine.Failed(result.FailRedirect, err)
	case left == 0:
		return nil, engine.Failed(result.FailRedirect, fmt.Errorf("still redirected after %d redirects, to %s", v.check.Follow, shownURL(to)))
	}
	next := &request{url: to, method: r.method, hide: r.hide, stage: r.stage}
	if to.Host == r.url.Host && to.Scheme == r.url.Scheme {
		next.header, next.login = r.header, r.login // what was meant for this server goes to no other, nor in clear
	}
	switch {
	case a.status == http.StatusTemporaryRedirect, a.status == http.StatusPermanentRedirect:
		next.body = r.body
	case r.method != http.MethodHead:
		next.method = http.MethodGet
	}
	return next, nil
}

// location is where an answer sends.
func location(a *httpAnswer, from *url.URL) (*url.URL, error) {
	raw := a.header.Get("Location")
	if raw == "" {
		return nil, errors.New("a redirect without a Location")
	}
	to, err := from.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("redirected to %q, which is no URL", talk.Clean(raw, 200))
	}
	to.User = nil
	if to.Scheme != "http" && to.Scheme != "https" {
		return nil, fmt.Errorf("redirected to %q, which is no web address", talk.Clean(to.String(), 200))
	}
	if _, err := value.ParseURL(to.String()); err != nil {
		return nil, fmt.Errorf("redirected to %q, which is no web address", talk.Clean(shownURL(to), 200))
	}
	return to, nil
}

// shownURL is a URL without what may be secret in it.
func shownURL(u *url.URL) string {
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if u.RawQuery != "" {
		shown.RawQuery = "…"
	}
	return talk.Clean(shown.String(), 300)
}
