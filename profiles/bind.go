package profiles

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"netcheck/profiles/value"
)

// MaxChecks is how many checks a profile may come to once for_each is
// expanded.
const MaxChecks = 10_000

// Bind fills in the values, expands for_each and decides when. It is pure.
// The error joins everything that is wrong with the values; a *MissingError
// in it names each missing parameter with its question.
//
// A required parameter is missing only where this role has a use for it: in a
// check that applies and is made from here, in the conditions of such a check,
// or in a handover text. Checks of other roles are bound as far as their
// values are known; without one that they need, their Body is nil.
func (p *Profile) Bind(given Values, role string) (*Bound, error) {
	b, bound, err := p.begin(given, role, nil, nil)
	if err != nil {
		return nil, err
	}
	for i := range p.handover {
		h := &p.handover[i]
		if b.here(h.From) && b.holds(h.conditionsYAML) == yes {
			bound.Handover = append(bound.Handover, b.handover(h))
		}
	}
	bound.Checks = make([]Check, 0, len(p.checks)) // more with for_each
	for _, c := range p.checks {
		if len(b.ps) > shown {
			break
		}
		bound.Checks = append(bound.Checks, b.expand(c)...)
		if len(bound.Checks) > MaxChecks {
			return nil, fmt.Errorf("%s:%d: %q makes it more than %d checks", p.File, c.decl.At.Line, c.decl.ID, MaxChecks)
		}
	}
	if len(b.ps) > 0 {
		return nil, &FileError{File: p.File, Source: p.source, Problems: b.ps.Sort()}
	}
	return bound, nil
}

// begin takes the values, or says which are missing; serving and sketching are
// nil for a run.
func (p *Profile) begin(given Values, role string, serving *Serving, sketching *Sketching) (*binding, *Bound, error) {
	if sketching == nil || role != "" {
		var err error
		if role, err = p.role(role); err != nil {
			return nil, nil, err
		}
	}
	b := &binding{p: p, role: role, serving: serving, sketching: sketching, values: make(map[string]any), must: make(map[string]bool), budget: maxSpliced}
	b.given = make(map[string]bool, len(given))
	for name := range given {
		b.given[name] = true
	}
	b.take(given)
	if len(b.errs) > 0 {
		return nil, nil, errors.Join(b.errs...)
	}
	missing := b.missing
	switch {
	case serving != nil:
		missing = b.missingPorts
	case sketching != nil:
		missing = func() []Param { return nil } // their names stand for them
	}
	if missing := missing(); len(missing) > 0 {
		return nil, nil, &MissingError{Params: missing}
	}
	bound := &Bound{Profile: p, Role: role, Values: b.values, Public: make(map[string]any)}
	for name, v := range b.values {
		bound.Public[name] = plainOf(v)
	}
	return b, bound, nil
}

// role is the role a run has: the one named, else the profile's own, else the
// only one.
func (p *Profile) role(named string) (string, error) {
	known := roleIDs(p.Roles)
	switch {
	case named == "" && p.DefaultRole != "":
		return p.DefaultRole, nil
	case named == "" && len(known) == 1:
		return known[0], nil
	case named == "" && len(known) == 0, slices.Contains(known, named):
		return named, nil
	}
	return "", &RoleError{Named: named, Roles: p.Roles}
}

// binding is one Bind under way.
type binding struct {
	p         *Profile
	role      string
	serving   *Serving        // nil: a run
	sketching *Sketching      // nil: a run
	given     map[string]bool // by parameter: somebody said what it is, or that it has no value
	values    map[string]any  // by parameter; none: it has no value
	must      map[string]bool // whether it must have one, as far as asked
	errs      []error
	ps        value.Problems
	types     value.Types
	budget    int // see substitution
}

// here reports whether this machine has one of the roles.
func (b *binding) here(from []string) bool { return b.sketching != nil || here(from, b.role) }

func here(from []string, role string) bool {
	return len(from) == 0 || slices.Contains(from, role)
}

func (b *binding) handover(h *handoverYAML) Handover {
	s := substitution{templates: b.p.templates, values: b.values, budget: &b.budget}
	defer func() { b.ps = append(b.ps, s.ps...) }()
	return Handover{Title: s.text(value.Get(h.At, "title")), Text: s.text(value.Get(h.At, "text"))}
}

// expand makes a declaration's checks: one, or one for each item. Without
// items there is one that does not apply, so that a report has every check.
func (b *binding) expand(c *check) []Check {
	applies := b.holds(c.decl.conditionsYAML) != no
	if c.decl.ForEach == "" {
		return []Check{b.check(c, nil, "", applies)}
	}
	p := b.p.find(c.decl.ForEach)
	var items []any
	switch v := b.values[p.Name].(type) {
	case []any:
		items = v
	case []string:
		for _, s := range v {
			items = append(items, s)
		}
	}
	if len(items) == 0 {
		return []Check{b.check(c, nil, "", applies && (b.serving != nil || b.demanded(p.Name)))}
	}
	var out []Check
	for _, item := range items {
		if len(out) > MaxChecks || len(b.ps) > shown {
			break
		}
		out = append(out, b.check(c, item, itemID(p.decl.Item, item), applies))
	}
	return out
}

// check binds one check to one item, or to none.
func (b *binding) check(c *check, item any, id string, applies bool) Check {
	s := substitution{templates: b.p.templates, values: b.values, item: item, budget: &b.budget}
	d := c.decl
	out := Check{
		ID: d.ID, Group: d.ID, Item: id, Title: d.Title, Features: d.Features, From: d.From, To: d.To, Level: d.Level,
		Applies: applies, Open: applies && b.holds(d.conditionsYAML) == unknown, Here: b.here(d.From), Needs: d.Needs, Tolerate: d.Tolerate, Proxy: cmp.Or(d.Proxy.Policy, b.p.Proxy), Act: d.Act,
		Kind: c.kind.Name, Line: d.At.Line,
	}
	if item != nil {
		out.ID, out.Each = d.ID+"["+id+"]", d.ForEach
	}
	if out.Proxy != "unsupported" && b.serving == nil {
		out.Via = b.proxy(c, &s, applies && out.Here)
	}
	out.Title = s.text(value.Get(d.At, "title"))
	out.Consequence = s.text(value.Get(d.At, "consequence"))
	out.Remedy = s.text(value.Get(d.At, "remedy"))
	for _, e := range d.OnCause {
		if out.OnCause == nil {
			out.OnCause = make(map[string]value.Text)
		}
		out.OnCause[e.Key] = s.text(value.Get(value.Get(d.At, "on_cause"), e.Key))
	}
	if n := value.Get(d.At, "firewall"); n != nil {
		var f Firewall
		into := &s
		if b.sketching != nil {
			into = b.named(&s, c)
		}
		b.ps = append(b.ps, value.Decode(into.node(n), &f)...)
		out.Firewall = &f
	}
	for i := range d.Downgrade {
		if g := &d.Downgrade[i]; b.holds(g.conditionsYAML) == yes {
			out.Downgrade = append(out.Downgrade, Downgrade{Cause: g.Cause, To: g.To, Say: s.text(value.Get(g.At, "say"))})
		}
	}
	b.body(c, &out, &s)
	b.ps = append(b.ps, s.ps...)
	return out
}

// body decodes the kind's fields. What is wrong with those of another role's
// check, or lacking for them, is not this run's business: they stay undecoded.
func (b *binding) body(c *check, out *Check, s *substitution) {
	body := c.ready
	out.Fields = c.fields
	var ps value.Problems
	if body == nil {
		var secret map[*value.Node]bool
		s.holes = nil // those in texts for people are no harm
		fields := s.node(c.body)
		into := value.Decoder{Types: &b.types, Secret: func(n *value.Node) {
			if secret == nil {
				secret = make(map[*value.Node]bool)
			}
			secret[n] = true
		}}
		body = c.kind.New()
		ps = into.Decode(fields, body)
		if len(ps) == 0 && out.Applies {
			ps = validate(c, fields, body)
		}
		for _, n := range s.holes {
			if !b.p.people[n] {
				ps = append(ps, value.At(n, "a parameter in this text has no value"))
			}
		}
		out.Fields, _ = value.PlainWithout(fields, func(n *value.Node) bool { return secret[n] }).(map[string]any)
	}
	switch {
	case !out.Applies:
	case b.sketching != nil:
		out.Body, out.Fields = body, b.sketched(c, s)
	case b.serving != nil:
		out.Body = body // as far as it is known
	case out.Here:
		out.Body = body
		b.ps = append(b.ps, ps...)
	case len(ps) == 0 && !b.lacking(c) && (c.decl.ForEach == "" || s.item != nil):
		out.Body = body
	}
}

// lacking reports whether the check uses a parameter that must have a value
// and has none.
func (b *binding) lacking(c *check) bool {
	return slices.ContainsFunc(c.params, func(name string) bool {
		_, ok := b.values[name]
		return !ok && b.demanded(name)
	})
}
