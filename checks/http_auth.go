package checks

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// stage is which of its questions a visit asks of a server with a login.
type stage int

const (
	sole      stage = iota // the check has no opinion of logins: there is one question
	anonymous              // without any login
	presented              // with it
)

// demand is whether a login must be demanded: "demanded" is the same as true, so
// that auth: demanded can be read aloud.
type demand bool

// UnmarshalYAML reads it.
func (d *demand) UnmarshalYAML(n *value.Node) error {
	s, err := value.Scalar(n, "demanded, or a user and a password")
	if err != nil {
		return err
	}
	yes, ok := value.Bool(s)
	if s == "demanded" {
		yes, ok = true, true
	}
	if *d = demand(yes); !ok {
		return value.Problems{value.At(n, "unknown value %s", value.Quote(s)).Suggest(s, []string{"demanded"})}.Err()
	}
	return nil
}

// JSONSchema is its schema.
func (demand) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Enum: []any{"demanded", true, false}}
}

// logsIn tells whether there is a login to present: user and password, a
// certificate of this machine, or a header that bears one.
func (c *httpCheck) logsIn() bool {
	return c.Auth.named() || c.ClientCert != "" || c.Send != nil && len(withoutLogin(c.Send.Header)) < len(c.Send.Header)
}

// loginHeaders are those by which a request says who sends it.
var loginHeaders = []string{"Authorization", "Cookie", "X-Api-Key", "Api-Key", "X-Auth-Token"}

// withoutLogin are the headers of a request that are to be sent by nobody in
// particular.
func withoutLogin(header map[string]value.Secret) map[string]value.Secret {
	rest := make(map[string]value.Secret)
	for name, v := range header {
		if !slices.ContainsFunc(loginHeaders, func(l string) bool { return strings.EqualFold(l, name) }) {
			rest[name] = v
		}
	}
	return rest
}

func (a *httpAuth) demanded() bool { return a != nil && bool(a.Demanded) }

func (a *httpAuth) named() bool { return a != nil && (a.User != "" || a.Password != "") }

func (c *httpCheck) validateAuth(wrong func(field, hint, format string, args ...any)) {
	if c.Auth == nil {
		return
	}
	switch a := c.Auth; {
	case !a.demanded() && !a.named():
		wrong("auth", "auth: demanded, or auth: {user: …, password: …}", "says nothing")
	case a.User == "" && a.Password != "":
		wrong("auth", "", "a password without a user")
	case a.User != "" && a.Password == "":
		wrong("auth", "", "a user without a password")
	case strings.Contains(a.User, ":"):
		wrong("auth", "", "a user's name can't hold a colon") // RFC 7617, 2
	}
	if c.Auth.named() {
		for _, u := range c.urls() {
			if u.URL != nil && !secure(u.URL) && !c.Auth.InClear {
				wrong("auth", "use https, or say in_clear: true", "the password would go in clear by %s", u.Scheme)
				break
			}
		}
		if c.Send != nil {
			for name := range c.Send.Header {
				if strings.EqualFold(name, "authorization") {
					wrong("auth", "", "given beside a header Authorization, which is the same")
				}
			}
		}
	}
	if c.Auth.demanded() && !c.logsIn() && !anyStatus(c.Status) {
		wrong("status", "leave it out", "nobody logs in: the answer must be 401 or 403")
	}
}

func anyStatus(words []string) bool {
	s, err := parseStatuses(words)
	return err != nil || len(s) == 0
}

// firstStage is the question that a visit begins with. Where a password would
// go in clear, it goes only if the server asks for it.
func (c *httpCheck) firstStage(r request) stage {
	switch {
	case c.Auth == nil:
		return sole
	case c.Auth.demanded(), !secure(r.url):
		return anonymous
	}
	return presented
}

// refused judges the answer to a request without a login. It returns the
// request with one, where that is to follow.
func (v *visit) refused(a *httpAnswer, r request, at *arrival) (next *request, err error) {
	demand := a.status == http.StatusUnauthorized || a.status == http.StatusForbidden || wantsCertificate(a, at)
	switch {
	case !v.check.Auth.demanded():
		return v.offered(a, r)
	case demand && v.check.logsIn():
		return v.logIn(), nil
	case demand:
		return nil, nil
	case a.status >= 300 && a.status < 400, a.status >= 500:
		return nil, engine.Failed(result.FailStatus, fmt.Errorf("the server answered %d to a request without a login, expected 401 or 403", a.status))
	}
	return nil, engine.Failed(result.FailNoAuth, fmt.Errorf("the server answered %d to a request without a login, and asked for none", a.status))
}

// asked is what an error of the way means to a visit: that a server which must
// refuse whoever has no login asks for a client certificate is as it should be.
func (v *visit) asked(r request, err error) (*request, error) {
	switch {
	case r.stage != anonymous || !v.check.Auth.demanded() || engine.Classify(err) != result.FailTLSClientCert:
		return nil, err
	case v.check.ClientCert != "":
		return v.logIn(), nil
	case v.check.Auth.named():
		return nil, err // it can't be presented without a certificate
	}
	for i := range v.results {
		if res := &v.results[i]; res.State == result.Open {
			res.Failure, res.Note = "", "demands a client certificate"
		}
	}
	return nil, nil
}

// offered looks whether a server asks for the password that it would get in
// clear.
func (v *visit) offered(a *httpAnswer, r request) (*request, error) {
	kinds := offers(a.header)
	switch {
	case a.status != http.StatusUnauthorized:
		v.remarks = append(v.remarks, "the server asked for no login, so none was sent in clear")
		return nil, v.expect(a, r)
	case len(kinds) > 0 && !offersBasic(kinds):
		v.unspoken = r.hide.clean(strings.Join(kinds, ", "), 120)
		return nil, nil
	}
	return v.logIn(), nil
}

// accepted judges the answer to a login.
func (v *visit) accepted(a *httpAnswer, r request, at *arrival) error {
	if a.status != http.StatusUnauthorized && a.status != http.StatusForbidden {
		return nil
	}
	kinds := offers(a.header)
	switch {
	case r.login == nil && v.check.Auth.named():
		return engine.Failed(result.FailStatus, fmt.Errorf("the server answered %d after a redirect to another host, where the login is not sent", a.status))
	case r.login == nil && v.own != nil && at.hello != nil && !at.hello.Given:
		return engine.Failed(result.FailLogin, fmt.Errorf("the server answered %d, and did not ask for the client certificate", a.status))
	case r.login == nil && at.hello != nil && at.hello.Given:
		return engine.Failed(result.FailLogin, fmt.Errorf("the server answered %d to the client certificate", a.status))
	case r.login == nil && !v.check.Auth.named():
		return engine.Failed(result.FailLogin, fmt.Errorf("the server answered %d to the login", a.status))
	case a.status == http.StatusUnauthorized && len(kinds) > 0 && !offersBasic(kinds):
		v.unspoken = r.hide.clean(strings.Join(kinds, ", "), 120)
		return nil
	case a.status == http.StatusForbidden:
		return engine.Failed(result.FailLogin, errors.New("the server answered 403 to the login: it may be known, and not allowed here"))
	}
	return engine.Failed(result.FailLogin, errors.New("the server answered 401 to the login"))
}

// offers are the kinds of login that an answer names.
func offers(h http.Header) []string {
	var kinds []string
	for _, v := range h.Values("WWW-Authenticate") {
		kind, _, _ := strings.Cut(strings.TrimSpace(v), " ")
		if kind = strings.TrimSuffix(kind, ","); kind != "" && len(kinds) < 8 {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// offersBasic also finds it behind another one, on one line with it.
func offersBasic(kinds []string) bool {
	for _, k := range kinds {
		if strings.EqualFold(k, "basic") {
			return true
		}
	}
	return false
}

// What nginx says in HTTP of a client's certificate, once the handshake is over.
const (
	certificateMissing = "No required SSL certificate was sent"
	certificateBad     = "The SSL certificate error"
)

// wantsCertificate tells whether a server asks by an answer for the certificate
// that it got none of.
func wantsCertificate(a *httpAnswer, at *arrival) bool {
	return at.hello != nil && at.hello.Wanted && !at.hello.Given && a.status == http.StatusBadRequest && strings.Contains(a.body, certificateMissing)
}

// refusesCertificate tells whether it objects so to the one that it got.
func refusesCertificate(a *httpAnswer, at *arrival) bool {
	return at.hello != nil && at.hello.Given && a.status == http.StatusBadRequest && strings.Contains(a.body, certificateBad)
}

// basic is the header of a login (RFC 7617).
func (a *httpAuth) basic() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(a.User+":"+a.Password.Reveal()))
}
