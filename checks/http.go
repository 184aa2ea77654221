package checks

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
)

var httpKind = engine.Kind{
	Name: "http",
	Doc:  "a web server answers, itself and not somebody on the way in its place",
	Example: `- id: sync-api
  title: Synchronisation service
  http: {url: "https://api.example.com/health", status: [200-299, 401]}`,
	New: func() engine.Prober { return &httpCheck{} },
}

// httpCheck is a request and the answer that the product needs.
type httpCheck struct {
	URL          value.OneOrMany[value.URL] `yaml:"url" doc:"a web address, or a list of them"`
	URLs         value.OneOrMany[value.URL] `yaml:"urls" doc:"the same as url"`
	Method       string                     `yaml:"method" default:"GET" doc:"the request's method"`
	Send         *httpSend                  `yaml:"send" doc:"what goes with the request"`
	Status       value.OneOrMany[string]    `yaml:"status" default:"any" doc:"any: every answer of the genuine server; or the statuses expected, such as 200 or [200-299, 401]"`
	ExpectHeader map[string]string          `yaml:"expect_header" doc:"headers that the answer has: a value, or /expression/"`
	ExpectBody   value.Regexp               `yaml:"expect_body" doc:"/expression/ that the answer's first 64 KiB match"`
	Follow       int                        `yaml:"follow" default:"0" doc:"how many redirects are followed, wherever they lead; at most 10"`
	WebSocket    bool                       `yaml:"websocket" default:"false" doc:"the connection must upgrade to a WebSocket; a URL that begins with ws:// or wss:// says so by itself"`
	Auth         *httpAuth                  `yaml:"auth" doc:"demanded: who comes without a login must be refused; and a login that must be accepted"`
	trust        `yaml:",inline"`
}

// httpSend is what goes with the request.
type httpSend struct {
	Header map[string]value.Secret `yaml:"header" doc:"headers by name; their values are in no report"`
	Body   value.Secret            `yaml:"body" doc:"the request's body; it is in no report"`
}

// httpAuth is what a server must make of logins.
type httpAuth struct {
	Demanded demand       `yaml:"demanded,short" default:"false" doc:"a request without a login must be refused: by 401 or 403, or by the demand for a client certificate"`
	User     string       `yaml:"user" doc:"the user of a login that must be accepted; it is sent as Basic, over https, or where the server asks for it"`
	Password value.Secret `yaml:"password" doc:"its password"`
	InClear  bool         `yaml:"in_clear" default:"false" doc:"send the password by http:// too, where everybody on the way can read it"`
}

func (c *httpCheck) urls() []value.URL { return slices.Concat(c.URL, c.URLs) }

func (c *httpCheck) String() string {
	var names []string
	for _, u := range c.urls() {
		if u.URL == nil {
			continue // not known yet
		}
		if name := targetName([]value.Host{value.Host(u.Hostname())}, value.Ports{{First: portOf(u), Last: portOf(u)}}); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// Targets counts the addresses, and those that redirects may lead to.
func (c *httpCheck) Targets() int { return len(c.urls()) * (1 + max(0, c.Follow)) }

// Endpoints are what it connects to at first.
func (c *httpCheck) Endpoints() []engine.Endpoint {
	var all []engine.Endpoint
	for _, u := range c.urls() {
		all = append(all, engine.Endpoint{Host: u.Hostname(), Port: portOf(u)})
	}
	return all
}

// portOf is the port of a URL, given or of its scheme.
func portOf(u value.URL) uint16 {
	if p, err := strconv.ParseUint(u.Port(), 10, 16); err == nil {
		return uint16(p)
	}
	if u.Scheme == "https" || u.Scheme == "wss" {
		return 443
	}
	return 80
}

// maxFollow is more redirects than any genuine server needs.
const maxFollow = 10

func (c *httpCheck) Validate() error {
	errs := []error{c.trust.validate()}
	wrong := func(field, hint, format string, args ...any) {
		errs = append(errs, &engine.FieldError{Field: field, Message: fmt.Sprintf(format, args...), Hint: hint})
	}
	switch {
	case len(c.URL) > 0 && len(c.URLs) > 0:
		wrong("urls", "write one list", "given beside url, which is the same")
	case len(c.urls()) == 0:
		wrong("url", "", "missing: which web address?")
	}
	c.validateUpgrade(wrong)
	c.validateAuth(wrong)
	if c.Method != "" && !token.MatchString(c.Method) {
		wrong("method", "", "%q is no method", c.Method)
	}
	if c.Follow < 0 || c.Follow > maxFollow {
		wrong("follow", "", "%d redirects: from 0 to %d are followed", c.Follow, maxFollow)
	}
	if _, err := parseStatuses(c.Status); err != nil {
		wrong("status", "", "%v", err)
	}
	if c.Send != nil {
		for name, v := range c.Send.Header {
			if !token.MatchString(name) || strings.ContainsAny(v.Reveal(), "\r\n\x00") {
				wrong("send", "", "%q is no header", name)
			}
		}
	}
	for name, v := range c.ExpectHeader {
		if !token.MatchString(name) {
			wrong("expect_header", "", "%q is no header", name)
		} else if _, err := headerPattern(v); err != nil {
			wrong("expect_header", "", "%s: %v", name, err)
		}
	}
	return errors.Join(errs...)
}

// token is RFC 9110's: what methods and header names consist of.
var token = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// statuses are ranges of status codes; none is any.
type statuses []struct{ first, last int }

func parseStatuses(words []string) (statuses, error) {
	if len(words) == 1 && words[0] == "any" {
		return nil, nil
	}
	var s statuses
	for _, w := range words {
		from, to, isRange := strings.Cut(w, "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.Atoi(strings.TrimSpace(from))
		last, err2 := strconv.Atoi(strings.TrimSpace(to))
		if err1 != nil || err2 != nil || first < 100 || last > 599 || last < first {
			return nil, fmt.Errorf("%q is no status: expected any, a number from 100 to 599, or a range such as 200-299", w)
		}
		s = append(s, struct{ first, last int }{first, last})
	}
	return s, nil
}

func (s statuses) accept(code int) bool {
	return len(s) == 0 || slices.ContainsFunc(s, func(r struct{ first, last int }) bool { return r.first <= code && code <= r.last })
}

// headerPattern is what a header's value must match: an expression between
// slashes, else the whole value.
func headerPattern(v string) (*regexp.Regexp, error) {
	if len(v) >= 2 && v[0] == '/' && v[len(v)-1] == '/' {
		return value.ParseRegexp(v[1 : len(v)-1])
	}
	return regexp.Compile("(?i)^" + regexp.QuoteMeta(v) + "$")
}

func (c *httpCheck) method() string {
	if c.Method == "" {
		return http.MethodGet
	}
	return strings.ToUpper(c.Method)
}
