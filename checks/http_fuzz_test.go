package checks

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
)

// FuzzAnswer takes what a web server may say through everything that judges it.
func FuzzAnswer(f *testing.F) {
	f.Add(200, "text/html", "", "<html>Powered by FortiGuard")
	f.Add(302, "", "http://192.168.1.1/login?url=http://shop.test/", "")
	f.Add(302, "", "//\x1b[2J@evil:99999/\u202e", "")
	f.Add(407, "\x1b]0;x\x07", "http://[::1", "<WISPAccessGatewayParam")
	u, err := url.Parse("http://shop.test/")
	if err != nil {
		f.Fatal(err)
	}
	v := &visit{trace: trace(&engine.Env{}), check: &httpCheck{Follow: 1, ExpectHeader: map[string]string{"Content-Type": "text/plain"}}}
	f.Fuzz(func(t *testing.T, status int, contentType, location, body string) {
		v.remarks = nil
		a := &httpAnswer{status: status, header: http.Header{"Content-Type": {contentType}, "Location": {location}}, body: body}
		next, err := v.judge(t.Context(), a, request{url: u, method: "GET", header: map[string]value.Secret{"X": "y"}}, &arrival{to: netip.MustParseAddrPort("203.0.114.7:80")}, 1)
		said := strings.Join(v.remarks, "")
		if err != nil {
			said += err.Error()
		}
		if next != nil {
			said += shownURL(next.url)
			if next.url.User != nil {
				t.Errorf("credentials in %s", next.url)
			}
			if next.url.Host != u.Host && next.header != nil {
				t.Errorf("headers go to %s", next.url.Host)
			}
		}
		if strings.ContainsFunc(said, unicode.IsControl) {
			t.Errorf("a control character in %q", said)
		}
	})
}
