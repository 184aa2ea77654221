package checks

import (
	"net/http"
	"net/netip"
	"net/url"
	"testing"

	"netcheck/report/result"
)

// Portals answer for public addresses, which no test may contact: so the
// answers are given.
func TestImpostor(t *testing.T) {
	public, private := netip.MustParseAddr("203.0.114.7"), netip.MustParseAddr("10.0.0.7")
	to := func(location string) *httpAnswer {
		return &httpAnswer{status: 302, header: http.Header{"Location": {location}}}
	}
	page := func(status int, body string) *httpAnswer {
		return &httpAnswer{status: status, header: http.Header{"Content-Type": {"text/html"}}, body: body}
	}
	for _, c := range []struct {
		name      string
		answer    *httpAnswer
		asked     string
		peer      netip.Addr
		genuine   bool
		want      result.Failure
		suspicion bool
	}{
		{"an answer", page(200, "<html>welcome"), "http://shop.test/", public, false, "", false},
		{"to https on the same host", to("https://shop.test/"), "http://shop.test/", public, false, "", false},
		{"to another public host", to("https://login.vendor.test/"), "http://shop.test/", public, false, "", false},
		{"to a login page on this link", to("http://192.168.1.1/login"), "http://shop.test/", public, false, result.FailPortal, false},
		{"to this link, the page goes along", to("http://192.168.1.1/?u=http://shop.test/"), "http://shop.test/", public, false, result.FailPortal, false},
		{"to a device on this link", to("http://192.168.1.9:5000/"), "http://shop.test/", public, false, result.FailRedirect, false},
		{"to a private single sign-on", to("http://10.77.3.11:6000/login?u=1"), "http://shop.test/", public, false, result.FailRedirect, false},
		{"to another public host's login, the page goes along", to("https://login.vendor.test/?u=http://shop.test/"), "http://shop.test/", public, false, "", false},
		{"to a private address, from one", to("http://192.168.1.1/login"), "http://10.0.0.7/", private, false, "", false},
		{"to a local name", to("http://router.lan/hotspot"), "http://shop.test/", public, false, result.FailPortal, false},
		{"to a short name", to("http://wpad/"), "http://shop.test/", public, false, result.FailRedirect, false},
		{"to a portal, the page goes along", to("https://captive.lobby.test/?orig=http%3A%2F%2Fshop.test%2F"), "http://shop.test/", public, false, result.FailRedirect, false},
		{"to something called portal", to("https://portal.other.test/"), "http://shop.test/", public, false, "", true},
		{"to the vendor's own portal", to("https://portal.shop.test/?u=shop.test"), "http://www.shop.test/", public, false, "", false},
		{"a login page that a certificate vouches for", to("http://192.168.1.1/login"), "https://shop.test/", public, true, "", false},
		{"over https nobody can redirect unseen", to("http://192.168.1.1/login"), "https://shop.test/", public, false, "", false},
		{"a redirect to nowhere", to(""), "http://shop.test/", public, false, "", false},
		{"status 511", page(511, ""), "http://shop.test/", public, false, result.FailPortal, false},
		{"status 511 of the server itself", page(511, ""), "https://shop.test/", public, true, "", false},
		{"hotspot gateway", page(200, `<html><!-- <WISPAccessGatewayParam xmlns:xsi="x"> -->`), "http://shop.test/", public, false, result.FailPortal, false},
		{"status 407", page(407, ""), "http://shop.test/", public, false, result.FailProxyAuth, false},
		{"FortiGuard", page(403, "<HTML>Attention: FortiGuard Intrusion Prevention - Access Blocked"), "http://shop.test/", public, false, result.FailBlockPage, false},
		{"Umbrella", page(200, `<html><a href="https://block.opendns.com/?url=1">`), "http://shop.test/", public, false, result.FailBlockPage, false},
		{"the words elsewhere", page(302, "<html>Powered by FortiGuard"), "http://shop.test/", public, false, "", false},
		{"a vendor that sells such filters", page(200, "<html>Sophos products keep what is against your policy blocked"), "http://shop.test/", public, false, "", true},
		{"a filter's words under a filter's title", page(200, "<html><title>Access denied - Web Protection</title>This website has been blocked by your administrator."), "http://shop.test/", public, false, result.FailBlockPage, false},
		{"a filter's words under another title", page(200, "<html><title>Help</title>What to do when a page says blocked by your administrator"), "http://shop.test/", public, false, "", true},
		{"words without HTML", &httpAnswer{status: 403, header: http.Header{"Content-Type": {"application/json"}}, body: `{"m":"blocked by your administrator"}`}, "http://shop.test/", public, false, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, err := url.Parse(c.asked)
			if err != nil {
				t.Fatal(err)
			}
			got, why := impostor(c.answer, u, c.peer, c.genuine, netip.MustParsePrefix("192.168.1.0/24").Contains)
			if got != c.want || (got == "" && why != "") != c.suspicion || got != "" && why == "" {
				t.Errorf("got %q (%s)", got, why)
			}
		})
	}
}

func TestStatuses(t *testing.T) {
	for _, c := range []struct {
		words []string
		ok    bool
		yes   []int
		no    []int
	}{
		{nil, true, []int{100, 200, 404, 599}, nil},
		{[]string{"any"}, true, []int{200, 500}, nil},
		{[]string{"200"}, true, []int{200}, []int{201, 404}},
		{[]string{"200-299", "401"}, true, []int{200, 299, 401}, []int{199, 300, 400}},
		{[]string{"any", "200"}, false, nil, nil},
		{[]string{"299-200"}, false, nil, nil},
		{[]string{"99"}, false, nil, nil},
		{[]string{"600"}, false, nil, nil},
		{[]string{"ok"}, false, nil, nil},
		{[]string{""}, false, nil, nil},
	} {
		s, err := parseStatuses(c.words)
		if (err == nil) != c.ok {
			t.Errorf("%v: %v", c.words, err)
			continue
		}
		for _, code := range c.yes {
			if !s.accept(code) {
				t.Errorf("%v does not accept %d", c.words, code)
			}
		}
		for _, code := range c.no {
			if s.accept(code) {
				t.Errorf("%v accepts %d", c.words, code)
			}
		}
	}
}
