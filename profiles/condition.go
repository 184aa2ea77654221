package profiles

import (
	"slices"

	"netcheck/profiles/value"
)

// condition is parameters with the values that they must have.
type condition = value.Ordered[value.OneOrMany[string]]

// truth is what a condition comes to. It is unknown while a parameter that it
// asks for is required and has no value.
type truth int

const (
	no truth = iota
	unknown
	yes
)

// condition holds a condition to the parameters and their types; n is its node.
// What it compares is brought into the form that typed values have as text.
func (l *loader) condition(c condition, n *value.Node) {
	for _, e := range c {
		p := l.param(e.At, e.Key)
		if p == nil || p.Expects.Key == "" {
			continue
		}
		if p.Secret || p.Type == "list" || p.Type == "cidr-list" {
			l.add(value.Problem{
				Line: e.At.Line, Column: e.At.Column, Message: "a " + p.Type + " can't be compared",
				Hint: "when_set: " + e.Key + " asks whether it has a value",
			})
			continue
		}
		nodes := elements(value.Get(n, e.Key))
		for i, s := range e.Value {
			v, err := p.parse(s)
			if err != nil {
				l.fail(nodes[i], "%s: %s", e.Key, err)
				continue
			}
			e.Value[i] = textOf(v)
		}
	}
}

// conditions holds a when, a when_not and a when_set to the parameters.
func (l *loader) conditions(c conditionsYAML, n *value.Node) {
	l.condition(c.When, value.Get(n, "when"))
	l.condition(c.WhenNot, value.Get(n, "when_not"))
	for i, name := range c.WhenSet {
		l.param(elements(value.Get(n, "when_set"))[i], name)
	}
}

// comparisons are a when and a when_not for a reader.
func (c conditionsYAML) comparisons() (all []Comparison) {
	for _, e := range c.When {
		all = append(all, Comparison{Param: e.Key, Values: e.Value})
	}
	for _, e := range c.WhenNot {
		all = append(all, Comparison{Param: e.Key, Not: true, Values: e.Value})
	}
	return all
}

// params are the parameters that the conditions ask for.
func (c conditionsYAML) params() []string {
	names := slices.Clone(c.WhenSet)
	for _, e := range slices.Concat(c.When, c.WhenNot) {
		names = append(names, e.Key)
	}
	return names
}

// guarantees reports whether the parameter has a value wherever the conditions
// hold.
func (c conditionsYAML) guarantees(p *Param) bool {
	if slices.Contains(c.WhenSet, p.Name) {
		return true
	}
	for _, e := range c.When {
		if e.Key == p.Name {
			return true
		}
	}
	return len(p.decl.RequiredWhen) > 0 && c.implies(p.decl.RequiredWhen)
}

// implies reports whether the other condition holds wherever these hold, as
// far as the words alone tell.
func (c conditionsYAML) implies(other condition) bool {
	for _, o := range other {
		i := slices.IndexFunc(c.When, func(e value.Entry[value.OneOrMany[string]]) bool { return e.Key == o.Key })
		if i < 0 {
			return false
		}
		for _, v := range c.When[i].Value {
			if !slices.Contains(o.Value, v) {
				return false
			}
		}
	}
	return true
}

// holds evaluates the conditions. A parameter without a value is none of the
// values that it is compared with.
func (b *binding) holds(c conditionsYAML) truth {
	result := yes
	for _, e := range c.When {
		result = min(result, b.compare(e))
	}
	for _, e := range c.WhenNot {
		result = min(result, yes-b.compare(e))
	}
	for _, name := range c.WhenSet {
		if _, ok := b.values[name]; !ok {
			if b.awaited(name) {
				result = min(result, unknown)
			} else {
				return no
			}
		}
	}
	return result
}

func (b *binding) compare(e value.Entry[value.OneOrMany[string]]) truth {
	v, ok := b.values[e.Key]
	if !ok {
		if b.awaited(e.Key) {
			return unknown
		}
		return no
	}
	chosen, ok := v.([]string)
	if !ok {
		chosen = []string{textOf(v)}
	}
	for _, s := range chosen {
		if slices.Contains(e.Value, s) {
			return yes
		}
	}
	return no
}
