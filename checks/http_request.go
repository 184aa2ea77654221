package checks

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"netcheck/checks/talk"
	"netcheck/profiles/value"
)

// request is what is sent to one hop.
type request struct {
	url    *url.URL
	method string
	body   value.Secret
	header map[string]value.Secret
	hide   hidden
	stage  stage
	login  *httpAuth // nil: none, or none for this server
	key    string    // of a WebSocket's upgrade; "": none is asked for
	scheme string    // of the login that a proxy is given, which asks for one; "": none
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
func (c *httpCheck) hides() hidden {
	var h hidden
	add := func(secret string) {
		if len(secret) >= minSecret {
			h = append(h, secret)
		}
	}
	if c.Send != nil {
		for _, v := range c.Send.Header {
			add(v.Reveal())
		}
		add(c.Send.Body.Reveal())
	}
	if c.Auth.named() {
		add(c.Auth.Password.Reveal())
		add(strings.TrimPrefix(c.Auth.basic(), "Basic "))
	}
	slices.SortFunc(h, func(a, b string) int { return len(b) - len(a) }) // the whole before its parts
	return h
}

func newRequest(ctx context.Context, r request) (*http.Request, error) {
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(r.body.Reveal())
	}
	req, err := http.NewRequestWithContext(ctx, r.method, r.url.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "netcheck")
	req.Header.Set("Accept", "*/*")
	for name, v := range r.header {
		if strings.EqualFold(name, "host") {
			req.Host = v.Reveal()
			continue
		}
		req.Header.Set(name, v.Reveal())
	}
	if r.login != nil && r.stage == presented {
		req.Header.Set("Authorization", r.login.basic())
	}
	if r.key != "" {
		askUpgrade(req, r.key)
	}
	return req, nil
}
