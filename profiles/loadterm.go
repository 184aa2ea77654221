package profiles

import (
	"reflect"
	"slices"

	"netcheck/profiles/value"
)

// use is where a ${…} stands.
type use struct {
	conditions conditionsYAML
	forEach    *Param       // nil: not in a check with for_each
	each       bool         // in a check with for_each, known or not
	text       bool         // in a text for people
	into       reflect.Type // the field's type, if known
}

// terms looks at what a ${…} names, and whether it fits where it stands.
func (l *loader) terms(n *value.Node, t template, u use) {
	for _, piece := range t {
		for _, term := range piece.terms {
			switch {
			case term.item:
				l.itemTerm(n, term, u)
			case term.param != "":
				if p := l.param(n, term.param); p != nil && p.Expects.Key != "" {
					l.paramTerm(n, p, t.whole() && !piece.sum(), piece.sum(), u)
				}
			}
		}
	}
}

func (l *loader) paramTerm(n *value.Node, p *Param, whole, sum bool, u use) {
	switch {
	case p.Secret && u.into != reflect.TypeFor[value.Secret]():
		l.add(value.Problem{
			Line: n.Line, Column: n.Column, Message: "${" + p.Name + "} is a secret, and this would be shown",
			Hint: "secrets fit only secret fields, such as password",
		})
	case p.Secret && !whole:
		l.fail(n, "a secret stands alone: \"${%s}\" without other text", p.Name)
	case sum && !p.number():
		l.fail(n, "${%s} is %s: only an int or a port can be calculated with", p.Name, aType(p.Type))
	case p.Type == "list" && p.decl.Item != nil && len(p.decl.Item.Fields) > 0 && !u.text:
		l.add(value.Problem{
			Line: n.Line, Column: n.Column, Message: "${" + p.Name + "} is a list of records, which no field takes",
			Hint: "make the check for_each: " + p.Name + " and use ${item." + p.decl.Item.Fields[0].Key + "}",
		})
	case p.many() && !whole && !u.text:
		l.fail(n, "${%s} is a list: it must be the whole value", p.Name)
	case !whole && !u.text && !p.always && !u.conditions.guarantees(p):
		l.add(value.Problem{
			Line: n.Line, Column: n.Column, Message: "${" + p.Name + "} may have no value, and then this text would have a hole",
			Hint: "add when_set: [" + p.Name + "], or make the parameter required or give it a default",
		})
	}
}

func (l *loader) itemTerm(n *value.Node, t term, u use) {
	if !u.each {
		l.fail(n, "${%s} has a meaning only in a check with for_each", t)
		return
	}
	if u.forEach == nil {
		return
	}
	var fields []string
	if it := u.forEach.decl.Item; it != nil {
		for _, f := range it.Fields {
			fields = append(fields, f.Key)
		}
	}
	switch {
	case t.field == "" && len(fields) > 0:
		l.add(value.At(n, "${item} is a record: name one of its fields").Suggest("", prefixed("item.", fields)))
	case t.field != "" && !slices.Contains(fields, t.field):
		l.add(value.At(n, "the items of %s have no field %s", u.forEach.Name, value.Quote(t.field)).Suggest(t.field, fields))
	}
}

func prefixed(prefix string, words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = prefix + w
	}
	return out
}
