package profiles

import (
	"errors"
	"fmt"
	"maps"
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
	role, err := p.role(role)
	if err != nil {
		return nil, err
	}
	b := &binding{p: p, role: role, values: make(map[string]any)}
	b.take(given)
	if len(b.errs) > 0 {
		return nil, errors.Join(b.errs...)
	}
	if missing := b.missing(); len(missing) > 0 {
		return nil, &MissingError{Params: missing}
	}
	bound := &Bound{Profile: p, Role: role, Values: b.values, Public: make(map[string]any)}
	for name, v := range b.values {
		bound.Public[name] = plainOf(v)
	}
	for i := range p.handover {
		h := &p.handover[i]
		if b.here(h.From) && b.holds(h.conditionsYAML) == yes {
			bound.Handover = append(bound.Handover, b.handover(h))
		}
	}
	for _, c := range p.checks {
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
	p      *Profile
	role   string
	values map[string]any // by parameter; none: it has no value
	errs   []error
	ps     value.Problems
	types  value.Types
}

// here reports whether this machine has one of the roles.
func (b *binding) here(from []string) bool {
	return len(from) == 0 || slices.Contains(from, b.role)
}

// take parses what was given and fills in the defaults.
func (b *binding) take(given Values) {
	known := make(map[string]bool)
	failed := make(map[string]bool) // or without a value on purpose
	for i := range b.p.Params {
		p := &b.p.Params[i]
		known[p.Name] = true
		g, ok := given[p.Name]
		if !ok {
			continue
		}
		failed[p.Name] = true
		if s, isText := g.Value.(string); isText && s == "" || g.Value == nil {
			continue
		}
		if list, isList := g.Value.([]any); isList && len(list) == 0 {
			continue
		}
		if err := b.secretFrom(p, g); err != nil {
			b.errs = append(b.errs, err)
			continue
		}
		v, err := p.parse(g.Value)
		if err != nil {
			b.errs = append(b.errs, &ValueError{Param: p, Given: g, Err: err})
			continue
		}
		b.values[p.Name] = v
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !known[name] && (given[name].From == FromFlag || given[name].From == FromPrompt) {
			b.errs = append(b.errs, &UnknownParamError{Name: name, Known: b.p.paramNames()})
		}
	}
	if len(b.errs) > 0 {
		return
	}
	done := make(map[string]bool)
	for i := range b.p.Params {
		b.fillIn(&b.p.Params[i], failed, done)
	}
}

func (p *Profile) paramNames() []string {
	names := make([]string, len(p.Params))
	for i := range p.Params {
		names[i] = p.Params[i].Name
	}
	return names
}

// secretFrom refuses a secret from where others could read it.
func (b *binding) secretFrom(p *Param, g Given) error {
	if !p.Secret || g.From == FromEnvironment || g.From == FromPrompt {
		return nil
	}
	return &ValueError{Param: p, Given: g, Err: fmt.Errorf("a secret is never taken from a %s: set %s or %s_FILE", g.From, EnvName(p.Name), EnvName(p.Name))}
}

// fillIn gives a parameter its default, those first that it refers to.
func (b *binding) fillIn(p *Param, without, done map[string]bool) {
	if done[p.Name] {
		return
	}
	done[p.Name] = true
	if _, ok := b.values[p.Name]; ok || p.Default == nil || without[p.Name] {
		return
	}
	b.p.templates.in(p.decl.Default, func(_ *value.Node, t template) {
		for _, name := range t.params() {
			b.fillIn(b.p.find(name), without, done)
		}
	})
	if !p.computed {
		b.values[p.Name] = p.Default
		return
	}
	s := substitution{templates: b.p.templates, values: b.values}
	n := s.node(p.decl.Default)
	if n == nil || s.holes {
		return // what it refers to has no value: nor has this
	}
	v, err := p.parse(value.Plain(n))
	if err != nil {
		b.errs = append(b.errs, &ValueError{Param: p, Given: Given{Value: value.Plain(n), From: FromDefault}, Err: err})
		return
	}
	b.values[p.Name] = v
}

// find is the parameter of that name, which the loader knows to exist.
func (p *Profile) find(name string) *Param {
	for i := range p.Params {
		if p.Params[i].Name == name {
			return &p.Params[i]
		}
	}
	panic("no parameter " + name)
}

// demanded reports whether a parameter must have a value, given the others.
func (b *binding) demanded(name string) bool {
	p := b.p.find(name)
	return p.Required || len(p.decl.RequiredWhen) > 0 && b.all(p.decl.RequiredWhen) == yes
}

// missing are the parameters that must have a value here and have none, in the
// profile's order.
func (b *binding) missing() (missing []Param) {
	used := make(map[string]bool)
	use := func(c conditionsYAML, all []string) {
		holds := b.holds(c)
		if holds == no {
			return
		}
		names := c.params()
		if holds == yes {
			names = append(names, all...)
		}
		for _, name := range names {
			b.use(name, used)
		}
	}
	for i := range b.p.handover {
		if h := &b.p.handover[i]; b.here(h.From) {
			var names []string
			b.p.templates.in(h.At, func(_ *value.Node, t template) { names = append(names, t.params()...) })
			use(h.conditionsYAML, names)
		}
	}
	for _, c := range b.p.checks {
		if b.here(c.decl.From) {
			use(c.decl.conditionsYAML, c.params)
		}
	}
	for _, p := range b.p.Params {
		if _, ok := b.values[p.Name]; !ok && used[p.Name] && b.demanded(p.Name) {
			missing = append(missing, p)
		}
	}
	return missing
}

// use notes a parameter, those that its default would come from, and those
// that decide whether it is required.
func (b *binding) use(name string, used map[string]bool) {
	if used[name] {
		return
	}
	used[name] = true
	p := b.p.find(name)
	for _, e := range p.decl.RequiredWhen {
		b.use(e.Key, used)
	}
	if _, ok := b.values[name]; !ok {
		b.p.templates.in(p.decl.Default, func(_ *value.Node, t template) {
			for _, other := range t.params() {
				b.use(other, used)
			}
		})
	}
}

func (b *binding) handover(h *handoverYAML) Handover {
	s := substitution{templates: b.p.templates, values: b.values}
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
		return []Check{b.check(c, nil, "", applies && b.demanded(p.Name))}
	}
	var out []Check
	for _, item := range items {
		if len(out) > MaxChecks {
			break
		}
		out = append(out, b.check(c, item, itemID(p.decl.Item, item), applies))
	}
	return out
}

// check binds one check to one item, or to none.
func (b *binding) check(c *check, item any, id string, applies bool) Check {
	s := substitution{templates: b.p.templates, values: b.values, item: item}
	d := c.decl
	out := Check{
		ID: d.ID, Group: d.ID, Item: id, Title: d.Title, Features: d.Features, From: d.From, Level: d.Level,
		Applies: applies, Here: b.here(d.From), Needs: d.Needs, Tolerate: d.Tolerate, Proxy: d.Proxy, Act: d.Act,
		Kind: c.kind.Name, Line: d.At.Line,
	}
	if item != nil {
		out.ID = d.ID + "[" + id + "]"
	}
	if out.Proxy == "" {
		out.Proxy = b.p.Proxy
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
		b.ps = append(b.ps, value.Decode(s.node(n), &f)...)
		out.Firewall = &f
	}
	for i := range d.Downgrade {
		if g := &d.Downgrade[i]; b.holds(g.conditionsYAML) == yes {
			out.Downgrade = append(out.Downgrade, Downgrade{Cause: g.Cause, To: g.To, Say: s.text(value.Get(g.At, "say"))})
		}
	}
	b.body(c, &out, &s)
	return out
}

// body decodes the kind's fields. What is wrong with those of another role's
// check, or lacking for them, is not this run's business: they stay undecoded.
func (b *binding) body(c *check, out *Check, s *substitution) {
	fields := s.node(c.body)
	var secret map[*value.Node]bool
	into := value.Decoder{Types: &b.types, Secret: func(n *value.Node) {
		if secret == nil {
			secret = make(map[*value.Node]bool)
		}
		secret[n] = true
	}}
	body := c.kind.New()
	ps := into.Decode(fields, body)
	if len(ps) == 0 && out.Applies {
		ps = validate(c, fields, body)
	}
	switch {
	case !out.Applies:
	case out.Here:
		out.Body = body
		b.ps = append(b.ps, ps...)
	case len(ps) == 0 && !b.lacking(c) && (c.decl.ForEach == "" || s.item != nil):
		out.Body = body
	}
	out.Fields, _ = value.PlainWithout(fields, func(n *value.Node) bool { return secret[n] }).(map[string]any)
}

// lacking reports whether the check uses a parameter that must have a value
// and has none.
func (b *binding) lacking(c *check) bool {
	return slices.ContainsFunc(c.params, func(name string) bool {
		_, ok := b.values[name]
		return !ok && b.demanded(name)
	})
}
