package value

import (
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/invopop/jsonschema"
)

// Ports is a set of port ranges, in the order given: 443, "80,8000-8005", [80, "8000-8005"].
type Ports []PortRange

// PortRange is First to Last, both included.
type PortRange struct{ First, Last uint16 }

// maxRanges bounds a list of ports; a range is one of it.
const maxRanges = 1000

// UnmarshalYAML reads a port, a text with ports and ranges, or a list of both.
func (p *Ports) UnmarshalYAML(n *Node) error {
	*p = nil
	if n.Kind != yaml.SequenceNode {
		return p.add(n)
	}
	var ps Problems
	for _, c := range n.Content {
		ps = append(ps, problems(c, p.add(c))...)
	}
	if len(n.Content) == 0 {
		return At(n, "expected at least one port")
	}
	return ps.Err()
}

func (p *Ports) add(n *Node) error {
	s, err := Scalar(n, "a port or ports, such as 443 or \"80,8000-8005\"")
	if err != nil {
		return err
	}
	more, err := ParsePorts(s)
	if err != nil {
		return At(n, "%s", err)
	}
	if *p = append(*p, more...); len(*p) > maxRanges {
		return At(n, "more than %d ports and ranges in one list", maxRanges)
	}
	return nil
}

// ParsePorts reads ports and ranges: "80,8000-8005".
func ParsePorts(s string) (Ports, error) {
	var p Ports
	for part := range strings.SplitSeq(s, ",") {
		if len(p) == maxRanges {
			return nil, Wrong("ports-many", "more than %d ports and ranges in one list", maxRanges)
		}
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		first, last = strings.TrimSpace(first), strings.TrimSpace(last)
		if first == "" || isRange && last == "" {
			return nil, Wrong("ports-lacking", "%s lacks a port", Quote(s))
		}
		a, err := ParsePort(first)
		if err != nil {
			return nil, err
		}
		b := a
		if isRange {
			if b, err = ParsePort(last); err != nil {
				return nil, err
			}
		}
		if b < a {
			return nil, Wrong("ports-order", "the range %d-%d ends before it starts", a, b)
		}
		p = append(p, PortRange{a, b})
	}
	return p, nil
}

// ParsePort reads one port.
func ParsePort(s string) (uint16, error) {
	n, ok := Int(s)
	if !ok || n < 1 || n > 65535 {
		return 0, Wrong("port", "%s is not a port: it is a number from 1 to 65535", Quote(s))
	}
	return uint16(n), nil
}

// String is the ports as a profile would have them: 80,8000-8005.
func (p Ports) String() string {
	var b strings.Builder
	for i, r := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(int(r.First)))
		if r.Last != r.First {
			b.WriteByte('-')
			b.WriteString(strconv.Itoa(int(r.Last)))
		}
	}
	return b.String()
}

// Count is how many ports there are, those named twice counted twice.
func (p Ports) Count() int {
	n := 0
	for _, r := range p {
		n += int(r.Last) - int(r.First) + 1
	}
	return n
}

// All lists every port, in the order given, without repeats.
func (p Ports) All() []uint16 {
	var seen [1 << 16]bool
	all := make([]uint16, 0, min(p.Count(), len(seen)))
	for _, r := range p {
		for i := int(r.First); i <= int(r.Last); i++ {
			if !seen[i] {
				seen[i] = true
				all = append(all, uint16(i))
			}
		}
	}
	return all
}

// Contains reports whether the port is one of them.
func (p Ports) Contains(port uint16) bool {
	for _, r := range p {
		if r.First <= port && port <= r.Last {
			return true
		}
	}
	return false
}

// JSONSchema is the schema of ports.
func (Ports) JSONSchema() *jsonschema.Schema {
	one := &jsonschema.Schema{Type: "integer", Minimum: "1", Maximum: "65535"}
	some := &jsonschema.Schema{Type: "string", Pattern: `^[0-9, -]+$`, Description: "ports and ranges: 80,8000-8005"}
	list := &jsonschema.Schema{Type: "array", MinItems: new(uint64(1)), Items: anyOf(one, some, &jsonschema.Schema{Type: "string", Pattern: `\$\{`})}
	return anyOf(one, some, list)
}
