package value

import "github.com/invopop/jsonschema"

// Param is the name of a parameter, where a check speaks of the parameter
// itself and not of its value. The loader holds it to the profile's own.
type Param string

// namePattern is IsName for the schema.
const namePattern = `^[a-z][a-z0-9_]{0,63}$`

// IsName reports whether s can be a parameter's name.
func IsName(s string) bool {
	for i, r := range s {
		if letter := 'a' <= r && r <= 'z'; !letter && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// UnmarshalYAML reads a parameter's name.
func (p *Param) UnmarshalYAML(n *Node) error {
	s, err := Scalar(n, "a parameter's name")
	if err != nil {
		return err
	}
	if !IsName(s) {
		return At(n, "%s is not a parameter's name", Quote(s))
	}
	*p = Param(s)
	return nil
}

// JSONSchema is the schema of a parameter's name.
func (Param) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: namePattern, Description: "a parameter's name"}
}
