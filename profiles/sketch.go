package profiles

import (
	"fmt"
	"slices"
	"strings"

	"netcheck/profiles/value"
)

// Sketching says what of a profile tells whom its machines contact and on which
// ports, in the words of the kinds.
type Sketching struct {
	Kinds  []string // whose checks contact anybody
	Fields []string // of all kinds that hold hosts, addresses and ports
}

// BindSketch fills in values as Bind does, for a reader to whom not all of them
// need be known, and for a machine in whatever role, or in the one that is named.
// Nothing of it is ever run. Where a value is not known its <name> stands in the
// Fields of a check, in its Firewall and in its texts; its Body is decoded as far
// as it goes. The error is of values that were given, never of one that was not.
func (p *Profile) BindSketch(given Values, role string, s Sketching) (*Bound, error) {
	b, bound, err := p.begin(given, role, nil, &s)
	if err != nil {
		return nil, err
	}
	for _, c := range p.checks {
		bound.Checks = append(bound.Checks, b.expand(c)...)
		switch {
		case len(b.ps) > 0:
			return nil, &FileError{File: p.File, Source: p.source, Problems: b.ps.Sort()}
		case len(bound.Checks) > MaxChecks:
			return nil, fmt.Errorf("%s:%d: %q makes it more than %d checks", p.File, c.decl.At.Line, c.decl.ID, MaxChecks)
		}
	}
	bound.Unknown = b.wantedSketched()
	return bound, nil
}

// wantedSketched are the parameters without which hosts, ports or whether a check
// applies are not known, in the profile's order.
func (b *binding) wantedSketched() []Param {
	used := make(map[string]bool)
	for _, c := range b.p.checks {
		if !slices.Contains(b.sketching.Kinds, c.kind.Name) || b.role != "" && !here(c.decl.From, b.role) && !slices.Contains(c.decl.To, b.role) {
			continue
		}
		holds := b.holds(c.decl.conditionsYAML)
		if holds == no {
			continue
		}
		for _, name := range c.decl.params() {
			b.use(name, used)
		}
		fields := []*value.Node{value.Get(c.decl.At, "firewall")}
		for _, in := range []*value.Node{c.body, value.Get(c.body, "ftp"), value.Get(c.body, "ssh")} {
			for _, name := range b.sketching.Fields {
				fields = append(fields, value.Get(in, name))
			}
		}
		for _, n := range fields {
			b.p.templates.in(n, func(_ *value.Node, t template) {
				for _, name := range t.params() {
					b.use(name, used)
				}
				if t.ofItem() {
					b.use(c.decl.ForEach, used)
				}
			})
		}
	}
	return b.without(used)
}

// sketched are a check's fields as plain values, with the <name> of what is not
// known and without secrets.
func (b *binding) sketched(c *check, s *substitution) map[string]any {
	if c.ready != nil {
		return c.fields
	}
	named := b.named(s, c)
	fields := named.node(c.body)
	secret := make(map[*value.Node]bool)
	into := value.Decoder{Types: &b.types, Secret: func(n *value.Node) { secret[n] = true }}
	into.Decode(fields, c.kind.New())
	b.ps = append(b.ps, named.ps...)
	plain, _ := value.PlainWithout(fields, func(n *value.Node) bool { return secret[n] }).(map[string]any)
	return plain
}

// named is a substitution that puts names in place of the values that must be
// there and are not known.
func (b *binding) named(s *substitution, c *check) *substitution {
	n := *s
	n.ps = nil
	n.stand = func(t term) string {
		switch {
		case t.item && s.item != nil:
			return ""
		case t.item && t.field != "":
			return "<" + c.decl.ForEach + ": " + t.field + ">"
		case t.item:
			return "<" + c.decl.ForEach + ">"
		case b.demanded(t.param):
			return "<" + t.param + ">"
		}
		// One that is made of others by default says as much as they do.
		p := b.p.find(t.param)
		if !p.computed || p.decl.Default == nil || b.given[t.param] {
			return ""
		}
		text, _ := value.Plain(n.node(p.decl.Default)).(string)
		return text
	}
	return &n
}

// standing is what stands for an expression that has no value; "": nothing does.
func (s *substitution) standing(p piece) string {
	if s.stand == nil {
		return ""
	}
	var b strings.Builder
	for i, t := range p.terms {
		text := ""
		if v := s.term(t); v != nil {
			text = textOf(v)
		} else if text = s.stand(t); text == "" {
			return ""
		}
		switch {
		case t.minus:
			b.WriteString(" - ")
		case i > 0:
			b.WriteString(" + ")
		}
		b.WriteString(text)
	}
	return b.String()
}
