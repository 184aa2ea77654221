package value

import (
	"errors"
	"fmt"
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

// ParseURL reads a URL. Its errors show no part of one that holds credentials.
func ParseURL(s string) (URL, error) {
	if len(s) > maxURL {
		return URL{}, fmt.Errorf("a URL may have %d bytes, this one has %d", maxURL, len(s))
	}
	if rest, ok := afterScheme(s); ok {
		if authority, _, _ := strings.Cut(rest, "/"); strings.Contains(authority, "@") {
			return URL{}, errors.New("a URL must not hold a user or password: it would be shown")
		}
	}
	u, err := url.Parse(s)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return URL{}, fmt.Errorf("%s is not a URL: %w", Quote(s), err)
	}
	switch {
	case u.User != nil:
		return URL{}, errors.New("a URL must not hold a user or password: it would be shown")
	case u.Scheme == "" || u.Host == "" && u.Opaque != "":
		return URL{}, fmt.Errorf("%s is not a URL: it begins with https:// or http://", Quote(s))
	case !slices.Contains([]string{"http", "https", "ws", "wss"}, u.Scheme):
		return URL{}, fmt.Errorf("%s: expected a URL with http, https, ws or wss", Quote(s))
	}
	if _, err := ParseHost(u.Hostname()); err != nil {
		return URL{}, fmt.Errorf("%s: %w", Quote(s), err)
	}
	if p := u.Port(); p != "" || strings.HasSuffix(u.Host, ":") {
		if _, err := ParsePort(p); err != nil {
			return URL{}, fmt.Errorf("%s: %w", Quote(s), err)
		}
	}
	return URL{u}, nil
}

func afterScheme(s string) (string, bool) {
	_, rest, ok := strings.Cut(s, "//")
	return rest, ok
}

// JSONSchema is the schema of a URL.
func (URL) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^(https?|wss?)://[^@/]+(/.*)?$`, Description: "a URL, without user and password"}
}
