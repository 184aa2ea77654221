package value

import (
	"reflect"

	yaml "go.yaml.in/yaml/v4"
)

// Ordered is a block of names with values of one type, in the order of the
// file.
type Ordered[T any] []Entry[T]

// Entry is one name with its value.
type Entry[T any] struct {
	Key   string
	At    *Node // the key
	Value T
}

func (Ordered[T]) ordered() {}

// UnmarshalYAML decodes a block of names.
func (o *Ordered[T]) UnmarshalYAML(n *Node) error { return Decode(n, o).Err() }

func (d Decoder) ordered(n *Node, v reflect.Value) Problems {
	if n.Kind != yaml.MappingNode {
		return Problems{At(n, "expected names with values, found %s", found(n))}
	}
	if len(n.Content) > 2*MaxList {
		return Problems{At(n, "a block may have %d names, this one has %d", MaxList, len(n.Content)/2)}
	}
	var ps Problems
	for key, val := range Pairs(n) {
		e := reflect.New(v.Type().Elem()).Elem()
		e.FieldByName("Key").SetString(key.Value)
		e.FieldByName("At").Set(reflect.ValueOf(key))
		ps = append(ps, d.decode(val, e.FieldByName("Value"))...)
		v.Set(reflect.Append(v, e))
	}
	return ps
}
