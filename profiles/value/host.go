package value

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"
)

// Host is a name (RFC 1123, underscores allowed as in the field) or an
// address. A name with other letters stands in its xn-- form: what a product
// looks up is then what the profile says, and two names that look alike can be
// told apart.
type Host string

// UnmarshalYAML reads a host.
func (h *Host) UnmarshalYAML(n *Node) error {
	s, err := Scalar(n, "a host name or an address")
	if err != nil {
		return err
	}
	if *h, err = ParseHost(s); err != nil {
		return At(n, "%s", err)
	}
	return nil
}

// Addr is the address, where the host is one.
func (h Host) Addr() (netip.Addr, bool) {
	a, err := netip.ParseAddr(string(h))
	return a, err == nil
}

// ParseHost reads a host name or an address.
func ParseHost(s string) (Host, error) {
	bare := strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	if a, err := netip.ParseAddr(bare); err == nil {
		if err := checkZone(a.Zone()); err != nil {
			return "", err
		}
		return Host(a.String()), nil
	}
	name := strings.TrimSuffix(s, ".") // the root is no label
	switch {
	case s == "":
		return "", Wrong("host-empty", "the host is empty")
	case strings.Contains(s, "://"):
		return "", Wrong("host-url", "%s is a URL: expected the host alone", Quote(s))
	case strings.ContainsAny(s, ":") && strings.Count(s, ":") == 1:
		return "", Wrong("host-port", "%s: expected the host alone, without a port", Quote(s))
	case len(name) > 253:
		return "", Wrong("host-long", "%s is longer than the 253 characters of a name", Quote(s))
	}
	labels := strings.Split(name, ".")
	for _, l := range labels {
		if err := ParseLabel(l); err != nil {
			return "", Wrong("host-name", "%s is not a host name: %s", Quote(s), err)
		}
	}
	if strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return "", Wrong("host-address", "%s is not a valid address", Quote(s))
	}
	return Host(s), nil
}

// ParseLabel looks at one label of a name.
func ParseLabel(l string) error {
	switch {
	case l == "":
		return Wrong("label-empty", "a part between dots is empty")
	case len(l) > 63:
		return Wrong("label-long", "%s is longer than 63 characters", Quote(l))
	case l[0] == '-' || l[len(l)-1] == '-':
		return Wrong("label-hyphen", "%s begins or ends with a hyphen", Quote(l))
	}
	for _, r := range l {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
		case r > 127:
			return Wrong("label-letter", "a name with %s is written in its xn-- form", strconv.QuoteRune(r))
		default:
			return Wrong("label-sign", "%s does not belong in it", strconv.QuoteRune(r))
		}
	}
	return nil
}

// checkZone holds an IPv6 zone to what interfaces are called.
func checkZone(zone string) error {
	for _, r := range zone {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("-_.", r):
		default:
			return Wrong("zone-sign", "%s does not belong in an interface's name", strconv.QuoteRune(r))
		}
	}
	return nil
}

// JSONSchema is the schema of a host.
func (Host) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^[A-Za-z0-9._:%\[\]-]+$`, Description: "a host name or an address"}
}
