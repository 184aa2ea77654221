package checks

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"netcheck/report/result"
)

// impostor says whether an answer is somebody's on the way, in the server's
// place. A failure with the reason is certain enough to say so; a reason
// without a failure is a suspicion, which is all that most signs allow. Where a
// public root vouches for the server there is nothing to suspect. onLink tells
// whether an address is in this machine's own network.
func impostor(a *httpAnswer, asked *url.URL, peer netip.Addr, genuine bool, onLink func(netip.Addr) bool) (result.Failure, string) {
	if genuine {
		return "", ""
	}
	switch {
	case a.status == http.StatusProxyAuthRequired:
		return result.FailProxyAuth, "a proxy on the way demands credentials"
	case a.status == http.StatusNetworkAuthenticationRequired: // RFC 6585
		return result.FailPortal, "the network demands a login (status 511)"
	case strings.Contains(a.body, "<WISPAccessGatewayParam"):
		return result.FailPortal, "a hotspot's gateway answers"
	case strings.HasPrefix(a.header.Get("X-Squid-Error"), "ERR_ACCESS_DENIED"):
		return result.FailBlockPage, "a proxy on the way (Squid) denies access"
	case a.header.Get("X-Squid-Error") != "":
		return result.FailStatus, "a proxy on the way (Squid) answers in the server's place: " + a.header.Get("X-Squid-Error")
	}
	if why, sure := blockPage(a); why != "" {
		if sure {
			return result.FailBlockPage, why
		}
		return "", why
	}
	return portal(a, asked, peer, onLink)
}

// marks are what a filter's page bears. All words of a mark must be there.
var marks = []struct {
	product string
	words   []string
	sure    bool // nobody else would write this
}{
	{"FortiGuard", []string{"FortiGuard Intrusion Prevention"}, true},
	{"FortiGuard", []string{"Powered by FortiGuard"}, true},
	{"FortiGate", []string{"fgd_icon", "Web Page Blocked"}, true},
	{"Sophos", []string{"Sophos", "blocked", "policy"}, false},
	{"Zscaler", []string{"zscaler", "Internet Security by"}, true},
	{"Cisco Umbrella", []string{"block.opendns.com"}, true},
	{"Palo Alto Networks", []string{"Web Page Blocked", "Access to the web page you were trying to visit has been blocked in accordance with company policy"}, true},
	{"Forcepoint", []string{"ws_blockoption", "blockpage.cgi"}, true},
	{"Barracuda", []string{"Barracuda", "blocked"}, false},
	{"WatchGuard", []string{"WatchGuard", "Request denied by"}, true},
	{"SonicWall", []string{"SonicWall", "This site is blocked"}, true},
	{"Check Point", []string{"UserCheck", "Check Point"}, false},
	{"pfBlockerNG", []string{"pfBlockerNG"}, true},
	{"", []string{"blocked by your administrator"}, false},
	{"", []string{"blocked by the network administrator"}, false},
	{"", []string{"blocked by your organization"}, false},
	{"", []string{"web filter", "blocked"}, false},
	{"", []string{"content filter", "blocked"}, false},
}

// blockPage recognises a filter's page by its words.
func blockPage(a *httpAnswer) (why string, sure bool) {
	if a.status != http.StatusOK && (a.status < 400 || a.status == http.StatusUnauthorized) || !isHTML(a) {
		return "", false
	}
	body := strings.ToLower(a.body)
	for _, m := range marks {
		if !slices.ContainsFunc(m.words, func(w string) bool { return !strings.Contains(body, strings.ToLower(w)) }) {
			switch {
			case m.sure:
				return "a filter on the way (" + m.product + ") answers by a block page", true
			case m.product == "" && headed(body):
				return "a filter on the way answers by a block page", true
			case m.product != "":
				return "the answer looks like a block page of " + m.product, false
			}
			return "the answer looks like a filter's block page", false
		}
	}
	return "", false
}

// headed tells whether the title of a page is a filter's as well: an article
// about one quotes its words, and has a title of its own.
func headed(body string) bool {
	_, rest, _ := strings.Cut(body, "<title")
	title, _, ok := strings.Cut(rest, "</title")
	return ok && slices.ContainsFunc([]string{"blocked", "access denied", "web protection", "web filter", "content filter", "forbidden"}, func(w string) bool {
		return strings.Contains(title, w)
	})
}

func isHTML(a *httpAnswer) bool {
	return strings.Contains(a.header.Get("Content-Type"), "html") || strings.Contains(strings.ToLower(a.body[:min(len(a.body), 512)]), "<html")
}

// portal recognises a login page's redirect. Genuine servers send to other
// hosts too, for a single sign-on or to a device of the shop: so it is a portal
// only where a public server would send to a login page in this machine's own
// network. What else looks like one is a redirect that nobody asked for, which
// the check's author must decide on; that it leads to something called portal
// is a suspicion.
func portal(a *httpAnswer, asked *url.URL, peer netip.Addr, onLink func(netip.Addr) bool) (result.Failure, string) {
	if !redirects(a.status) || asked.Scheme != "http" {
		return "", ""
	}
	to, err := location(a, asked)
	if err != nil || to.Hostname() == asked.Hostname() {
		return "", ""
	}
	ip, err := netip.ParseAddr(to.Hostname())
	isAddr := err == nil
	named, login := bears(to, portalWords) && !sameSite(to, asked), bears(to, loginWords) || carries(to, asked)
	switch {
	case !isPrivate(peer) && (named || login) && (localName(to.Hostname()) || isAddr && isPrivate(ip) && onLink(ip)):
		return result.FailPortal, "the answer leads to a login page at " + to.Host + ", in this network"
	case !isPrivate(peer) && (localName(to.Hostname()) || isAddr && isPrivate(ip)), named && carries(to, asked):
		return result.FailRedirect, "the answer leads to " + to.Host + ": a network's login page, or where the server itself sends"
	case named:
		return "", "the answer leads to " + to.Host + ", which may be a network's login page"
	}
	return "", ""
}

// localName reports whether a name exists in a local network only.
func localName(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, suffix := range []string{".local", ".lan", ".home", ".internal", ".localdomain", ".home.arpa", ".box"} {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return !strings.ContainsAny(host, ".:")
}

// Words that portals bear, and login pages of all kinds.
var (
	portalWords = []string{"captive", "portal", "hotspot", "guest", "wifi", "wlan", "fgtauth", "guestauth"}
	loginWords  = []string{"login", "logon", "signin", "auth", "splash", "welcome"}
)

// bears reports whether a URL's host or path has one of these words.
func bears(u *url.URL, words []string) bool {
	text := strings.ToLower(u.Hostname() + u.Path)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// carries reports whether a redirect takes the URL that was asked for along.
func carries(to, asked *url.URL) bool {
	for _, values := range to.Query() {
		if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, asked.Host) }) {
			return true
		}
	}
	return false
}

// sameSite reports whether two hosts share their last two labels: a vendor may
// well have a portal of its own.
func sameSite(a, b *url.URL) bool {
	return lastLabels(a.Hostname()) == lastLabels(b.Hostname())
}

func lastLabels(host string) string {
	labels := strings.Split(strings.ToLower(strings.TrimSuffix(host, ".")), ".")
	return strings.Join(labels[max(0, len(labels)-2):], ".")
}
