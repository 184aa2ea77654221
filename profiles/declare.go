package profiles

import (
	"regexp"
	"slices"
	"strings"

	"netcheck/profiles/value"

	yaml "go.yaml.in/yaml/v4"
)

// choicesYAML are the values of a choice: a plain list, or a block with a
// title for each.
type choicesYAML []Choice

type choiceYAML struct {
	Title value.Text `yaml:"title" doc:"the choice, for a reader"`
}

func (c *choicesYAML) UnmarshalYAML(n *value.Node) error {
	var ps value.Problems
	add := func(at *value.Node, id string, title value.Text) {
		switch {
		case !isCheckID(id):
			ps = append(ps, value.At(at, "%s can't be a choice: letters, digits and . _ - only", value.Quote(id)))
		case slices.ContainsFunc(*c, func(o Choice) bool { return o.ID == id }):
			ps = append(ps, value.At(at, "the choice %s is there twice", value.Quote(id)))
		}
		*c = append(*c, Choice{id, title})
	}
	if n.Kind == yaml.SequenceNode {
		var ids []string
		ps = value.Decode(n, &ids)
		for i, id := range ids {
			add(n.Content[i], id, nil)
		}
		return ps.Sort().Err()
	}
	var titled value.Ordered[choiceYAML]
	ps = value.Decode(n, &titled)
	for _, e := range titled {
		add(e.At, e.Key, e.Value.Title)
	}
	return ps.Sort().Err()
}

// itemYAML is what a list holds: one type, or records with a type for each
// field, in the order in which a text gives them.
type itemYAML struct {
	Type   string
	Fields value.Ordered[string]
}

func (it *itemYAML) UnmarshalYAML(n *value.Node) error {
	if n.Kind != yaml.MappingNode {
		s, err := value.Scalar(n, "a type, or fields with a type each")
		if err == nil {
			err = itemType(n, s).Err()
		}
		it.Type = s
		return err
	}
	ps := value.Decode(n, &it.Fields)
	for _, f := range it.Fields {
		if !value.IsName(f.Key) {
			ps = append(ps, value.At(f.At, "%s can't be a field: lower case letters, digits and _ only", value.Quote(f.Key)))
		}
		ps = append(ps, itemType(value.Get(n, f.Key), f.Value)...)
	}
	if len(it.Fields) == 0 {
		ps = append(ps, value.At(n, "an item has at least one field"))
	}
	return ps.Sort().Err()
}

// itemType holds an element to the types that one text can give.
func itemType(n *value.Node, name string) value.Problems {
	known := itemTypes()
	if slices.Contains(known, name) {
		return nil
	}
	return value.Problems{value.At(n, "unknown type %s of a list's items", value.Quote(name)).Suggest(name, known)}
}

func itemTypes() (names []string) {
	for _, t := range paramTypes {
		if !t.many && t.name != "choice" && t.name != "secret" {
			names = append(names, t.name)
		}
	}
	return names
}

// maxParams is far more than anybody would answer.
const maxParams = 500

// declare takes over the parameters.
func (l *loader) declare() {
	if n := len(l.doc.Params); n > maxParams {
		l.fail(value.Get(l.doc.At, "params"), "a profile may have %d parameters, this one has %d", maxParams, n)
		l.doc.Params = l.doc.Params[:maxParams]
	}
	for _, e := range l.doc.Params {
		d := &e.Value
		p := Param{Name: e.Key, Type: string(d.Type), Choices: d.Choices, Required: d.Required, Secret: d.Type == "secret", Ask: d.Ask, decl: d}
		switch {
		case !value.IsName(e.Key):
			l.fail(e.At, "%s can't be a parameter's name: lower case letters, digits and _ only, a letter first", value.Quote(e.Key))
		case e.Key == "item":
			l.fail(e.At, "no parameter can be called item: ${item} is the item of for_each")
		}
		if t, ok := typeCalled(string(d.Type)); ok {
			p.Expects = expects(t, d)
		} else if d.Type != "" {
			l.unknown(value.Get(d.At, "type"), "type", p.Type, ParamTypes())
		}
		l.p.Params = append(l.p.Params, p)
	}
	for i := range l.p.Params {
		if p := &l.p.Params[i]; p.Expects.Key != "" {
			l.options(p)
		}
	}
	for i := range l.p.Params {
		p := &l.p.Params[i]
		l.condition(p.decl.RequiredWhen, value.Get(p.decl.At, "required_when"))
		p.RequiredWhen = conditionsYAML{When: p.decl.RequiredWhen}.comparisons()
		if p.Expects.Key != "" {
			l.given(p)
		}
	}
	l.cycles()
	l.certain()
}

// certain finds the parameters that have a value in every run, unless somebody
// takes a default away: a default that is computed has one if all it refers to
// have.
func (l *loader) certain() {
	seen := make(map[*Param]bool)
	var look func(p *Param) bool
	look = func(p *Param) bool {
		if seen[p] {
			return p.always
		}
		seen[p] = true
		p.always = p.Required || p.decl.Default != nil  // a wrong one is a mistake already
		if p.Required || !p.computed || len(l.ps) > 0 { // what follows from a mistake is not said
			return p.always
		}
		l.p.templates.in(p.decl.Default, func(_ *value.Node, t template) {
			for _, name := range t.params() {
				p.always = look(l.p.find(name)) && p.always
			}
		})
		return p.always
	}
	for i := range l.p.Params {
		look(&l.p.Params[i])
	}
}

// expects says what a value of the parameter looks like.
func expects(t paramType, d *paramYAML) value.Phrase {
	switch {
	case len(d.Choices) > 0:
		ids := make([]string, len(d.Choices))
		for i, c := range d.Choices {
			ids[i] = c.ID
		}
		if t.many {
			return value.Say("expects-some", "one or more of %s", strings.Join(ids, ", "))
		}
		return value.Say("expects-one", "one of %s", strings.Join(ids, ", "))
	case d.Item != nil && len(d.Item.Fields) > 0:
		form := d.Item.form()
		return value.Say("expects-records", "a list such as %s,%s", form, form)
	case d.Item != nil:
		if it, ok := typeCalled(d.Item.Type); ok {
			return value.Say("expects-items", "a list, each %s", it.expects)
		}
	case d.Min != nil && d.Max != nil && !t.many:
		if t.name == "port" {
			return value.Say("expects-ports-between", "a port from %d to %d", *d.Min, *d.Max)
		}
		return value.Say("expects-between", "a whole number from %d to %d", *d.Min, *d.Max)
	}
	return t.expects
}

// form is how a record is typed: ID:HOST.
func (i *itemYAML) form() string {
	names := make([]string, len(i.Fields))
	for k, f := range i.Fields {
		names[k] = strings.ToUpper(f.Key)
	}
	return strings.Join(names, ":")
}

// options holds a parameter's options to those that its type has.
func (l *loader) options(p *Param) {
	d := p.decl
	only := func(name string, types ...string) {
		if n := value.Key(d.At, name); n != nil && !slices.Contains(types, p.Type) {
			l.fail(n, "%s has no meaning for the type %s: only for %s", name, p.Type, strings.Join(types, ", "))
		}
	}
	only("choices", "choice", "choices")
	only("item", "list")
	only("min", "int", "port", "list", "choices", "cidr-list")
	only("max", "int", "port", "list", "choices", "cidr-list")
	only("pattern", "string", "host", "path", "url", "proxy", "dns-label", "secret")
	if (p.Type == "choice" || p.Type == "choices") && len(d.Choices) == 0 {
		l.fail(d.At, "%s needs its choices", aType(p.Type))
	}
	if d.Min != nil && d.Max != nil && *d.Min > *d.Max {
		l.fail(value.Get(d.At, "max"), "max is less than min")
	}
	if d.Pattern != "" {
		if _, err := value.ParseRegexp(d.Pattern); err != nil {
			l.fail(value.Get(d.At, "pattern"), "%s", err)
		} else {
			p.pattern = regexp.MustCompile(`^(?:` + d.Pattern + `)$`)
		}
	}
	if p.Secret && d.Default != nil {
		l.fail(value.Key(d.At, "default"), "a secret has no default: it would be in the file")
	}
	if p.Secret && d.Example != nil {
		l.fail(value.Key(d.At, "example"), "a secret has no example: it would be tried")
	}
}

// given reads the default and the example.
func (l *loader) given(p *Param) {
	d := p.decl
	if n := d.Example; n != nil {
		v, err := p.parse(value.Plain(n))
		if err != nil {
			l.fail(n, "the example is no value: %s", err)
		} else {
			p.example, p.Example = v, p.typed(v)
		}
	}
	n := d.Default
	if n == nil || p.Secret {
		return
	}
	if n.Tag == "!!null" {
		l.fail(n, "empty: give it a value or remove it")
		return
	}
	l.p.templates.in(n, func(n *value.Node, t template) {
		p.computed = true
		for _, piece := range t {
			for _, term := range piece.terms {
				l.defaultTerm(n, term, piece.sum())
			}
		}
	})
	p.Default = value.Plain(n)
	if p.computed {
		return
	}
	v, err := p.parse(p.Default)
	if err != nil {
		l.fail(n, "the default is no value: %s", err)
		p.Default = nil // what follows from it is not said
		return
	}
	p.Default = v
}

// defaultTerm looks at a parameter in another's default.
func (l *loader) defaultTerm(n *value.Node, t term, sum bool) {
	switch {
	case t.item:
		l.fail(n, "${%s} has a meaning only in a check with for_each", t)
		return
	case t.param == "":
		return // a number
	}
	if q := l.param(n, t.param); q != nil {
		switch {
		case q.Secret:
			l.fail(n, "${%s} is a secret: no other parameter can hold it", t.param)
		case sum && !q.number():
			l.fail(n, "${%s} is %s: only an int or a port can be calculated with", t.param, aType(q.Type))
		}
	}
}

// cycles finds defaults and conditions that lead back to themselves.
func (l *loader) cycles() {
	defaults, conditions := make(map[string][]string), make(map[string][]string)
	for _, p := range l.p.Params {
		l.p.templates.in(p.decl.Default, func(_ *value.Node, t template) {
			defaults[p.Name] = append(defaults[p.Name], t.params()...)
		})
		for _, e := range p.decl.RequiredWhen {
			conditions[p.Name] = append(conditions[p.Name], e.Key)
		}
	}
	if way := cycle(l.p.paramNames(), defaults); way != nil {
		l.fail(l.p.find(way[0]).decl.Default, "the default depends on itself: %s", arrows(way))
	}
	if way := cycle(l.p.paramNames(), conditions); way != nil {
		l.fail(value.Get(l.p.find(way[0]).decl.At, "required_when"), "whether it is required depends on itself: %s", arrows(way))
	}
}
