package profiles

import (
	"encoding/json"
	"reflect"

	"github.com/invopop/jsonschema"

	"netcheck/profiles/value"
)

// Schema is the JSON Schema (draft 2020-12) of a profile that uses these
// kinds: what an editor needs to complete one and to mark mistakes.
func Schema(kinds []Kind) ([]byte, error) {
	var s value.Schemas
	root := s.Block(reflect.TypeFor[documentYAML](), false)
	root.Version = jsonschema.Version
	root.Title = "netcheck profile, version 1"
	checks, _ := root.Properties.Get("checks")
	checks.MinItems = new(uint64(1))
	checks.Items = s.Define("check", func() *jsonschema.Schema { return checkSchema(&s, kinds) })
	root.Definitions = s.Definitions
	return json.MarshalIndent(root, "", "  ")
}

// checkSchema has each kind beside a check's own fields, and exactly one of
// them in a check.
func checkSchema(s *value.Schemas, kinds []Kind) *jsonschema.Schema {
	check := s.Block(reflect.TypeFor[checkYAML](), false)
	for _, k := range kinds {
		ref := s.Define("kind-"+k.Name, func() *jsonschema.Schema { return s.Block(reflect.TypeOf(k.New()), true) })
		ref.Description = k.Doc
		check.Properties.Set(k.Name, ref)
		check.OneOf = append(check.OneOf, &jsonschema.Schema{Required: []string{k.Name}})
	}
	return check
}

// JSONSchema is the schema of the values of a choice.
func (choicesYAML) JSONSchema() *jsonschema.Schema {
	var s value.Schemas
	id := &jsonschema.Schema{Pattern: idPattern, Extras: map[string]any{"type": []string{"string", "number", "boolean"}}}
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
		{Type: "array", Items: id, MinItems: new(uint64(1))},
		{Type: "object", PropertyNames: &jsonschema.Schema{Pattern: idPattern}, AdditionalProperties: s.Block(reflect.TypeFor[choiceYAML](), false)},
	}}
}

// JSONSchema is the schema of what a list holds.
func (itemYAML) JSONSchema() *jsonschema.Schema {
	one := &jsonschema.Schema{}
	for _, name := range itemTypes() {
		one.Enum = append(one.Enum, name)
	}
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{one, {Type: "object", AdditionalProperties: one}}}
}

// JSONSchema is the schema of a parameter's type.
func (typeName) JSONSchema() *jsonschema.Schema {
	s := &jsonschema.Schema{}
	for _, name := range ParamTypes() {
		s.Enum = append(s.Enum, name)
	}
	return s
}
