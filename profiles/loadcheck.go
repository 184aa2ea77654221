package profiles

import (
	"cmp"
	"errors"
	"reflect"
	"slices"
	"strings"

	"netcheck/profiles/value"

	yaml "go.yaml.in/yaml/v4"
)

// check is a check as declared.
type check struct {
	decl   *checkYAML
	kind   Kind
	kindAt *value.Node    // the kind's key
	body   *value.Node    // the kind's fields
	params []string       // that it uses
	ready  any            // the body as every run has it: valid, without a ${…} or a secret
	fields map[string]any // the body as JSON would have it

	targets int // at least, in every run
}

// check takes over one check.
func (l *loader) check(d *checkYAML) {
	if d.At == nil {
		return // not a block: said already
	}
	c := &check{decl: d}
	if d.Level == "" {
		d.Level = "required"
	}
	if n := value.Get(d.At, "id"); n != nil && n.Kind == yaml.ScalarNode && n.Tag != value.Later {
		if !isCheckID(d.ID) {
			l.fail(n, "%s can't be a check's id: letters, digits and . _ - only", value.Quote(d.ID))
		}
		if other := l.ids[d.ID]; other != nil {
			l.fail(n, "the id %s is taken: see line %d", value.Quote(d.ID), other.decl.At.Line)
		} else {
			l.ids[d.ID] = c
		}
	}
	l.roles(value.Get(d.At, "from"), d.From)
	l.roles(value.Get(d.At, "to"), d.To)
	l.conditions(d.conditionsYAML, d.At)
	for i := range d.Downgrade {
		l.conditions(d.Downgrade[i].conditionsYAML, d.Downgrade[i].At)
		l.causes(value.Get(d.Downgrade[i].At, "cause"), d.Downgrade[i].Cause)
	}
	for _, e := range d.OnCause {
		l.causes(e.At, []string{e.Key})
	}
	u := use{conditions: d.conditionsYAML, each: d.ForEach != ""}
	if d.ForEach != "" {
		n := value.Get(d.At, "for_each")
		if p := l.param(n, d.ForEach); p != nil {
			if p.Type != "list" && p.Type != "choices" {
				l.fail(n, "for_each takes a list; %s is %s", d.ForEach, aType(p.Type))
			} else {
				u.forEach = p
			}
		}
	} else if n := value.Key(d.At, "tolerate"); n != nil {
		l.fail(n, "tolerate has a meaning only with for_each")
	}
	l.kindOf(c)
	for key, val := range value.Pairs(d.At) {
		if key == c.kindAt || key.Value == "proxy" {
			continue
		}
		in := u
		in.text = key.Value != "firewall"
		l.p.templates.in(val, func(n *value.Node, t template) { l.terms(n, t, in) })
	}
	l.proxy(d.Proxy, u)
	if c.body != nil {
		l.body(c, u)
	}
	l.usedBy(c)
	l.p.checks = append(l.p.checks, c)
	l.p.Declared = append(l.p.Declared, Declaration{
		ID: d.ID, Title: d.Title, Kind: c.kind.Name, Features: d.Features, From: d.From, To: d.To, Level: d.Level, Line: d.At.Line,
		Needs: d.Needs, When: d.comparisons(), WhenSet: d.WhenSet, ForEach: d.ForEach, Tolerate: d.Tolerate, Proxy: cmp.Or(d.Proxy.Policy, l.p.Proxy), Params: c.params,
	})
	if c.body != nil {
		c.fields, _ = value.PlainWithout(c.body, func(n *value.Node) bool { return l.literals[n] }).(map[string]any)
		l.p.Declared[len(l.p.Declared)-1].Fields = c.fields
	}
}

// kindOf finds the one key of a check that is a kind.
func (l *loader) kindOf(c *check) {
	kinds := l.names[len(l.names)-len(l.kinds):]
	var unknown value.Problems
	for _, e := range c.decl.Kinds {
		i := slices.Index(kinds, e.Key)
		switch {
		case i < 0:
			p := value.At(e.At, "unknown field or kind %s", value.Quote(e.Key)).Suggest(e.Key, l.names)
			if !strings.HasPrefix(p.Hint, "did") {
				p.Hint = "the kinds are " + strings.Join(kinds, ", ")
				if owners := l.kindsWith(e.Key); len(owners) > 0 {
					p.Hint = "it is a field of " + strings.Join(owners, ", ") + ": indent it below its kind"
				}
			}
			unknown = append(unknown, p)
		case c.kindAt != nil:
			l.fail(e.At, "a check has one kind, and this one has %s already", c.kind.Name)
		default:
			c.kind, c.kindAt, c.body = l.kinds[i], e.At, e.Value
		}
	}
	l.add(unknown...)
	if c.kindAt == nil && len(unknown) == 0 {
		l.add(value.Problem{
			Line: c.decl.At.Line, Column: c.decl.At.Column, Message: "the check has no kind",
			Hint: "it needs one of " + strings.Join(kinds, ", "),
		})
	}
}

// kindsWith are the kinds that have a field.
func (l *loader) kindsWith(field string) (names []string) {
	for _, k := range l.kinds {
		if slices.Contains(value.Names(value.Fields(reflect.TypeOf(k.New()))), field) {
			names = append(names, k.Name)
		}
	}
	return names
}

// body looks at the kind's own fields as far as can be told before the values
// are known.
func (l *loader) body(c *check, u use) {
	body, before := c.kind.New(), len(l.ps)
	var secrets []*value.Node
	into := value.Decoder{
		Values: true, Types: &l.types,
		Secret: func(n *value.Node) { secrets = append(secrets, n) },
		Later: func(n *value.Node, t reflect.Type) value.Problems {
			in := u
			in.into, in.text = t, t == reflect.TypeFor[value.Text]()
			l.terms(n, l.p.templates[n], in)
			if in.text {
				l.p.people[n] = true
			}
			if t == reflect.TypeFor[value.URL]() {
				l.userIn(n, l.p.templates[n])
			}
			return nil
		},
		Param: func(n *value.Node) value.Problems {
			if p := l.param(n, n.Value); p != nil && !slices.Contains(c.params, p.Name) {
				c.params = append(c.params, p.Name)
			}
			return nil
		},
	}
	ps := into.Decode(c.body, body)
	l.add(ps...)
	l.numeric(c, body)
	for _, n := range secrets {
		l.literalSecret(n)
	}
	waits := false
	l.p.templates.in(c.body, func(*value.Node, template) { waits = true })
	switch {
	case c.body.Kind != yaml.MappingNode:
	case len(ps) == 0 && !waits:
		if ps := validate(c, c.body, body); len(ps) > 0 {
			l.add(ps...)
		} else {
			c.targets = contacts(c, body)
			if len(secrets) == 0 {
				c.ready = body
			}
		}
	case len(l.ps) == before: // only where every ${…} is right
		l.trial(c, u)
	default:
		l.add(l.literal(c, nil)...)
	}
}

// validate asks the kind itself; n is the body as decoded.
func validate(c *check, n *value.Node, body any) value.Problems {
	return objections(c, n, body, func(error) bool { return true })
}

// hopeless is what the kind has against the check whatever its values are.
func hopeless(c *check, n *value.Node, body any) value.Problems {
	return objections(c, n, body, func(err error) bool {
		a, ok := err.(interface{ Always() bool })
		return ok && a.Always()
	})
}

func objections(c *check, n *value.Node, body any, counts func(error) bool) (ps value.Problems) {
	v, ok := body.(interface{ Validate() error })
	if !ok {
		return nil
	}
	fieldErrors(v.Validate(), func(err error) {
		if !counts(err) {
			return
		}
		var fe fieldError
		if !errors.As(err, &fe) {
			ps = append(ps, value.At(c.kindAt, "%s", err))
			return
		}
		at := value.Get(n, fe.FieldName())
		if at == nil {
			at = c.kindAt
		}
		p := value.At(at, "%s: %s", fe.FieldName(), fe.Text())
		p.Hint = fe.HintText()
		ps = append(ps, p)
	})
	return ps
}

// causes holds codes to those that there are; n is their node.
func (l *loader) causes(n *value.Node, codes []string) {
	for i, code := range codes {
		at := elements(n)[i]
		if !causeCode.MatchString(code) || len(l.codes) > 0 && !slices.Contains(l.codes, code) {
			l.unknown(at, "cause", code, l.codes)
		}
	}
}

// usedBy lists every parameter that the check can't do without or makes use of.
func (l *loader) usedBy(c *check) {
	names := c.decl.params()
	if c.decl.ForEach != "" {
		names = append(names, c.decl.ForEach)
	}
	for _, d := range c.decl.Downgrade {
		names = append(names, d.params()...)
	}
	note := func(_ *value.Node, t template) { names = append(names, t.params()...) }
	l.p.templates.in(c.decl.At, note)
	if c.decl.Proxy.at("url") == nil && c.decl.Proxy.Policy != "unsupported" {
		l.p.templates.in(l.doc.Proxy.At, note)
	}
	for _, name := range names {
		if !slices.Contains(c.params, name) {
			c.params = append(c.params, name)
		}
	}
}

// needs holds needs to the checks that there are, and finds circles.
func (l *loader) needs() {
	ids := make([]string, 0, len(l.p.checks))
	edges := make(map[string][]string)
	for _, c := range l.p.checks {
		if l.ids[c.decl.ID] == c {
			if ids = append(ids, c.decl.ID); len(c.decl.Needs) > 0 {
				edges[c.decl.ID] = c.decl.Needs
			}
		}
	}
	for _, c := range l.p.checks {
		for i, need := range c.decl.Needs {
			if l.ids[need] == nil {
				l.unknown(elements(value.Get(c.decl.At, "needs"))[i], "check", need, ids)
			}
		}
	}
	if way := cycle(ids, edges); way != nil {
		l.fail(value.Get(l.ids[way[0]].decl.At, "needs"), "checks that need each other: %s", arrows(way))
	}
}
