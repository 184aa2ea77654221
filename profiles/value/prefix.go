package value

import (
	"net/netip"
	"strings"

	"github.com/invopop/jsonschema"
)

// Prefix is an address or a CIDR.
type Prefix struct{ netip.Prefix }

// UnmarshalYAML reads an address or a CIDR.
func (p *Prefix) UnmarshalYAML(n *Node) error {
	s, err := Scalar(n, "an address or a CIDR, such as 192.0.2.0/24")
	if err != nil {
		return err
	}
	if *p, err = ParsePrefix(s); err != nil {
		return At(n, "%s", err)
	}
	return nil
}

// ParsePrefix reads an address, which is a prefix of its own, or a CIDR. Host
// bits set in a CIDR are refused: 10.0.0.5/24 is as often a typo as 10.0.0.0/24.
func ParsePrefix(s string) (Prefix, error) {
	if a, err := ParseIP(s); err == nil {
		return Prefix{netip.PrefixFrom(a, a.BitLen())}, nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return Prefix{}, Wrong("prefix", "%s is not an address or a CIDR, such as 192.0.2.0/24", Quote(s))
	}
	if p != p.Masked() {
		return Prefix{}, Wrong("prefix-inside", "%s is an address within a network: the network is %s", Quote(s), p.Masked().String())
	}
	return Prefix{p}, nil
}

// ParseIP reads an IP address without a zone.
func ParseIP(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, Wrong("ip", "%s is not an IP address, such as 192.0.2.10", Quote(s))
	}
	return a, nil
}

// String is an address where the prefix holds only one, else a CIDR.
func (p Prefix) String() string {
	if p.IsValid() && p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.Prefix.String()
}

// JSONSchema is the schema of an address or a CIDR.
func (Prefix) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^[0-9A-Fa-f:.]+(/[0-9]+)?$`, Description: "an address, or a network such as 192.0.2.0/24"}
}
