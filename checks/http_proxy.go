package checks

import (
	"net/http"
	"regexp"
	"strings"

	"netcheck/report/result"
)

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
	if a.status/100 == 4 {
		return result.FailProxyDenied, "the proxy says " + said + " (" + own + ")"
	}
	return result.FailProxyError, "the proxy says " + said + " (" + own + ")"
}
