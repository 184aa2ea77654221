package value

import (
	"iter"
	"strconv"

	yaml "go.yaml.in/yaml/v4"
)

// Get is the value node of a block's field, or nil.
func Get(n *Node, name string) *Node {
	if n == nil {
		return nil
	}
	for key, val := range Pairs(n) {
		if key.Value == name {
			return val
		}
	}
	return nil
}

// Key is the key node of a block's field, or nil.
func Key(n *Node, name string) *Node {
	for key := range Pairs(n) {
		if key.Value == name {
			return key
		}
	}
	return nil
}

// Bool reads what people write for true and false.
func Bool(s string) (b, ok bool) {
	switch s {
	case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON":
		return true, true
	case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF":
		return false, true
	}
	return false, false
}

// Int reads a whole number in decimal. A leading zero is refused: YAML has
// read it as octal and as decimal, in different versions.
func Int(s string) (int64, bool) {
	digits := s
	if digits != "" && (digits[0] == '-' || digits[0] == '+') {
		digits = digits[1:]
	}
	if digits == "" || len(digits) > 1 && digits[0] == '0' {
		return 0, false
	}
	i, err := strconv.ParseInt(s, 10, 64)
	return i, err == nil
}

// Pairs are a block's keys and values, in order.
func Pairs(n *Node) iter.Seq2[*Node, *Node] {
	return func(yield func(*Node, *Node) bool) {
		if n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// scalars are all texts and numbers at and below a node, keys left out.
func scalars(n *Node) iter.Seq[*Node] {
	return func(yield func(*Node) bool) { eachScalar(n, yield) }
}

func eachScalar(n *Node, yield func(*Node) bool) bool {
	if n.Kind == yaml.ScalarNode {
		return yield(n)
	}
	for i, c := range n.Content {
		if (n.Kind != yaml.MappingNode || i%2 == 1) && !eachScalar(c, yield) {
			return false
		}
	}
	return true
}
