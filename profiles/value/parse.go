package value

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"
)

// Limits of a file. They are far above what a profile needs and far below
// what a machine would feel.
const (
	MaxFile  = 1 << 20 // bytes
	maxNodes = 250_000 // values, after aliases and merges are followed
	maxDepth = 64      // blocks and lists within each other
)

// Parse reads one YAML document. What it returns is a tree: aliases and merge
// keys are followed, no key is there twice, and no tag but YAML's own.
func Parse(data []byte) (*Node, Problems) {
	if len(data) > MaxFile {
		return nil, Problems{{Line: 1, Column: 1, Message: "the file has more than 1 MiB, which is the most that is read"}}
	}
	if p, ok := foreignByte(data); !ok {
		return nil, Problems{p}
	}
	var doc Node
	if err := yaml.Load(data, &doc); err != nil {
		return nil, Problems{syntaxProblem(data, err)}
	}
	root := &doc
	if root.Kind == yaml.DocumentNode && len(root.Content) == 1 {
		root = root.Content[0]
	}
	if root.Kind == 0 || root.Tag == "!!null" {
		return nil, Problems{{Line: 1, Column: 1, Message: "the file is empty"}}
	}
	var e expansion
	if root = e.expand(root, 0, false); e.over {
		return nil, e.ps.Sort() // what is missing would be reported too
	}
	return root, e.ps.Sort()
}

// foreignByte finds the first byte that no YAML file may hold.
func foreignByte(data []byte) (Problem, bool) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	line, column := 1, 1
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			return Problem{line, column, fmt.Sprintf("byte 0x%02x is not UTF-8", rest[0]), "save the file as UTF-8"}, false
		case r == '\n':
			line, column = line+1, 0
		case r == '\r' && !bytes.HasPrefix(rest, []byte("\r\n")):
			return Problem{line, column, "a carriage return without a line feed", "save the file with the line ends of Unix or Windows"}, false
		case r < 0x20 && r != '\t' && r != '\r', 0x7f <= r && r < 0xa0, r == 0x2028, r == 0x2029, r == 0xfeff, r == 0xfffe, r == 0xffff:
			return Problem{line, column, fmt.Sprintf("the invisible character U+%04X does not belong here", r), "remove it"}, false
		}
		column++
		rest = rest[size:]
	}
	return Problem{}, true
}

// syntaxProblem is the library's syntax error in a user's words where they
// are clearer than its own.
func syntaxProblem(data []byte, err error) Problem {
	var le *yaml.LoadError
	if !errors.As(err, &le) {
		return Problem{Line: 1, Column: 1, Message: err.Error()}
	}
	p := Problem{Line: le.Mark.Line, Column: le.Mark.Column, Message: strings.TrimPrefix(le.Message, "yaml: ")}
	if p.Line == 0 {
		// The library gives no place for these two.
		p.Line, p.Column = 1, 1
		if i := secondDocument(data); i > 0 {
			p.Line, p.Message = i, "a second document begins here: a file holds one"
		} else if len(bytes.TrimSpace(data)) == 0 || strings.Contains(p.Message, "no documents") {
			p.Message = "the file is empty"
		}
		return p
	}
	if last := bytes.Count(data, []byte("\n")) + 1; p.Line > last { // the end of a file that no line end ends
		p.Line, p.Column = last, utf8.RuneCount(lineFrom(data, last))+1
	}
	line, _, _ := bytes.Cut(lineFrom(data, p.Line), []byte("\n"))
	indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
	switch {
	case bytes.ContainsRune(indent, '\t'):
		p.Column = bytes.IndexByte(indent, '\t') + 1
		p.Message, p.Hint = "a tab in the indentation", "YAML is indented by spaces"
	case strings.Contains(p.Message, "mapping values are not allowed"):
		p.Message, p.Hint = "a colon where no field can begin", "put a text that holds \": \" in quotes, and look at the indentation"
	case strings.Contains(p.Message, "unexpected end of stream") && le.ContextMark.Line > 0:
		p.Line, p.Column, p.Message = le.ContextMark.Line, le.ContextMark.Column, "a quoted text that begins here is not closed"
	case strings.Contains(p.Message, "max depth"):
		p.Message = fmt.Sprintf("more than %d blocks or lists within each other", maxDepth)
	default:
		p.Message = "not valid YAML: " + p.Message
		if bytes.Contains(line, []byte("${")) {
			p.Hint = "between { } or [ ] a text that holds ${…} stands in quotes"
		} else if le.ContextMark.Line > 0 && le.ContextMsg != "" && le.ContextMark.Line != p.Line {
			p.Hint = fmt.Sprintf("%s that begins on line %d", le.ContextMsg, le.ContextMark.Line)
		}
	}
	return p
}

func lineFrom(data []byte, line int) []byte {
	for ; line > 1; line-- {
		_, rest, ok := bytes.Cut(data, []byte("\n"))
		if !ok {
			return nil
		}
		data = rest
	}
	return data
}

// secondDocument is the line of the marker that begins one, or 0.
func secondDocument(data []byte) int {
	content, n := false, 0
	for line := range bytes.Lines(data) {
		n++
		trimmed := bytes.TrimSpace(line)
		switch {
		case bytes.HasPrefix(line, []byte("---")) && content:
			return n
		case len(trimmed) > 0 && trimmed[0] != '#' && !bytes.HasPrefix(line, []byte("---")) && trimmed[0] != '%':
			content = true
		}
	}
	return 0
}

// expansion makes a graph of nodes a tree: what an alias stands for is copied
// to its place.
type expansion struct {
	nodes int
	over  bool
	ps    Problems
}

func (e *expansion) fail(n *Node, format string, args ...any) {
	e.ps = append(e.ps, At(n, format, args...))
}

// expand is n as a tree: itself, or a copy where it stands in another place as
// well.
func (e *expansion) expand(n *Node, depth int, elsewhere bool) *Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n, elsewhere = n.Alias, true
	}
	tree := n
	if elsewhere {
		tree = &Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Style: n.Style, Line: n.Line, Column: n.Column}
	}
	if e.nodes++; e.nodes > maxNodes || depth > maxDepth {
		if !e.over {
			e.over = true
			if depth > maxDepth {
				e.fail(n, "more than %d blocks or lists within each other", maxDepth)
			} else {
				e.fail(n, "more than %d values, aliases followed", maxNodes)
			}
		}
		return tree
	}
	tag := n.ShortTag()
	switch tag {
	case "!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!seq", "!!map", "!!merge":
	default:
		e.fail(n, "the tag %s has no meaning here", Quote(n.Tag))
	}
	tree.Tag = tag
	if n.Kind == yaml.ScalarNode {
		return tree
	}
	content := make([]*Node, 0, len(n.Content))
	if n.Kind == yaml.MappingNode {
		content = e.mapping(content, n, depth, elsewhere)
	} else {
		for _, c := range n.Content {
			if e.over {
				break
			}
			content = append(content, e.expand(c, depth+1, elsewhere))
		}
	}
	tree.Content = content
	return tree
}

// mapping appends a block's own pairs, then what it merges in and does not
// have.
func (e *expansion) mapping(content []*Node, n *Node, depth int, elsewhere bool) []*Node {
	own := map[string]*Node{}
	var merges []*Node
	for i := 0; i+1 < len(n.Content) && !e.over; i += 2 {
		key, val := e.expand(n.Content[i], depth+1, elsewhere), n.Content[i+1]
		switch {
		case key.Tag == "!!merge":
			merges = append(merges, val)
			continue
		case key.Kind != yaml.ScalarNode || key.Tag == "!!null":
			e.fail(key, "a field's name must be a plain word")
			continue
		case own[key.Value] != nil:
			e.fail(key, "%s is already set on line %d", Quote(key.Value), own[key.Value].Line)
			continue
		}
		own[key.Value] = key
		content = append(content, key, e.expand(val, depth+1, elsewhere))
	}
	for _, m := range merges {
		content = e.merge(content, own, m, depth)
	}
	return content
}

func (e *expansion) merge(content []*Node, own map[string]*Node, m *Node, depth int) []*Node {
	from := e.expand(m, depth+1, true)
	sources := []*Node{from}
	if from.Kind == yaml.SequenceNode {
		sources = from.Content
	}
	for _, s := range sources {
		if s.Kind != yaml.MappingNode {
			e.fail(m, "<< merges blocks of fields, and this is %s", found(s))
			continue
		}
		for key, val := range Pairs(s) {
			if own[key.Value] == nil {
				own[key.Value] = key
				content = append(content, key, val)
			}
		}
	}
	return content
}
