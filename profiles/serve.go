package profiles

import (
	"fmt"
	"slices"

	"netcheck/profiles/value"
)

// Serving says what of a profile tells which ports a role's machine has to
// serve, in the words of the kinds.
type Serving struct {
	Kinds  []string // that look at the very machine that they are made from
	Fields []string // of all kinds that hold ports
}

// serves reports whether a check tells of a port of the role's machine: one
// that looks at the machine itself, or another role's that names it.
func (b *binding) serves(c *check) bool {
	if slices.Contains(c.decl.To, b.role) {
		return true
	}
	return slices.Contains(b.serving.Kinds, c.kind.Name) && b.here(c.decl.From)
}

// BindPorts fills in values as Bind does, for a machine that serves and asks
// nobody: the checks are those that tell of its ports, with a Body as far as it
// is known, valid or not. Missing is only what decides which ports these are.
func (p *Profile) BindPorts(given Values, role string, s Serving) (*Bound, error) {
	b, bound, err := p.begin(given, role, &s, nil)
	if err != nil {
		return nil, err
	}
	for _, c := range p.checks {
		if b.serves(c) {
			bound.Checks = append(bound.Checks, b.expand(c)...)
		}
		switch {
		case b.budget < 0:
			return nil, &FileError{File: p.File, Source: p.source, Problems: b.ps.Sort()}
		case len(bound.Checks) > MaxChecks:
			return nil, fmt.Errorf("%s:%d: %q makes it more than %d checks", p.File, c.decl.At.Line, c.decl.ID, MaxChecks)
		}
	}
	return bound, nil
}

// missingPorts are the parameters without which the ports are not known.
func (b *binding) missingPorts() []Param {
	used := make(map[string]bool)
	for _, c := range b.p.checks {
		if !b.serves(c) {
			continue
		}
		holds := b.holds(c.decl.conditionsYAML)
		if holds == no {
			continue
		}
		for _, name := range c.decl.params() {
			b.use(name, used)
		}
		if holds != yes {
			continue
		}
		for _, field := range b.serving.Fields {
			b.p.templates.in(value.Get(c.body, field), func(_ *value.Node, t template) {
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
