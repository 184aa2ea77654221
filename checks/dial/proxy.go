package dial

import "net/url"

// Proxy is who makes connections in this machine's place, by CONNECT or by
// SOCKS5. Names are for the proxy to resolve, whatever the scheme.
type Proxy struct {
	URL      *url.URL // http, https, socks5 or socks5h; may hold a user and password
	Source   string   // where it is set, for a reader
	Personal bool     // a setting of the user's own account, which a service may not have
}

// String is the proxy for a reader: without user and password.
func (p *Proxy) String() string { return p.URL.Scheme + "://" + p.URL.Host }

// Socks tells whether it speaks SOCKS, and not HTTP.
func (p *Proxy) Socks() bool { return p.URL.Scheme == "socks5" || p.URL.Scheme == "socks5h" }

// Port is the proxy's port, given or of its scheme.
func (p *Proxy) Port() string {
	if port := p.URL.Port(); port != "" {
		return port
	}
	switch p.URL.Scheme {
	case "http":
		return "80"
	case "https":
		return "443"
	}
	return "1080"
}

// Route is what the settings say of one host and port.
type Route struct {
	Proxy  *Proxy // nil: the direct way
	Exempt string // the entry of a list of exemptions that matched, where there is a proxy for others
	Source string // of that list
}
