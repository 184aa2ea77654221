package value

import (
	"fmt"
	"reflect"
	"strings"
)

// Field is what a profile may set in a block: an exported field of a struct
// with these tags.
//
//	yaml:"name"      its name; ",inline" takes a struct's fields as one's own,
//	                 ",rest" gives an Ordered[*Node] all other pairs, and
//	                 ",node" gives a *Node the block itself
//	                 a lone value in place of the block is that of "name,short"
//	doc:"…"          one phrase for help and editors
//	default:"…"      what holds where it is left out
//	enum:"a,b"       the only values
//	required:"true"  it can't be left out
//	values:"true"    it may hold ${…}, though the block around it may not
type Field struct {
	Name     string
	Doc      string
	Default  string
	Enum     []string
	Required bool
	Values   bool
	Short    bool
	Type     reflect.Type
	index    []int
}

// Fields lists what a profile may set in a struct of this type, in the order
// of declaration. It panics if a tag is wrong: that is a mistake in netcheck.
func Fields(t reflect.Type) []Field {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return blockOf(t).fields
}

// block is how a struct's blocks are decoded.
type block struct {
	fields     []Field
	rest, node []int // indexes of the fields for other pairs and for the node; nil: none
}

// Types remembers what the tags of types say: a thousand checks are of few
// kinds. The zero Types is ready to use, by one goroutine at a time.
type Types struct{ blocks map[reflect.Type]block }

func (ts *Types) block(t reflect.Type) block {
	if ts == nil {
		return blockOf(t)
	}
	b, ok := ts.blocks[t]
	if !ok {
		if ts.blocks == nil {
			ts.blocks = make(map[reflect.Type]block)
		}
		b = blockOf(t)
		ts.blocks[t] = b
	}
	return b
}

func blockOf(t reflect.Type) (b block) {
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() && !f.Anonymous {
			continue
		}
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case name == "-":
			continue
		case option == "rest":
			b.rest = f.Index
			continue
		case option == "node":
			b.node = f.Index
			continue
		case option == "inline":
			for _, in := range blockOf(f.Type).fields {
				in.index = append([]int{i}, in.index...)
				b.fields = append(b.fields, in)
			}
			continue
		case name == "" && !f.IsExported():
			continue
		case name == "":
			panic(fmt.Sprintf("%s.%s has no yaml tag", t, f.Name))
		}
		field := Field{
			Name: name, Doc: f.Tag.Get("doc"), Default: f.Tag.Get("default"), Type: f.Type, index: f.Index,
			Required: f.Tag.Get("required") == "true", Values: f.Tag.Get("values") == "true",
			Short: option == "short",
		}
		if e := f.Tag.Get("enum"); e != "" {
			field.Enum = strings.Split(e, ",")
		}
		b.fields = append(b.fields, field)
	}
	return b
}

// Names are the fields' names.
func Names(fields []Field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}
