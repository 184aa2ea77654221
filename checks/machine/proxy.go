package machine

import (
	"net/url"
	"strings"
)

// Proxy is what the environment says of a proxy, for a reader, without user
// and password; "" where it says nothing. Upper case loses to lower case, as
// most programs have it.
func Proxy(environ []string) string {
	env := map[string]string{}
	for _, kv := range environ {
		k, v, _ := strings.Cut(kv, "=")
		if v != "" {
			env[k] = v
		}
	}
	var said []string
	for _, name := range []string{"http_proxy", "https_proxy", "all_proxy", "no_proxy"} {
		v, ok := env[name]
		if !ok {
			name = strings.ToUpper(name)
			v, ok = env[name]
		}
		if !ok {
			continue
		}
		if !strings.EqualFold(name, "no_proxy") {
			v = withoutUser(v)
		}
		said = append(said, name+"="+printable(v))
	}
	return strings.Join(said, " ")
}

// withoutUser removes the user and password of a proxy's URL. What can't be
// read as one could hold a password anywhere, so nothing of it is shown.
func withoutUser(v string) string {
	bare := !strings.Contains(v, "://")
	if bare {
		v = "http://" + v
	}
	u, err := url.Parse(v)
	if err != nil || u.Host == "" {
		return "<unreadable>"
	}
	if bare {
		return u.Host
	}
	return u.Scheme + "://" + u.Host
}

// printable replaces what a terminal would obey.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
