package profiles

import (
	"cmp"
	"strconv"
	"strings"

	"netcheck/profiles/value"

	yaml "go.yaml.in/yaml/v4"
)

// substitution fills values into nodes. It copies what it changes: a profile
// can be bound many times.
type substitution struct {
	templates templates
	values    map[string]any
	item      any               // of for_each; nil: none
	holes     []*value.Node     // longer texts that name a parameter without a value
	budget    *int              // of what values may add, for all checks; nil: no limit
	stand     func(term) string // what stands for a value that is not known, "" for nothing; nil: for none
	ps        value.Problems    // what grew too long
}

// maxSpliced is how many elements lists may add to a profile in all: each
// becomes part of the report.
const maxSpliced = 1_000_000

// node is n with its values, or nil if n is a parameter without one: the field
// is then left out.
func (s *substitution) node(n *value.Node) *value.Node {
	switch {
	case n == nil:
		return nil
	case n.Tag == value.Later:
		return s.fill(n, s.templates[n])
	case n.Kind == yaml.SequenceNode:
		return s.list(n)
	case n.Kind != yaml.MappingNode:
		return n
	}
	out := n
	for i := 1; i < len(n.Content); i += 2 {
		key, val := n.Content[i-1], n.Content[i]
		filled := s.node(val)
		if filled == val && out == n {
			continue
		}
		if out == n {
			out = copyOf(n)
			out.Content = append(make([]*value.Node, 0, len(n.Content)), n.Content[:i-1]...)
		}
		if filled != nil {
			out.Content = append(out.Content, key, filled)
		}
	}
	return out
}

// list fills in a list. A parameter that is a list itself is spliced in; a
// list of which nothing remains is left out.
func (s *substitution) list(n *value.Node) *value.Node {
	out := copyOf(n)
	out.Content = nil
	changed := false
	for _, c := range n.Content {
		filled := s.node(c)
		changed = changed || filled != c
		switch {
		case filled == nil:
		case c.Tag == value.Later && filled.Kind == yaml.SequenceNode:
			out.Content = append(out.Content, filled.Content...)
		default:
			out.Content = append(out.Content, filled)
		}
	}
	switch {
	case !changed:
		return n
	case len(out.Content) == 0:
		return nil
	}
	return out
}

// afford is the elements if there is room for them.
func (s *substitution) afford(at *value.Node, elements []*value.Node) []*value.Node {
	if s.budget == nil {
		return elements
	}
	if *s.budget -= len(elements); *s.budget < 0 {
		s.ps = append(s.ps, value.At(at, "the lists come to more than %d elements", maxSpliced))
		return nil
	}
	return elements
}

func copyOf(n *value.Node) *value.Node {
	c := *n
	return &c
}

// text is a text for people with its values. A parameter without a value shows
// as its <name>.
func (s *substitution) text(n *value.Node) value.Text {
	filled := s.node(n)
	if filled == nil {
		return nil
	}
	var t value.Text
	value.Decode(filled, &t) // nothing can be wrong that Load did not see, but for a text that grew too long
	return t
}

func (s *substitution) fill(n *value.Node, t template) *value.Node {
	if t.whole() {
		v := s.value(t[0])
		if text := s.standing(t[0]); v == nil && text != "" {
			v = text
		}
		if v == nil {
			return nil
		}
		whole := nodeOf(n, v)
		whole.Content = s.afford(n, whole.Content)
		return whole
	}
	var b strings.Builder
	for _, p := range t {
		if p.terms == nil {
			b.WriteString(p.literal)
			continue
		}
		v := s.value(p)
		if v == nil {
			s.holes = append(s.holes, n)
			v = cmp.Or(s.standing(p), "<"+p.terms[0].String()+">")
		}
		if b.WriteString(textOf(v)); b.Len() > value.MaxText {
			s.ps = append(s.ps, value.At(n, "with its values the text is longer than %d bytes", value.MaxText))
			break
		}
	}
	return scalarNode(n, "!!str", b.String())
}

// value is what an expression comes to; nil: it has no value.
func (s *substitution) value(p piece) any {
	if !p.sum() {
		return s.term(p.terms[0])
	}
	sum := 0
	for _, t := range p.terms {
		v, ok := s.term(t).(int)
		if !ok {
			return nil
		}
		if t.minus {
			v = -v
		}
		sum += v
	}
	return sum
}

func (s *substitution) term(t term) any {
	switch {
	case t.param != "":
		return s.values[t.param]
	case !t.item:
		return int(t.number)
	case t.field == "":
		return s.item
	}
	record, _ := s.item.(map[string]any)
	return record[t.field]
}

// nodeOf is a typed value as the node that stands at n's place.
func nodeOf(at *value.Node, v any) *value.Node {
	list := func(n int, each func(i int) any) *value.Node {
		out := &value.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: at.Line, Column: at.Column}
		for i := range n {
			out.Content = append(out.Content, nodeOf(at, each(i)))
		}
		return out
	}
	switch v := v.(type) {
	case value.Secret:
		return scalarNode(at, "!!str", v.Reveal())
	case int:
		return scalarNode(at, "!!int", strconv.Itoa(v))
	case bool:
		return scalarNode(at, "!!bool", strconv.FormatBool(v))
	case []string:
		return list(len(v), func(i int) any { return v[i] })
	case []value.Prefix:
		return list(len(v), func(i int) any { return v[i].String() })
	case []any:
		return list(len(v), func(i int) any { return v[i] })
	}
	return scalarNode(at, "!!str", textOf(v))
}

func scalarNode(at *value.Node, tag, text string) *value.Node {
	return &value.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text, Line: at.Line, Column: at.Column}
}
