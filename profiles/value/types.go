package value

import (
	"net/netip"
	"regexp"
	"time"
)

// The types below decode themselves by UnmarshalYAML; the schema of each is
// beside it.

// OneOrMany is one value or a list of them.
type OneOrMany[T any] []T

// Text is a text in one or several languages; "" is a text without a language.
type Text map[string]string

// Ports is a set of port ranges, in the order given: 443, "80,8000-8005", [80, "8000-8005"].
type Ports []PortRange

// PortRange is First to Last, both included.
type PortRange struct{ First, Last uint16 }

// Count is how many ports there are.
func (p Ports) Count() int {
	n := 0
	for _, r := range p {
		n += int(r.Last) - int(r.First) + 1
	}
	return n
}

// All lists every port, in the order given, without repeats.
func (p Ports) All() []uint16 {
	seen := make(map[uint16]bool, p.Count())
	var all []uint16
	for _, r := range p {
		for i := int(r.First); i <= int(r.Last); i++ {
			if q := uint16(i); !seen[q] {
				seen[q] = true
				all = append(all, q)
			}
		}
	}
	return all
}

// Duration is 90s, 15m, 36h or 5d.
type Duration time.Duration

// Regexp is /expression/ in RE2 syntax.
type Regexp struct{ *regexp.Regexp }

// Prefix is an address or a CIDR.
type Prefix struct{ netip.Prefix }

// Secret is a value that no report, log or message may show.
type Secret string

func (Secret) String() string               { return "<secret>" }
func (Secret) GoString() string             { return "<secret>" }
func (Secret) MarshalText() ([]byte, error) { return []byte("<secret>"), nil }
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"<secret>"`), nil }
func (Secret) MarshalYAML() (any, error)    { return "<secret>", nil }

// Reveal gives the value to the protocol that needs it.
func (s Secret) Reveal() string { return string(s) }
