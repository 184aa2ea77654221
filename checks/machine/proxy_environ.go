package machine

import (
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// Environ is the environment, with the proxy that the system is set up with
// where the environment names none: programs on such a system look there.
func Environ() []string {
	environ := os.Environ()
	if Proxy(environ) != "" {
		return environ
	}
	return append(environ, systemProxy()...)
}

// fromWinINET puts Windows' setting into the environment's words. The server
// is "host:port" for all, or "http=host:port;https=host:port"; the exemptions
// are patterns with stars, and <local> for names without a dot.
func fromWinINET(server, override string) []string {
	var env, exempt []string
	for entry := range strings.FieldsFuncSeq(server, separates) {
		scheme, to, ok := strings.Cut(entry, "=")
		switch {
		case !ok:
			env = append(env, "http_proxy="+entry, "https_proxy="+entry)
		case scheme == "http" || scheme == "https":
			env = append(env, scheme+"_proxy="+to)
		}
	}
	if len(env) == 0 {
		return nil
	}
	for entry := range strings.FieldsFuncSeq(override, separates) {
		if network := networkOf(entry); network != "" {
			entry = network
		}
		exempt = append(exempt, entry)
	}
	if len(exempt) > 0 {
		env = append(env, "no_proxy="+strings.Join(exempt, ","))
	}
	return env
}

func separates(r rune) bool { return r == ';' || r == ' ' || r == '\t' || r == '\r' || r == '\n' }

// networkOf is the network that a pattern such as 192.168.* means; "" if it
// means none.
func networkOf(pattern string) string {
	parts := strings.Split(pattern, ".")
	known := 0
	for known < len(parts) && parts[known] != "*" {
		known++
	}
	if known == 0 || known > 3 || known == len(parts) || len(parts) > 4 {
		return ""
	}
	for _, p := range parts[known:] {
		if p != "*" {
			return ""
		}
	}
	text := strings.Join(parts[:known], ".") + strings.Repeat(".0", 4-known)
	if a, err := netip.ParseAddr(text); err != nil || !a.Is4() {
		return ""
	}
	return text + "/" + strconv.Itoa(8*known)
}
