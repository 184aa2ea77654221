package profiles

import (
	"fmt"
	"slices"
	"strings"

	"netcheck/profiles/value"

	yaml "go.yaml.in/yaml/v4"
)

// A template is a text with ${…} in it, in pieces.
type template []piece

// piece is a literal text or, where it has terms, an expression.
type piece struct {
	literal string
	terms   []term
}

// term is a parameter, a field of for_each's item, or a number.
type term struct {
	minus  bool
	param  string // "" for an item and a number
	item   bool
	field  string // of the item; "": the item itself
	number int64
}

// Limits of one text and one sum.
const (
	maxPieces = 200
	maxTerms  = 16
)

// whole reports whether the template is one expression and nothing else: its
// value then keeps its type.
func (t template) whole() bool { return len(t) == 1 && t[0].terms != nil }

// sum reports whether the piece calculates.
func (p piece) sum() bool { return len(p.terms) > 1 }

func (t term) String() string {
	switch {
	case t.item && t.field != "":
		return "item." + t.field
	case t.item:
		return "item"
	}
	return t.param
}

// params are the parameters that the template names.
func (t template) params() (names []string) {
	for _, p := range t {
		for _, term := range p.terms {
			if term.param != "" {
				names = append(names, term.param)
			}
		}
	}
	return names
}

// ofItem reports whether the template names for_each's item.
func (t template) ofItem() bool {
	return slices.ContainsFunc(t, func(p piece) bool {
		return slices.ContainsFunc(p.terms, func(term term) bool { return term.item })
	})
}

// syntaxError is what is wrong with a template, and after how many bytes.
type syntaxError struct {
	at   int
	text string
	hint string
}

// parseTemplate reads a text with ${…} in it. $${ stands for ${ itself; a $
// before anything else is a $.
func parseTemplate(s string) (template, *syntaxError) {
	var t template
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			t = append(t, piece{literal: literal.String()})
			literal.Reset()
		}
	}
	for i := 0; i < len(s); {
		switch {
		case strings.HasPrefix(s[i:], "$${"):
			literal.WriteString("${")
			i += 3
		case strings.HasPrefix(s[i:], "${"):
			length := strings.IndexByte(s[i:], '}')
			if length < 0 {
				return nil, &syntaxError{i, "${ is not closed", "for a ${ as it stands, write $${"}
			}
			terms, text := parseTerms(s[i+2 : i+length])
			if text != "" {
				return nil, &syntaxError{i, fmt.Sprintf("%s: %s", value.Excerpt(s[i:i+length+1]), text), ""}
			}
			if flush(); len(t) >= maxPieces {
				return nil, &syntaxError{i, "too many ${…} in one text", ""}
			}
			t = append(t, piece{terms: terms})
			i += length + 1
		default:
			literal.WriteByte(s[i])
			i++
		}
	}
	flush()
	return t, nil
}

// parseTerms reads port + 2.
func parseTerms(s string) (terms []term, wrong string) {
	const form = "expected a parameter's name, item.field, or a sum such as port + 2"
	if len(s) > 1000 {
		return nil, "the expression is too long"
	}
	if value.IsName(s) && s != "item" {
		return []term{{param: s}}, ""
	}
	fields := strings.Fields(strings.ReplaceAll(strings.ReplaceAll(s, "+", " + "), "-", " - "))
	if len(fields)%2 == 0 || len(fields) > 2*maxTerms {
		return nil, form
	}
	for i, f := range fields {
		if i%2 == 1 {
			if f != "+" && f != "-" {
				return nil, form
			}
			continue
		}
		t := term{minus: i > 0 && fields[i-1] == "-"}
		name, field, dotted := strings.Cut(f, ".")
		n, number := value.Int(f)
		switch {
		case number && n <= 1_000_000 && i > 0:
			t.number = n
		case name == "item" && (!dotted || value.IsName(field)):
			t.item, t.field = true, field
		case !dotted && value.IsName(f):
			t.param = f
		default:
			return nil, form
		}
		terms = append(terms, t)
	}
	return terms, ""
}

// templates are a file's, by the node that holds each.
type templates map[*value.Node]template

// mark tags every text that holds ${…} as value.Later and remembers its
// pieces; a text that only escapes becomes what it stands for.
func (ts templates) mark(n *value.Node) (ps value.Problems) {
	if n.Kind == yaml.ScalarNode {
		if !strings.Contains(n.Value, "${") {
			return nil
		}
		t, wrong := parseTemplate(n.Value)
		switch {
		case wrong != nil:
			p := value.At(n, "%s", wrong.text)
			p.Hint = wrong.hint
			if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && !strings.Contains(n.Value, "\n") {
				p.Column += len([]rune(n.Value[:wrong.at]))
				if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
					p.Column++
				}
			}
			ts[n] = nil
			n.Tag = value.Later
			return value.Problems{p}
		case len(t) == 1 && t[0].terms == nil:
			n.Value, n.Tag = t[0].literal, "!!str"
		default:
			ts[n] = t
			n.Tag = value.Later
		}
		return nil
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			continue // names stay as they are
		}
		ps = append(ps, ts.mark(c)...)
	}
	return ps
}

// in yields every template at and below a node.
func (ts templates) in(n *value.Node, yield func(*value.Node, template)) {
	if n == nil {
		return
	}
	if n.Tag == value.Later {
		yield(n, ts[n])
	}
	for i, c := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 {
			ts.in(c, yield)
		}
	}
}
