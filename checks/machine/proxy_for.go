package machine

import (
	"net/netip"
	"strconv"
	"strings"
)

// itself stands for an entry where a connection does not leave this machine.
const itself = "this machine itself"

// exempted is the first entry of a list of exemptions that holds a host; "" if
// none does. An entry is "*", an address, a network, a domain with all below
// it, with a dot before it or not, each with a port or without; or "<local>",
// which is Windows' word for names without a dot. This machine itself never
// goes by a proxy, whose own "localhost" is another one.
func exempted(list []string, host string, port int) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	a, err := netip.ParseAddr(host)
	literal := err == nil
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || literal && a.Unmap().IsLoopback() {
		return itself
	}
	for _, entry := range list {
		if covers(strings.ToLower(entry), host, a, literal, port) {
			return printable(entry)
		}
	}
	return ""
}

// covers tells whether an entry holds a host, or its address where it is one.
func covers(entry, host string, a netip.Addr, literal bool, port int) bool {
	if entry == "*" || entry == "<local>" && !literal && !strings.Contains(host, ".") {
		return true
	}
	entry, ok := ofPort(entry, port)
	if !ok {
		return false
	}
	if p, err := netip.ParsePrefix(entry); err == nil {
		return literal && p.Contains(a.Unmap())
	}
	if e, err := netip.ParseAddr(entry); err == nil {
		return literal && e.Unmap() == a.Unmap()
	}
	domain := strings.TrimPrefix(strings.TrimPrefix(entry, "*"), ".")
	if domain == "" || literal {
		return false
	}
	if strings.Contains(domain, "*") {
		return matches(entry, host)
	}
	return strings.HasSuffix(host, "."+domain) || host == domain && !strings.HasPrefix(entry, "*")
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
	if _, err := netip.ParsePrefix(entry); err == nil {
		return entry, true
	}
	name, p, ok := strings.Cut(entry, ":")
	if !ok {
		return entry, true
	}
	return name, p == strconv.Itoa(port)
}

// matches tells whether a name fits a pattern of Windows', whose stars stand
// for any text.
func matches(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	last := len(parts) - 1
	if !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	for _, p := range parts[1:last] {
		i := strings.Index(name, p)
		if i < 0 {
			return false
		}
		name = name[i+len(p):]
	}
	return strings.HasSuffix(name, parts[last])
}
