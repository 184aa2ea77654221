package machine

import (
	"bufio"
	"bytes"
	"net"
	"net/url"
	"strings"
)

// fromGNOME reads what "gsettings list-recursively org.gnome.system.proxy"
// prints: a schema, a key and a value in GVariant's text format on each line.
func fromGNOME(out []byte) ProxySetting {
	s := ProxySetting{Source: "GNOME's setting of this account", Personal: true}
	values := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		schema, rest, _ := strings.Cut(lines.Text(), " ")
		key, v, ok := strings.Cut(rest, " ")
		if under, ours := strings.CutPrefix(schema, "org.gnome.system.proxy"); ok && ours {
			values[strings.TrimPrefix(under+"."+key, ".")] = v
		}
	}
	text := func(key string) string { return strings.Join(gvariantTexts(values[key]), "") }
	switch text("mode") {
	case "auto":
		s.Script = text("autoconfig-url")
		s.Discover = s.Script == ""
	case "manual":
		proxy := func(name, scheme string) *Proxy {
			host, port := text(name+".host"), values[name+".port"]
			if host == "" || port == "" || port == "0" {
				return nil
			}
			u := proxyURL(scheme + "://" + net.JoinHostPort(host, port))
			if u == nil {
				s.unread = append(s.unread, s.Source)
				return nil
			}
			return &Proxy{URL: u, Source: s.Source, Personal: true}
		}
		s.HTTP, s.HTTPS, s.Any = proxy("http", "http"), proxy("https", "http"), proxy("socks", "socks5")
		if s.HTTP != nil && values["http.use-authentication"] == "true" {
			s.HTTP.URL.User = url.UserPassword(text("http.authentication-user"), text("http.authentication-password"))
		}
		s.Exempt, s.ExemptSource = gvariantTexts(values["ignore-hosts"]), s.Source
	}
	return s
}

// gvariantTexts are the quoted texts in a value: one, or those of a list.
func gvariantTexts(v string) (texts []string) {
	var b strings.Builder
	quote, escaped := rune(0), false
	for _, r := range v {
		switch {
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		case quote == 0:
		case escaped:
			b.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == quote:
			texts = append(texts, b.String())
			b.Reset()
			quote = 0
		default:
			b.WriteRune(r)
		}
	}
	return texts
}
