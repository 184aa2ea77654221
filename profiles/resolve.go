package profiles

import (
	"maps"
	"slices"

	"netcheck/profiles/value"
)

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
	return &ValueError{Param: p, Given: g, Err: value.Wrong("secret-place", "a secret is never taken from there: set %s or %s", EnvName(p.Name), EnvName(p.Name)+envFile)}
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
	if n == nil || len(s.holes) > 0 {
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
	must, known := b.must[name]
	if !known {
		p := b.p.find(name)
		must = p.Required || len(p.decl.RequiredWhen) > 0 && b.requires(b.holds(conditionsYAML{When: p.decl.RequiredWhen}))
		b.must[name] = must
	}
	return must
}

// awaited reports whether a parameter has no value only because nobody has given
// it yet: it must have one or, in a sketch, has one by default that is made of
// such parameters.
func (b *binding) awaited(name string) bool {
	if b.demanded(name) {
		return true
	}
	p := b.p.find(name)
	if b.sketching == nil || !p.computed || b.given[name] {
		return false
	}
	open := false
	b.p.templates.in(p.decl.Default, func(_ *value.Node, t template) {
		for _, other := range t.params() {
			_, known := b.values[other]
			open = open || !known && b.awaited(other)
		}
	})
	return open
}

// requires reports whether a condition makes what hangs on it required. In a
// sketch it is enough that it may.
func (b *binding) requires(holds truth) bool {
	return holds == yes || holds == unknown && b.sketching != nil
}

// missing are the parameters that must have a value here and have none, in the
// profile's order.
func (b *binding) missing() []Param {
	b.proxyPassword(b.p.proxy)
	for _, c := range b.p.checks {
		b.proxyPassword(c.decl.Proxy)
	}
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
	return b.without(used)
}

// without are those of the parameters that must have a value and have none.
func (b *binding) without(used map[string]bool) (missing []Param) {
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
