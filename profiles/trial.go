package profiles

import (
	"maps"
	"slices"

	"netcheck/profiles/value"
)

// A check that holds ${…} is tried at Load with values of the right types, so
// that its author learns what would otherwise stop a technician: a host where
// a port belongs, a field that can't be left out but would be.

// trial tries a check whose fields are right in themselves.
func (l *loader) trial(c *check, u use) {
	values := make(map[string]any)
	for i := range l.p.Params {
		if p := &l.p.Params[i]; p.Expects.Key != "" {
			values[p.Name] = p.sample()
		}
	}
	s := substitution{templates: l.p.templates, values: values}
	if u.forEach != nil {
		s.item = u.forEach.sampleItem()
	}
	decoder := value.Decoder{Types: &l.types}
	n, body := s.node(c.body), c.kind.New()
	l.add(l.literal(c, n)...)
	if ps := decoder.Decode(n, body); len(ps) > 0 {
		l.misfits(c, u, ps)
		return
	}
	if len(validate(c, n, body)) > 0 {
		l.add(hopeless(c, n, body)...)
		return // these values may not go together
	}
	c.targets = l.least(c)
	for name, at := range l.optional(c, u) {
		without := s
		without.values = maps.Clone(values)
		delete(without.values, name)
		n, body := without.node(c.body), c.kind.New()
		ps := decoder.Decode(n, body)
		if len(ps) == 0 {
			ps = validate(c, n, body)
		}
		if len(ps) > 0 {
			p := value.At(at, "${%s} may have no value, and then: %s", name, ps[0].Message)
			p.Hint = "add when_set: [" + name + "], or make the parameter required or give it a default"
			l.add(p)
		}
	}
}

// misfits reports the problems that come from a parameter's type alone.
func (l *loader) misfits(c *check, u use, ps value.Problems) {
	l.p.templates.in(c.body, func(n *value.Node, t template) {
		i := slices.IndexFunc(ps, func(p value.Problem) bool { return p.Line == n.Line && p.Column == n.Column })
		if i < 0 || !t.whole() || t[0].sum() {
			return
		}
		term, typ := t[0].terms[0], ""
		switch {
		case term.param != "":
			typ = l.p.find(term.param).Type
		case u.forEach != nil:
			typ = u.forEach.itemType(term.field)
		}
		if typ != "" && typ != "string" && typ != "path" {
			p := value.At(n, "${%s} is %s, which does not fit here", term, aType(typ))
			p.Hint = "for example: " + ps[i].Message
			l.add(p)
		}
	})
}

// optional are the parameters that fields of the check hold alone, and that
// may have no value, each with such a field.
func (l *loader) optional(c *check, u use) map[string]*value.Node {
	found := make(map[string]*value.Node)
	l.p.templates.in(c.body, func(n *value.Node, t template) {
		if !t.whole() || t[0].sum() || t[0].terms[0].param == "" {
			return
		}
		p := l.p.find(t[0].terms[0].param)
		if !p.always && !u.conditions.guarantees(p) && found[p.Name] == nil {
			found[p.Name] = n
		}
	})
	return found
}

// sample is a value that the parameter can have.
func (p *Param) sample() any {
	if p.example != nil {
		return p.example
	}
	if p.Default != nil && !p.computed {
		return p.Default
	}
	switch p.Type {
	case "choice":
		if len(p.Choices) > 0 {
			return p.Choices[0].ID
		}
	case "choices":
		if len(p.Choices) > 0 {
			return []string{p.Choices[0].ID}
		}
	case "list":
		return []any{p.sampleItem()}
	case "int", "port":
		if p.decl.Min != nil {
			return *p.decl.Min
		}
		if p.decl.Max != nil {
			return *p.decl.Max
		}
	}
	return sampleOf(p.Type)
}

// sampleItem is an item that the list can hold.
func (p *Param) sampleItem() any {
	it := p.decl.Item
	switch {
	case p.Type == "choices" && len(p.Choices) > 0:
		return p.Choices[0].ID
	case it == nil:
		return sampleOf("string")
	case len(it.Fields) == 0:
		return sampleOf(it.Type)
	}
	record := make(map[string]any)
	for _, f := range it.Fields {
		record[f.Key] = sampleOf(f.Value)
	}
	return record
}

// itemType is the type of a field of the list's items, or of the item itself.
func (p *Param) itemType(field string) string {
	it := p.decl.Item
	switch {
	case it == nil:
		return "string"
	case field == "":
		return it.Type
	}
	for _, f := range it.Fields {
		if f.Key == field {
			return f.Value
		}
	}
	return ""
}

// sampleOf is a value of a type, from the ranges kept for documentation.
func sampleOf(typ string) any {
	switch typ {
	case "host":
		return "host.example"
	case "ip":
		return "192.0.2.1"
	case "port":
		return 443
	case "ports":
		return value.Ports{{First: 443, Last: 443}}
	case "cidr-list":
		p, _ := value.ParsePrefix("192.0.2.0/24")
		return []value.Prefix{p}
	case "url":
		return "https://host.example/"
	case "proxy":
		return "http://proxy.example:3128"
	case "path":
		return "/path"
	case "mac":
		return "00:00:5e:00:53:01"
	case "dns-label":
		return "name"
	case "bool":
		return true
	case "int":
		return 1
	case "secret":
		return value.Secret("secret")
	}
	return "text"
}
