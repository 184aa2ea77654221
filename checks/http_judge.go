package checks

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"netcheck/checks/engine"
	"netcheck/report/result"
)

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
	v.suspect, v.whose, v.unspoken = "", result.HTTPBlockPage, ""
	switch {
	case refusesCertificate(a, at):
		return nil, engine.Failed(result.FailTLSClientRefused, errors.New("the server does not take the client certificate"))
	case wantsCertificate(a, at) && r.stage != anonymous && !(len(expected) > 0 && expected.accept(a.status)):
		return nil, engine.Failed(result.FailTLSClientCert, errors.New("the server asks for a client certificate"))
	case redirects(a.status) && v.check.Follow > 0:
		return v.redirect(a, r, left)
	case r.stage == anonymous && doubt != "":
		v.suspect, v.whose = doubt, result.ProxyError
		return nil, nil
	case r.stage == anonymous:
		next, err := v.refused(a, r, at)
		if err != nil || next != nil || !v.check.Auth.demanded() {
			return next, err
		}
		v.suspect = perhaps
		return nil, v.expectWords(a, r)
	case r.stage == presented:
		if err := v.accepted(a, r, at); err != nil || v.unspoken != "" {
			return nil, err
		}
	}
	if v.check.ExpectBody.Regexp == nil {
		v.suspect = perhaps
	}
	if doubt != "" && len(expected) == 0 {
		v.suspect, v.whose = doubt, result.ProxyError
	}
	return nil, v.expect(a, r)
}

// expect holds an answer to what the check wants of it.
func (v *visit) expect(a *httpAnswer, r request) error {
	expected, _ := parseStatuses(v.check.Status)
	if r.key != "" {
		if err := upgraded(a, r.key, r.hide); err != nil {
			return err
		}
		v.doubt = a.doubt
	} else if !expected.accept(a.status) {
		return engine.Failed(result.FailStatus, fmt.Errorf("the server answered %d, expected %s", a.status, strings.Join(v.check.Status, ", ")))
	}
	return v.expectWords(a, r)
}

// expectWords holds its header and body to it.
func (v *visit) expectWords(a *httpAnswer, r request) error {
	for _, name := range slices.Sorted(maps.Keys(v.check.ExpectHeader)) {
		if err := expectHeader(a.header, name, v.check.ExpectHeader[name], r.hide); err != nil {
			return err
		}
	}
	if re := v.check.ExpectBody; re.Regexp != nil && !re.MatchString(a.body) {
		if a.cut != nil {
			return broke(a)
		}
		return engine.Failed(result.FailBody, fmt.Errorf("the answer's body does not match %s; it begins %q", re, r.hide.clean(a.body, 80)))
	}
	return nil
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
