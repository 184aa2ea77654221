package value

import (
	"errors"
	"net/url"
	"strings"

	"github.com/invopop/jsonschema"
)

// ProxyURL is the address of a proxy, which speaks HTTP where nothing is said.
// User and password are refused in it, as in a URL: they have fields of their
// own.
type ProxyURL struct{ *url.URL }

// UnmarshalYAML reads a proxy's address.
func (u *ProxyURL) UnmarshalYAML(n *Node) error {
	s, err := Scalar(n, "a proxy, such as http://proxy.example.com:3128")
	if err != nil {
		return err
	}
	if *u, err = ParseProxyURL(s); err != nil {
		return At(n, "%s", err)
	}
	return nil
}

// ParseProxyURL reads a proxy's address. Its errors show nothing of one that
// may hold credentials.
func ParseProxyURL(s string) (ProxyURL, error) {
	text := s
	if !strings.Contains(s, "://") {
		text = "http://" + s
	}
	wrong := func(why error) (ProxyURL, error) {
		if strings.Contains(s, "@") {
			return ProxyURL{}, Wrong("proxy-user", "this is not a proxy's address: http://host:port, without user and password")
		}
		return ProxyURL{}, Wrong("proxy", "%s is not a proxy's address: %s", Quote(s), why)
	}
	u, err := url.Parse(text)
	switch {
	case len(s) > maxURL:
		return wrong(Wrong("too-long", "too long"))
	case err != nil:
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err // without the text, which is said already
		}
		return wrong(err)
	case u.User != nil:
		return ProxyURL{}, Wrong("proxy-credentials", "a proxy's address must not hold a user or password: it would be shown")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return wrong(Wrong("proxy-path", "nothing follows the host and port"))
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
	case "socks4", "socks4a", "socks":
		return wrong(Wrong("proxy-socks", "of SOCKS, version 5 alone is spoken: socks5://"))
	default:
		return wrong(Wrong("proxy-scheme", "it begins with http://, https:// or socks5://"))
	}
	if _, err := ParseHost(u.Hostname()); err != nil {
		return wrong(err)
	}
	if u.Port() != "" || strings.HasSuffix(u.Host, ":") {
		if _, err := ParsePort(u.Port()); err != nil {
			return wrong(err)
		}
	}
	return ProxyURL{&url.URL{Scheme: u.Scheme, Host: u.Host}}, nil
}

// JSONSchema is the schema of a proxy's address.
func (ProxyURL) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{
		Type: "string", Pattern: `^((https?|socks5h?)://)?[^@/]+/?$`,
		Description: "a proxy's address, such as http://proxy.example.com:3128 or socks5://proxy.example.com, without user and password",
	}
}
