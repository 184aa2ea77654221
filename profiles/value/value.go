// Package value holds the small typed values of the profile format (ports,
// hosts, durations, texts, patterns, secrets) with their decoding, limits and
// JSON Schema, and the one door through which YAML becomes a Go value. It
// never touches the network and knows no check kind.
package value

import (
	"fmt"
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
