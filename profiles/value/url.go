package value

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
)

// URL is a web address: http, https, ws or wss. User and password are refused
// in it: they would be a secret in a place that is shown.
type URL struct{ *url.URL }

// maxURL is what servers and proxies commonly take.
const maxURL = 8000

// UnmarshalYAML reads a URL.
func (u *URL) UnmarshalYAML(n *Node) error {
	s, err := Scalar(n, "a URL, such as https://www.example.com/")
	if err != nil {
		return err
	}
	if *u, err = ParseURL(s); err != nil {
		return At(n, "%s", err)
	}
	return nil
}

// ParseURL reads a URL. Its errors show nothing of one that may hold
// credentials.
func ParseURL(s string) (URL, error) {
	u, err := parseURL(s)
	switch {
	case err == nil:
		return URL{u}, nil
	case len(s) > maxURL:
		return URL{}, Wrong("url-long", "a URL may have %d bytes, this one has %d", maxURL, len(s))
	case errors.Is(err, ErrCredentials):
		return URL{}, err
	case strings.Contains(s, "@"):
		return URL{}, Wrong("url-user", "this is not a URL: https://host/ or http://host/, without user and password")
	}
	return URL{}, Wrong("url", "%s is not a URL: %s", Quote(s), err)
}

// ErrCredentials is said of a URL that holds a user or password.
var ErrCredentials = Wrong("url-credentials", "a URL must not hold a user or password: it would be shown")

func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err // without the URL, which is said already
		}
		return nil, err
	}
	switch {
	case len(s) > maxURL:
		return nil, Wrong("too-long", "too long")
	case u.User != nil:
		return nil, ErrCredentials
	case !slices.Contains([]string{"http", "https", "ws", "wss"}, u.Scheme) || u.Opaque != "":
		return nil, Wrong("url-scheme", "it begins with https:// or http://, or wss:// or ws://")
	}
	if _, err := ParseHost(u.Hostname()); err != nil {
		return nil, err
	}
	if u.Port() != "" || strings.HasSuffix(u.Host, ":") {
		_, err = ParsePort(u.Port())
	}
	return u, err
}

// JSONSchema is the schema of a URL.
func (URL) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^(https?|wss?)://[^@/]+(/.*)?$`, Description: "a URL, without user and password"}
}
