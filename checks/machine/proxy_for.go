package machine

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// ProxyFor is the proxy that the environment names for a TCP connection to a
// host, with its credentials; nil if it names none, or exempts the host. What
// is not plain HTTP goes by the proxy for HTTPS, as a tunnel. Names in lower
// case go before those in upper case, as most programs have it.
func ProxyFor(environ []string, host string, port int) *url.URL {
	env := map[string]string{}
	for _, kv := range environ {
		if k, v, ok := strings.Cut(kv, "="); ok && v != "" {
			env[k] = v
		}
	}
	get := func(name string) string {
		if v, ok := env[name]; ok {
			return v
		}
		return env[strings.ToUpper(name)]
	}
	name := "https_proxy"
	if port == 80 {
		name = "http_proxy"
	}
	text := get(name)
	if text == "" {
		text = get("all_proxy")
	}
	if text == "" || exempt(get("no_proxy"), host, port) {
		return nil
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil
	}
	return u
}

// exempt tells whether a list such as no_proxy's holds a host: "*", an address,
// a network, a domain with all below it, with a dot before it or not, each with
// a port or without; or "<local>", which is Windows' word for names without a
// dot. This machine itself never goes by a proxy.
func exempt(list, host string, port int) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	a, err := netip.ParseAddr(host)
	literal := err == nil
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || literal && a.IsLoopback() {
		return true
	}
	for entry := range strings.FieldsFuncSeq(strings.ToLower(list), func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		if entry == "*" || entry == "<local>" && !literal && !strings.Contains(host, ".") {
			return true
		}
		if p, err := netip.ParsePrefix(entry); err == nil {
			if literal && p.Contains(a.Unmap()) {
				return true
			}
			continue
		}
		entry, ok := ofPort(entry, port)
		if !ok {
			continue
		}
		if e, err := netip.ParseAddr(entry); err == nil {
			if literal && e.Unmap() == a.Unmap() {
				return true
			}
			continue
		}
		domain := strings.TrimPrefix(strings.TrimPrefix(entry, "*"), ".")
		if domain == "" || literal {
			continue
		}
		if strings.HasSuffix(host, "."+domain) || host == domain && !strings.HasPrefix(entry, "*") {
			return true
		}
	}
	return false
}

// ofPort takes the port off an entry, and tells whether it is this one or
// there is none.
func ofPort(entry string, port int) (string, bool) {
	if ap, err := netip.ParseAddrPort(entry); err == nil {
		return ap.Addr().String(), int(ap.Port()) == port
	}
	if _, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
		return strings.Trim(entry, "[]"), true
	}
	name, p, ok := strings.Cut(entry, ":")
	if !ok {
		return entry, true
	}
	return name, p == strconv.Itoa(port)
}
