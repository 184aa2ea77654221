package value

import yaml "go.yaml.in/yaml/v4"

// Plain is a node as JSON would have it: a text, a whole number, a boolean, a
// list or a map by name.
func Plain(n *Node) any { return PlainWithout(n, nil) }

// PlainWithout is Plain with "<secret>" in place of the nodes that hide
// reports.
func PlainWithout(n *Node, hide func(*Node) bool) any {
	if hide != nil && hide(n) {
		return Secret("").String()
	}
	switch n.Kind {
	case yaml.AliasNode:
		return PlainWithout(n.Alias, hide)
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			list[i] = PlainWithout(c, hide)
		}
		return list
	case yaml.MappingNode:
		m := make(map[string]any, len(n.Content)/2)
		for key, val := range Pairs(n) {
			m[key.Value] = PlainWithout(val, hide)
		}
		return m
	}
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		if b, ok := Bool(n.Value); ok {
			return b
		}
	case "!!int":
		if i, ok := Int(n.Value); ok {
			return int(i)
		}
	}
	return n.Value
}
