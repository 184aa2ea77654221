package value

import (
	"regexp"

	"github.com/invopop/jsonschema"
)

// Param is the name of a parameter, where a check speaks of the parameter
// itself and not of its value. The loader holds it to the profile's own.
type Param string

var name = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// IsName reports whether s can be a parameter's name.
func IsName(s string) bool { return len(s) <= 64 && name.MatchString(s) }

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
	return &jsonschema.Schema{Type: "string", Pattern: name.String(), Description: "a parameter's name"}
}
