package profiles

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"netcheck/profiles/value"
)

// number reports whether one can calculate with the parameter.
func (p *Param) number() bool { return p.Type == "int" || p.Type == "port" }

// many reports whether the parameter's value is a list.
func (p *Param) many() bool {
	t, _ := typeCalled(p.Type)
	return t.many
}

// parse turns a given value into a typed one. Its errors show what was given,
// but never a secret.
func (p *Param) parse(given any) (any, error) {
	t, _ := typeCalled(p.Type)
	if !t.many {
		return p.parseOne(t, given)
	}
	elements, ok := given.([]any)
	if !ok {
		s, err := scalarText(given, p.Expects)
		if err != nil {
			return nil, err
		}
		for part := range strings.SplitSeq(s, ",") {
			elements = append(elements, strings.TrimSpace(part))
		}
	}
	switch d := p.decl; {
	case len(elements) > value.MaxList:
		return nil, value.Wrong("list-long", "a list may have %d elements, this one has %d", value.MaxList, len(elements))
	case d.Min != nil && len(elements) < *d.Min:
		return nil, value.Wrong("list-least", "%d given, at least %d expected", len(elements), *d.Min)
	case d.Max != nil && len(elements) > *d.Max:
		return nil, value.Wrong("list-most", "%d given, at most %d expected", len(elements), *d.Max)
	}
	switch p.Type {
	case "choices":
		return parseAll(elements, func(s string) (string, error) { return s, p.oneOfChoices(s) })
	case "cidr-list":
		return parseAll(elements, value.ParsePrefix)
	}
	return p.parseList(elements)
}

// parseAll parses each element of a list and refuses repeats.
func parseAll[T comparable](elements []any, parse func(string) (T, error)) ([]T, error) {
	var list []T
	for _, e := range elements {
		s, err := scalarText(e, paramTypes[0].expects)
		if err != nil {
			return nil, err
		}
		v, err := parse(s)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return list, nil
}

func (p *Param) parseOne(t paramType, given any) (any, error) {
	if list, ok := given.([]any); ok && p.Type == "ports" {
		given = textOf(list)
	}
	s, err := scalarText(given, p.Expects)
	if err != nil {
		return nil, err
	}
	if len(s) > maxValue && !p.Secret {
		return nil, value.Wrong("long", "longer than %d bytes", maxValue)
	}
	if p.pattern != nil && !p.pattern.MatchString(s) {
		if p.Secret {
			return nil, value.Wrong("form-secret", "it does not have the expected form")
		}
		return nil, value.Wrong("form", "%s does not have the expected form", value.Quote(s))
	}
	if p.Type == "choice" {
		if err := p.oneOfChoices(s); err != nil {
			return nil, err
		}
	}
	v, err := t.parse(s)
	if err != nil {
		return nil, err
	}
	if n, ok := v.(int); ok && (p.decl.Min != nil && n < *p.decl.Min || p.decl.Max != nil && n > *p.decl.Max) {
		return nil, value.Wrong("range", "%d is out of range", n)
	}
	return v, nil
}

func (p *Param) oneOfChoices(s string) error {
	ids := make([]string, len(p.Choices))
	for i, c := range p.Choices {
		ids[i] = c.ID
	}
	if slices.Contains(ids, s) {
		return nil
	}
	if best := value.Closest(s, ids); best != "" {
		return value.Wrong("choice-near", "%s is not one of the choices: did you mean %s?", value.Quote(s), value.Quote(best))
	}
	return value.Wrong("choice", "%s is not one of the choices", value.Quote(s))
}

// parseList reads the elements of a list parameter.
func (p *Param) parseList(elements []any) (any, error) {
	item := p.decl.Item
	if item == nil {
		item = &itemYAML{Type: "string"}
	}
	list := make([]any, 0, len(elements))
	ids := make(map[string]bool)
	for i, e := range elements {
		var v any
		var err error
		if len(item.Fields) > 0 {
			v, err = parseRecord(item, e)
		} else {
			v, err = parseScalar(item.Type, e)
		}
		if err != nil {
			return nil, value.Wrong("element", "element %d: %s", i+1, err)
		}
		id := itemID(item, v)
		switch {
		case ids[id]:
			return nil, value.Wrong("twice", "%s is there twice", value.Quote(id))
		case len(id) > maxID || strings.ContainsAny(id, "[],"):
			return nil, value.Wrong("item-id", "%s can't name a check: at most %d bytes, without brackets and commas", value.Quote(id), maxID)
		}
		if record, ok := v.(map[string]any); ok && record["id"] != nil && !plainID.MatchString(id) {
			return nil, value.Wrong("element", "element %d: %s", i+1, value.Wrong("item-name", "%s can't be an id: it has a colon or an equals sign in it", value.Quote(id)))
		}
		ids[id] = true
		list = append(list, v)
	}
	return list, nil
}

// maxID is how long the name of an item may be: the longest host name and more.
const maxID = 260

// plainID is what the field id of a record may be: two elements that ran into
// one, as after a lost comma, are none.
var plainID = regexp.MustCompile(`^[^:=]+$`)

// itemID names an element in the id of a check: its field id, else its first.
func itemID(item *itemYAML, v any) string {
	record, ok := v.(map[string]any)
	if !ok {
		return textOf(v)
	}
	if id, ok := record["id"]; ok {
		return textOf(id)
	}
	return textOf(record[item.Fields[0].Key])
}

// parseRecord reads {id: till1, host: 10.0.0.5} or the text till1:10.0.0.5; an
// IPv6 address in a text stands in brackets.
func parseRecord(item *itemYAML, given any) (any, error) {
	record, ok := given.(map[string]any)
	if !ok {
		s, err := scalarText(given, value.Say("fields", "its fields"))
		if err != nil {
			return nil, err
		}
		parts := splitRecord(s)
		if len(parts) != len(item.Fields) {
			return nil, value.Wrong("record-form", "%s is not of the form %s", value.Quote(s), item.form())
		}
		record = make(map[string]any)
		for i, f := range item.Fields {
			record[f.Key] = parts[i]
		}
	}
	known := make([]string, len(item.Fields))
	out := make(map[string]any)
	for i, f := range item.Fields {
		known[i] = f.Key
		v, ok := record[f.Key]
		if !ok {
			return nil, value.Wrong("field-missing", "the field %s is missing", value.Quote(f.Key))
		}
		t, err := parseScalar(f.Value, v)
		if err != nil {
			return nil, value.Wrong("field", "%s: %s", f.Key, err)
		}
		out[f.Key] = t
	}
	for name := range record {
		if !slices.Contains(known, name) {
			return nil, value.Wrong("field-unknown", "unknown field %s: expected %s", value.Quote(name), strings.Join(known, ", "))
		}
	}
	return out, nil
}

// splitRecord splits at colons outside brackets.
func splitRecord(s string) (parts []string) {
	depth, start := 0, 0
	for i, r := range s {
		switch r {
		case '[':
			depth++
		case ']':
			depth--
		case ':':
			if depth == 0 {
				parts = append(parts, strings.TrimSpace(s[start:i]))
				start = i + 1
			}
		}
	}
	return append(parts, strings.TrimSpace(s[start:]))
}

func parseScalar(typ string, given any) (any, error) {
	t, ok := typeCalled(typ)
	if !ok {
		t = paramTypes[0] // a text: the loader has said already that there is no such type
	}
	s, err := scalarText(given, t.expects)
	if err != nil {
		return nil, err
	}
	if s == "" {
		return nil, value.Wrong("empty", "it is empty")
	}
	if len(s) > maxValue {
		return nil, value.Wrong("long", "longer than %d bytes", maxValue)
	}
	return t.parse(s)
}

// scalarText is a given value as text; lists and maps have none.
func scalarText(v any, expected value.Phrase) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case []any:
		return "", value.Wrong("found-list", "expected %s, found a list", expected)
	case map[string]any:
		return "", value.Wrong("found-block", "expected %s, found a block of fields", expected)
	case nil:
		return "", nil
	}
	return fmt.Sprint(v), nil
}

// typed is a value as one would type it at --set.
func (p *Param) typed(v any) string {
	if yes, ok := v.(bool); ok { // as the question is answered
		if yes {
			return "yes"
		}
		return "no"
	}
	list, ok := v.([]any)
	if !ok {
		return strings.ReplaceAll(textOf(v), ", ", ",")
	}
	parts := make([]string, len(list))
	for i, e := range list {
		record, ok := e.(map[string]any)
		if !ok {
			parts[i] = textOf(e)
			continue
		}
		fields := make([]string, len(p.decl.Item.Fields))
		for j, f := range p.decl.Item.Fields {
			fields[j] = textOf(record[f.Key])
			if strings.Contains(fields[j], ":") {
				fields[j] = "[" + fields[j] + "]"
			}
		}
		parts[i] = strings.Join(fields, ":")
	}
	return strings.Join(parts, ",")
}
