package value

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"
)

// A JSON Schema of the format is built from the very fields that decode, so
// that an editor completes what the loader accepts. It is looser than the
// loader where it can't express a rule, and never stricter than what people
// should write.

// Schemas builds schemas and collects the definitions that they share. The
// zero Schemas is ready to use.
type Schemas struct{ Definitions jsonschema.Definitions }

// describer is a type that says its own schema.
type describer interface{ JSONSchema() *jsonschema.Schema }

var describerType = reflect.TypeFor[describer]()

// templateName is the definition of a text that holds ${…}.
const templateName = "template"

// Of is the schema of a type; values says whether ${…} may stand in it.
func (s *Schemas) Of(t reflect.Type, values bool) *jsonschema.Schema {
	for t.Kind() == reflect.Pointer && t != nodeType {
		t = t.Elem()
	}
	switch {
	case t == nodeType:
		return &jsonschema.Schema{}
	case t.Implements(manyType):
		one := s.Of(t.Elem(), values)
		return anyOf(one, &jsonschema.Schema{Type: "array", Items: one})
	case t.Implements(orderedType):
		entry, _ := t.Elem().FieldByName("Value")
		return &jsonschema.Schema{Type: "object", AdditionalProperties: s.Of(entry.Type, values)}
	case t.Implements(describerType):
		takesText := t == reflect.TypeFor[Text]() || t == secretType
		return s.orTemplate(s.defined(t), values && !takesText)
	}
	switch t.Kind() {
	case reflect.Struct:
		for _, f := range Fields(t) {
			if f.Short {
				return anyOf(s.field(f, values), s.Block(t, values))
			}
		}
		return s.Block(t, values)
	case reflect.Map:
		return &jsonschema.Schema{Type: "object", AdditionalProperties: s.Of(t.Elem(), values)}
	case reflect.Slice:
		return &jsonschema.Schema{Type: "array", Items: s.Of(t.Elem(), values)}
	case reflect.String:
		return s.Define("scalar", anyScalar) // ${…} is a text too
	case reflect.Bool:
		return s.orTemplate(&jsonschema.Schema{Type: "boolean"}, values)
	case reflect.Float64:
		return s.orTemplate(&jsonschema.Schema{Type: "number"}, values)
	case reflect.Interface:
		return &jsonschema.Schema{}
	}
	return s.orTemplate(&jsonschema.Schema{Type: "integer"}, values)
}

// Block is the schema of a struct: its fields and no others.
func (s *Schemas) Block(t reflect.Type, values bool) *jsonschema.Schema {
	block := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
	for _, f := range Fields(t) {
		p := s.field(f, values || f.Values)
		p.Description = f.Doc
		if f.Default != "" {
			p.Description = strings.TrimPrefix(fmt.Sprintf("%s (default: %s)", f.Doc, f.Default), " ")
		}
		block.Properties.Set(f.Name, p)
		if f.Required {
			block.Required = append(block.Required, f.Name)
		}
	}
	return block
}

// field is the schema of a field's values.
func (s *Schemas) field(f Field, values bool) *jsonschema.Schema {
	if len(f.Enum) > 0 {
		return s.enum(f, values)
	}
	return s.Of(f.Type, values)
}

// enum is the schema of a field with a fixed set of words.
func (s *Schemas) enum(f Field, values bool) *jsonschema.Schema {
	words := &jsonschema.Schema{}
	for _, w := range f.Enum {
		words.Enum = append(words.Enum, w)
		if n, err := strconv.ParseFloat(w, 64); err == nil {
			words.Enum = append(words.Enum, n) // 1.2 without quotes
		}
	}
	one := s.orTemplate(words, values)
	if f.Type.Implements(manyType) {
		return anyOf(one, &jsonschema.Schema{Type: "array", Items: one})
	}
	return one
}

// defined is a reference to a type's own schema.
func (s *Schemas) defined(t reflect.Type) *jsonschema.Schema {
	name := strings.ToLower(t.Name())
	return s.Define(name, func() *jsonschema.Schema { return reflect.Zero(t).Interface().(describer).JSONSchema() })
}

// Define adds a definition, once, and refers to it.
func (s *Schemas) Define(name string, schema func() *jsonschema.Schema) *jsonschema.Schema {
	if s.Definitions == nil {
		s.Definitions = jsonschema.Definitions{}
	}
	if s.Definitions[name] == nil {
		s.Definitions[name] = &jsonschema.Schema{} // in case it refers to itself
		s.Definitions[name] = schema()
	}
	return &jsonschema.Schema{Ref: "#/$defs/" + name}
}

func (s *Schemas) orTemplate(schema *jsonschema.Schema, values bool) *jsonschema.Schema {
	if !values {
		return schema
	}
	return anyOf(schema, s.Define(templateName, func() *jsonschema.Schema {
		return &jsonschema.Schema{Type: "string", Pattern: `\$\{`, Description: "a text with parameters, such as ${name} or ${port + 2}"}
	}))
}

func anyOf(schemas ...*jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: schemas}
}

// anyScalar is a text, or what YAML takes for a number or a boolean and the
// loader for the text that it is.
func anyScalar() *jsonschema.Schema {
	return &jsonschema.Schema{Extras: map[string]any{"type": []string{"string", "number", "boolean"}}}
}
