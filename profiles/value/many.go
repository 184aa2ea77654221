package value

// OneOrMany is one value or a list of them.
type OneOrMany[T any] []T

func (OneOrMany[T]) oneOrMany() {}

// UnmarshalYAML decodes one value or a list of them.
func (m *OneOrMany[T]) UnmarshalYAML(n *Node) error { return Decode(n, m).Err() }
