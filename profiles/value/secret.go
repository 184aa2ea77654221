package value

import "github.com/invopop/jsonschema"

// Secret is a value that no report, log or message may show.
type Secret string

// UnmarshalYAML reads a secret; its errors never show it.
func (s *Secret) UnmarshalYAML(n *Node) error {
	v, err := Scalar(n, "a text")
	*s = Secret(v)
	return err
}

func (Secret) String() string               { return "<secret>" }
func (Secret) GoString() string             { return "<secret>" }
func (Secret) MarshalText() ([]byte, error) { return []byte("<secret>"), nil }
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"<secret>"`), nil }
func (Secret) MarshalYAML() (any, error)    { return "<secret>", nil }

// Reveal gives the value to the protocol that needs it.
func (s Secret) Reveal() string { return string(s) }

// JSONSchema is the schema of a secret.
func (Secret) JSONSchema() *jsonschema.Schema {
	s := anyScalar()
	s.Description = "a secret, best as ${name} of a parameter of the type secret"
	return s
}
