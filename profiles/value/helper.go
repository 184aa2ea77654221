package value

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"

	"github.com/invopop/jsonschema"
)

// Helper is the address of netcheck's own helper outside: a host and perhaps a
// port, and by https perhaps the digest of its key.
type Helper struct{ *url.URL }

// UnmarshalYAML reads a helper's address.
func (h *Helper) UnmarshalYAML(n *Node) error {
	s, err := Scalar(n, "a helper outside, such as https://vantage.example.com")
	if err != nil {
		return err
	}
	if *h, err = ParseHelper(s); err != nil {
		return At(n, "%s", err)
	}
	return nil
}

// ParseHelper reads a helper's address. Its errors show nothing of one that may
// hold credentials.
func ParseHelper(s string) (Helper, error) {
	wrong := func(why string) (Helper, error) {
		if strings.Contains(s, "@") {
			return Helper{}, ErrCredentials
		}
		return Helper{}, fmt.Errorf("%s is not the address of a helper outside: %s", Quote(s), why)
	}
	scheme, _, ok := strings.Cut(strings.ToLower(s), "://")
	service, _, _ := strings.Cut(strings.ToLower(s), ":")
	service, _, _ = strings.Cut(service, "+")
	switch {
	case service == "globalping" || service == "echoip":
		return wrong("other people's services are for whoever runs netcheck to choose, by --vantage; a profile names a netcheck vantage, by https:// or http://")
	case !ok || scheme != "https" && scheme != "http":
		return wrong("it begins with https:// or http://")
	}
	u, err := ParseURL(s)
	switch {
	case err != nil:
		return Helper{}, err
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery:
		return wrong("nothing follows the host and port but #sha256: and the digest of its key")
	case u.Fragment != "" && u.Scheme != "https":
		return wrong("the digest of a key is of use only with https://")
	case u.Fragment != "" && !isPin(u.Fragment):
		return wrong("after # it has sha256: and the digest of its key, 64 hex digits or 44 characters of base64")
	}
	return Helper(u), nil
}

// isPin tells whether text is the digest of a public key, in hex or base64.
func isPin(text string) bool {
	digest, ok := strings.CutPrefix(text, "sha256:")
	b, err := hex.DecodeString(strings.ReplaceAll(digest, ":", ""))
	for _, words := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if err != nil {
			b, err = words.DecodeString(strings.TrimRight(digest, "="))
		}
	}
	return ok && err == nil && len(b) == 32
}

// JSONSchema is the schema of a helper's address.
func (Helper) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{
		Type: "string", Pattern: `^https?://[^@/?#]+/?(#sha256:[A-Za-z0-9:+/_=-]+)?$`,
		Description: "the address of a netcheck vantage, such as https://vantage.example.com, perhaps with #sha256: and the digest of its key",
	}
}
