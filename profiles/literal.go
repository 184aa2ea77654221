package profiles

import (
	"net/url"
	"reflect"
	"slices"
	"strings"

	"netcheck/profiles/value"

	yaml "go.yaml.in/yaml/v4"
)

// A block is looked at as a whole only when all of it is known and right. Till
// then what is written out in it is looked at by itself, so that one ${…} or
// one mistake does not hide another.

// literal is what the kind has against those fields of a check that hold no
// ${…} and are right in themselves. Values of the right types, where the check
// has any, must make the same complaint, and so must each of the few values
// that an enum or a switch can have, and any text elsewhere: else it may come
// from what is left out.
func (l *loader) literal(c *check, tried *value.Node) value.Problems {
	n := l.without(c, c.body, func(val *value.Node) bool {
		waits := false
		l.p.templates.in(val, func(*value.Node, template) { waits = true })
		return waits
	})
	ps := l.complaints(c, n)
	confirm := func(n *value.Node) {
		if len(ps) > 0 {
			again := l.complaints(c, n)
			ps = slices.DeleteFunc(ps, func(p value.Problem) bool { return !slices.Contains(again, p) })
		}
	}
	if tried != nil {
		confirm(l.without(c, tried, func(*value.Node) bool { return false }))
	}
	for _, f := range value.Fields(reflect.TypeOf(c.kind.New())) {
		key := value.Key(c.body, f.Name)
		if key == nil || value.Key(n, f.Name) != nil {
			continue
		}
		words := f.Enum
		switch {
		case f.Type.Kind() == reflect.Bool:
			words = []string{"true", "false"}
		case len(words) == 0:
			words = []string{"text"}
		}
		for _, w := range words {
			with := copyOf(n)
			with.Content = append(slices.Clone(n.Content), key, scalarNode(key, "!!str", w))
			confirm(with)
		}
	}
	return ps
}

// complaints are the kind's, about fields that are there.
func (l *loader) complaints(c *check, n *value.Node) value.Problems {
	body := c.kind.New()
	value.Decoder{Types: &l.types}.Decode(n, body) // what is missing is no matter here
	return objections(c, n, body, func(err error) bool {
		fe, ok := err.(fieldError)
		return ok && value.Get(n, fe.FieldName()) != nil
	})
}

// without is a kind's block without the fields that are left out, and without
// those that can't be decoded.
func (l *loader) without(c *check, n *value.Node, leaveOut func(val *value.Node) bool) *value.Node {
	kept := copyOf(n)
	kept.Content = nil
	for key, val := range value.Pairs(n) {
		if !leaveOut(val) {
			kept.Content = append(kept.Content, key, val)
		}
	}
	ps := value.Decoder{Types: &l.types}.Decode(kept, c.kind.New())
	if len(ps) == 0 {
		return kept
	}
	sound := copyOf(n)
	sound.Content = nil
	for key, val := range value.Pairs(kept) {
		if !concerns(ps, val) {
			sound.Content = append(sound.Content, key, val)
		}
	}
	return sound
}

// concerns reports whether one of the problems is at a node or below it.
func concerns(ps value.Problems, n *value.Node) bool {
	if slices.ContainsFunc(ps, func(p value.Problem) bool { return p.Line == n.Line && p.Column == n.Column }) {
		return true
	}
	return n.Kind != yaml.ScalarNode && slices.ContainsFunc(n.Content, func(c *value.Node) bool { return concerns(ps, c) })
}

// userIn finds a user or password that is written out in a URL with ${…}: no
// value makes that right.
func (l *loader) userIn(n *value.Node, t template) {
	var b strings.Builder
	for _, p := range t {
		if p.terms == nil {
			b.WriteString(p.literal)
		} else {
			b.WriteByte('1') // fits a host, a port and a path
		}
	}
	if u, err := url.Parse(b.String()); err == nil && u.User != nil {
		l.fail(n, "%s", value.ErrCredentials)
	}
}

// numeric holds a parameter that the kind takes for a number to the types
// whose values can be one; a string can if its pattern says so.
func (l *loader) numeric(c *check, body any) {
	n, ok := body.(interface{ Number() (param, field string) })
	if !ok {
		return
	}
	name, field := n.Number()
	i := slices.Index(l.p.paramNames(), name)
	if i < 0 {
		return // none, or said already
	}
	switch p := &l.p.Params[i]; p.Type {
	case "host", "ip", "cidr-list", "url", "proxy", "path", "mac", "bool", "string":
		if p.decl.Pattern == "" {
			wrong := value.At(value.Key(c.body, field), "%s compares numbers, and %s is %s", field, name, aType(p.Type))
			wrong.Hint = "make it an int, or state what it is by in"
			l.add(wrong)
		}
	}
}
