package machine

import (
	"net/url"
	"strings"
)

// Proxy is a proxy that this machine names, with the user and password that
// the setting gives for it.
type Proxy struct {
	URL      *url.URL // http, https, socks5 or socks5h
	Source   string   // what names it: "https_proxy in the environment"
	Personal bool     // a setting of one account, which a service of this machine may not have
}

// ProxySetting is one place where this machine keeps its proxies, such as the
// environment or Windows' Internet options.
type ProxySetting struct {
	Source   string
	Personal bool   // as of Proxy, for a script: each proxy says it for itself
	HTTP     *Proxy // for plain HTTP; nil: none
	HTTPS    *Proxy // for all that goes through a tunnel by CONNECT
	Any      *Proxy // for what none of these is for: all_proxy, or one that speaks SOCKS

	Exempt       []string // hosts that go directly, each entry as it stands there
	ExemptSource string   // what lists them: "no_proxy in the environment"

	Script   string // address of a script (PAC) that chooses the proxy, which is not evaluated
	Discover bool   // the network is asked for such a script (WPAD), which netcheck does not do
	usual    bool   // it is, where nobody chose otherwise

	unread []string // sources of what can't be read as a proxy
}

// names tells whether the setting has a proxy for anything, or leaves that to
// a script.
func (s *ProxySetting) names() bool {
	return s.HTTP != nil || s.HTTPS != nil || s.Any != nil || s.Script != "" || s.Discover || len(s.unread) > 0
}

// For is the setting's proxy for a TCP connection to a host; nil if it has
// none, or exempts the host by the entry that is returned. What is not plain
// HTTP goes by the proxy for HTTPS, as a tunnel.
func (s *ProxySetting) For(host string, port int) (p *Proxy, exempt string) {
	p = s.HTTPS
	if port == 80 {
		p = s.HTTP
	}
	if p == nil {
		p = s.Any
	}
	if p == nil {
		return nil, ""
	}
	if entry := exempted(s.Exempt, host, port); entry != "" {
		return nil, entry
	}
	return p, ""
}

// ProxyTo is the proxy for a TCP connection to a host, by the first of the
// settings that has one for such a connection: as with every program that looks
// there, the next ones then have no say. Where that setting exempts the host,
// the entry is returned, and what lists it: nothing where this machine itself is
// meant.
func ProxyTo(settings []ProxySetting, host string, port int) (p *Proxy, exempt, source string) {
	for i := range settings {
		s := &settings[i]
		switch p, exempt := s.For(host, port); {
		case p != nil:
			return shared(p, settings[i+1:], host, port), "", ""
		case exempt == itself:
			return nil, exempt, ""
		case exempt != "":
			return nil, exempt, s.ExemptSource
		}
	}
	return nil, "", ""
}

// shared is an account's own proxy as everybody's, where a setting that is for
// all leads by the same one: a service is then no worse off.
func shared(p *Proxy, others []ProxySetting, host string, port int) *Proxy {
	if !p.Personal || p.URL.User != nil {
		return p
	}
	for i := range others {
		if q, _ := others[i].For(host, port); q != nil && !q.Personal && q.URL.Scheme == p.URL.Scheme && strings.EqualFold(q.URL.Host, p.URL.Host) {
			return &Proxy{URL: p.URL, Source: p.Source + " and " + q.Source}
		}
	}
	return p
}

// proxyURL reads a proxy's address as programs do: without a scheme it speaks
// HTTP. Nothing is returned where it can't be read, or netcheck does not speak
// what it does, such as SOCKS4.
func proxyURL(text string) *url.URL {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return nil
	}
	scheme := strings.ToLower(u.Scheme)
	switch scheme {
	case "http", "https", "socks5", "socks5h":
	case "socks": // GNOME's word
		scheme = "socks5"
	default:
		return nil
	}
	if more(u) {
		return nil
	}
	return &url.URL{Scheme: scheme, User: u.User, Host: u.Host}
}

// more tells whether anything follows a proxy's host. That means nothing, and
// may be the rest of a password that should have been escaped.
func more(u *url.URL) bool {
	return u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != ""
}
