package machine

import (
	"net/url"
	"slices"
	"strings"
)

// describe is the setting for a reader, without user and password.
func (s *ProxySetting) describe() string {
	var said []string
	add := func(name string, p *Proxy) {
		if p != nil {
			said = append(said, name+withoutUser(p.URL.String()))
		}
	}
	switch {
	case s.HTTP != nil && s.HTTPS != nil && s.HTTP.URL.String() == s.HTTPS.URL.String():
		add("", s.HTTPS)
	default:
		add("for HTTP ", s.HTTP)
		add("for HTTPS ", s.HTTPS)
	}
	add("for all else ", s.Any)
	if len(s.Exempt) > 0 && len(said) > 0 {
		said = append(said, "not for "+printable(strings.Join(s.Exempt, " ")))
	}
	for range s.unread {
		said = append(said, "<unreadable>")
	}
	if script := s.script(); script != "" {
		said = append(said, script+" (not evaluated)")
	}
	return s.Source + ": " + strings.Join(said, ", ")
}

// script says what chooses the proxy in the setting's place.
func (s *ProxySetting) script() string {
	switch {
	case s.Script != "" && s.Discover:
		return "the script " + scriptAddress(s.Script) + " or one that the network announces (WPAD)"
	case s.Script != "":
		return "the script " + scriptAddress(s.Script)
	case s.Discover:
		return "a script that the network announces (WPAD)"
	}
	return ""
}

// scriptAddress is a script's address for a reader: without what could let
// somebody in.
func scriptAddress(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "<unreadable>"
	}
	u.User, u.Fragment = nil, ""
	if u.RawQuery != "" {
		u.RawQuery = "..."
	}
	return printable(u.String())
}

// describeProxies is what a report says of the settings.
func describeProxies(settings []ProxySetting, environ []string) string {
	var said []string
	if env := environSays(environ); env != "" {
		said = append(said, env)
	}
	for i := range settings {
		if s := &settings[i]; s.Source != environment && s.names() {
			said = append(said, s.describe())
		}
	}
	return strings.Join(said, "; ")
}

// ProxyScript is the address of the script that chooses the proxy, or "WPAD"
// where it is asked of the network, if nothing else names a proxy: what goes
// directly here may have another way that netcheck can't know. That a network
// is asked as it comes says nothing of whether it has one.
func ProxyScript(settings []ProxySetting) string {
	if slices.ContainsFunc(settings, func(s ProxySetting) bool { return s.HTTP != nil || s.HTTPS != nil || s.Any != nil }) {
		return ""
	}
	for i := range settings {
		switch s := &settings[i]; {
		case s.Script != "":
			return scriptAddress(s.Script)
		case s.Discover && !s.usual:
			return "WPAD"
		}
	}
	return ""
}

// environSays is what the environment says of a proxy, for a reader, without
// user and password; "" where it says nothing. Upper case loses to lower case,
// as most programs have it.
func environSays(environ []string) string {
	env := variables(environ)
	var said []string
	for _, name := range []string{"http_proxy", "https_proxy", "all_proxy", "no_proxy"} {
		name, v := env.get(name)
		if v == "" {
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
	if err != nil || u.Host == "" || more(u) {
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
