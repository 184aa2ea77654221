// Package value holds the small typed values of the profile format (ports,
// hosts, durations, texts, patterns, secrets) with their decoding, limits and
// JSON Schema, and the one door through which YAML becomes a Go value. It
// never touches the network and knows no check kind.
package value

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// Node is a piece of a profile as it was written, with its position.
type Node = yaml.Node

// Problem is one mistake in a file, at a place.
type Problem struct {
	Line, Column int
	Message      string // lower case, no full stop
	Hint         string // what to do, if known: did you mean "port"?
}

func (p Problem) Error() string { return fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Message) }

// Problems are all mistakes of a file, in the order of the file.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Err is ps as an error: nil if there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// Sort puts the problems in the order of the file and drops repeats, such as
// those of a block that two aliases share.
func (ps Problems) Sort() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(ps)
}

// At is a problem at a node's place.
func At(n *Node, format string, args ...any) Problem {
	return Problem{Line: n.Line, Column: n.Column, Message: fmt.Sprintf(format, args...)}
}

// Suggest adds a hint if one of the words is close to the misspelt one; else,
// if the words are few, it lists them.
func (p Problem) Suggest(word string, words []string) Problem {
	const few = 24
	if best := Closest(word, words); best != "" {
		p.Hint = fmt.Sprintf("did you mean %q?", best)
	} else if len(words) > 0 && len(words) <= few {
		p.Hint = "known here: " + strings.Join(words, ", ")
	}
	return p
}

// problems turns a decoding method's error into problems, at the node where
// the error has no place of its own.
func problems(n *Node, err error) Problems {
	if err == nil {
		return nil
	}
	var many Problems
	var one Problem
	switch {
	case errors.As(err, &many):
		return many
	case errors.As(err, &one):
		return Problems{one}
	}
	var le *yaml.LoadError
	if errors.As(err, &le) {
		return Problems{At(n, "%s", le.Message)}
	}
	return Problems{At(n, "%s", err)}
}

// Scalar is a node's text. The error, at the node, says what was expected
// where the node is a list or a block of fields, or empty.
func Scalar(n *Node, expected string) (string, error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return "", At(n, "expected %s, found %s", expected, found(n))
	}
	return n.Value, nil
}

// found says what a node is, in a user's words.
func found(n *Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a block of fields"
	case n.Tag == "!!null":
		return "nothing"
	case n.Tag == "!!int", n.Tag == "!!float":
		return "the number " + Excerpt(n.Value)
	case n.Tag == "!!bool":
		return n.Value
	}
	return Quote(n.Value)
}

// Quote is a text from a file in quotes, shortened, its control characters
// made visible.
func Quote(s string) string { return fmt.Sprintf("%q", Excerpt(s)) }

// Excerpt is the beginning of a text that may be long.
func Excerpt(s string) string {
	const most = 60
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}
