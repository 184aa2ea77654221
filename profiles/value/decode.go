package value

import (
	"encoding"
	"reflect"
	"slices"
	"strconv"

	yaml "go.yaml.in/yaml/v4"
)

// MaxList is how many elements a list may have.
const MaxList = 10_000

// Later is the tag of a text that holds a ${…} whose value is not known yet.
// No file can contain it: Parse refuses tags of its own.
const Later = "!later"

// Decode is the door through which YAML becomes a Go value: strict, with every
// mistake in the words of who wrote the file.
func Decode(n *Node, into any) Problems { return Decoder{}.Decode(n, into) }

// Decoder decodes, and tells its caller what it meets on the way. The zero
// Decoder is ready to use.
type Decoder struct {
	Values bool                                      // texts tagged Later are accepted everywhere, not only in fields that are tagged for them
	Later  func(n *Node, into reflect.Type) Problems // a text tagged Later, in place of a value of that type
	Secret func(n *Node)                             // went into a Secret
	Param  func(n *Node) Problems                    // went into a Param: a parameter's name
	Types  *Types                                    // may be shared by many decodings
}

var (
	stringType  = reflect.TypeFor[string]()
	nodeType    = reflect.TypeFor[*Node]()
	secretType  = reflect.TypeFor[Secret]()
	paramType   = reflect.TypeFor[Param]()
	manyType    = reflect.TypeFor[interface{ oneOrMany() }]()
	orderedType = reflect.TypeFor[interface{ ordered() }]()
	yamlType    = reflect.TypeFor[yaml.Unmarshaler]()
	textType    = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// Decode decodes a node into what a pointer points to.
func (d Decoder) Decode(n *Node, into any) Problems {
	return d.decode(n, reflect.ValueOf(into).Elem()).Sort()
}

func (d Decoder) decode(n *Node, v reflect.Value) Problems {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	t := v.Type()
	switch {
	case t == nodeType:
		v.Set(reflect.ValueOf(n))
		return nil
	case n.Tag == "!!null":
		return Problems{At(n, "empty: give it a value or remove it")}
	case n.Tag == Later:
		return d.later(n, t)
	case t == stringType: // most are, and have no methods to look for
		return problems(n, scalarInto(n, v))
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		return d.decode(n, v.Elem())
	case t.Implements(manyType):
		return d.oneOrMany(n, v)
	case t.Implements(orderedType):
		return d.ordered(n, v)
	case reflect.PointerTo(t).Implements(yamlType):
		return d.custom(n, v)
	case reflect.PointerTo(t).Implements(textType):
		s, err := Scalar(n, "a text")
		if err == nil {
			err = v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s))
		}
		return problems(n, err)
	}
	switch t.Kind() {
	case reflect.Struct:
		return d.block(n, v)
	case reflect.Map:
		return d.mapping(n, v)
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			return Problems{At(n, "expected a list, found %s", found(n))}
		}
		return d.list(n, v)
	case reflect.Interface:
		v.Set(reflect.ValueOf(Plain(n)))
		return nil
	}
	return problems(n, scalarInto(n, v))
}

// later accepts a text whose ${…} has no value yet.
func (d Decoder) later(n *Node, t reflect.Type) Problems {
	if !d.Values {
		return Problems{At(n, "${…} can't stand here: this must be known before any value is given")}
	}
	if d.Later == nil {
		return nil
	}
	for t.Kind() == reflect.Pointer || t.Implements(manyType) {
		t = t.Elem()
	}
	return d.Later(n, t)
}

// custom lets a type decode itself. Where some text within has no value yet,
// it can't be asked: its mistakes show when the values are there.
func (d Decoder) custom(n *Node, v reflect.Value) Problems {
	var ps Problems
	waits := false
	for s := range scalars(n) {
		if s.Tag == Later {
			waits = true
			ps = append(ps, d.later(s, v.Type())...)
		}
	}
	if waits {
		return ps
	}
	if v.Type() == secretType && d.Secret != nil {
		d.Secret(n)
	}
	if ps := problems(n, v.Addr().Interface().(yaml.Unmarshaler).UnmarshalYAML(n)); len(ps) > 0 {
		return ps
	}
	if v.Type() == paramType && d.Param != nil {
		return d.Param(n)
	}
	return nil
}

func (d Decoder) list(n *Node, v reflect.Value) Problems {
	if len(n.Content) > MaxList {
		return Problems{At(n, "a list may have %d elements, this one has %d", MaxList, len(n.Content))}
	}
	var ps Problems
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, c := range n.Content {
		ps = append(ps, d.decode(c, v.Index(i))...)
	}
	return ps
}

func (d Decoder) oneOrMany(n *Node, v reflect.Value) Problems {
	if n.Kind == yaml.SequenceNode {
		return d.list(n, v)
	}
	v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	return d.decode(n, v.Index(0))
}

func (d Decoder) mapping(n *Node, v reflect.Value) Problems {
	if n.Kind != yaml.MappingNode {
		return Problems{At(n, "expected names with values, found %s", found(n))}
	}
	var ps Problems
	v.Set(reflect.MakeMap(v.Type()))
	for key, val := range Pairs(n) {
		e := reflect.New(v.Type().Elem()).Elem()
		ps = append(ps, d.decode(val, e)...)
		v.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), e)
	}
	return ps
}

func (d Decoder) block(n *Node, v reflect.Value) Problems {
	b := d.Types.block(v.Type())
	fields := b.fields
	if i := slices.IndexFunc(fields, func(f Field) bool { return f.Short }); i >= 0 && n.Kind == yaml.ScalarNode {
		if ps := d.decode(n, v.FieldByIndex(fields[i].index)); len(ps) > 0 {
			return ps
		}
		return oneOf(n, fields[i].Enum)
	}
	if n.Kind != yaml.MappingNode {
		return Problems{At(n, "expected a block of fields, found %s", found(n)).Suggest("", Names(fields))}
	}
	if b.node != nil {
		v.FieldByIndex(b.node).Set(reflect.ValueOf(n))
	}
	var ps Problems
	for key, val := range Pairs(n) {
		i := 0
		for i < len(fields) && fields[i].Name != key.Value {
			i++
		}
		if i == len(fields) && b.rest != nil {
			entry := reflect.ValueOf(Entry[*Node]{Key: key.Value, At: key, Value: val})
			r := v.FieldByIndex(b.rest)
			r.Set(reflect.Append(r, entry))
			continue
		}
		if i == len(fields) {
			ps = append(ps, At(key, "unknown field %s", Quote(key.Value)).Suggest(key.Value, Names(fields)))
			continue
		}
		f, inner := &fields[i], d
		inner.Values = d.Values || f.Values
		wrong := inner.decode(val, v.FieldByIndex(f.index))
		if len(wrong) == 0 {
			wrong = oneOf(val, f.Enum)
		}
		ps = append(ps, wrong...)
	}
	for i := range fields {
		if f := &fields[i]; f.Required && Get(n, f.Name) == nil {
			ps = append(ps, At(n, "missing field %q", f.Name))
		}
	}
	return ps
}

// oneOf holds a value, or each of a list, to the words of an enum.
func oneOf(n *Node, words []string) (ps Problems) {
	if len(words) == 0 {
		return nil
	}
	for s := range scalars(n) {
		if s.Tag != Later && !slices.Contains(words, s.Value) {
			p := At(s, "unknown value %s", Quote(s.Value))
			ps = append(ps, p.Suggest(s.Value, words))
		}
	}
	return ps
}

// scalarInto decodes what Go itself has a type for.
func scalarInto(n *Node, v reflect.Value) error {
	expected := "a whole number"
	switch v.Kind() {
	case reflect.String:
		expected = "a text"
	case reflect.Bool:
		expected = "true or false"
	case reflect.Float64:
		expected = "a number"
	}
	s, err := Scalar(n, expected)
	if err != nil {
		return err
	}
	wrong := func() error { return At(n, "expected %s, found %s", expected, found(n)) }
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		b, ok := Bool(s)
		if !ok {
			return wrong()
		}
		v.SetBool(b)
	case reflect.Float64:
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return wrong()
		}
		v.SetFloat(f)
	default:
		i, ok := Int(s)
		if !ok {
			return wrong()
		}
		if v.CanUint() {
			if i < 0 || v.OverflowUint(uint64(i)) {
				return At(n, "%d is out of range", i)
			}
			v.SetUint(uint64(i))
			return nil
		}
		if v.OverflowInt(i) {
			return At(n, "%d is out of range", i)
		}
		v.SetInt(i)
	}
	return nil
}
