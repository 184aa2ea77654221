package profiles

import (
	"fmt"

	"netcheck/profiles/value"

	yaml "go.yaml.in/yaml/v4"
)

// Warning is about something that works, and should not be in a profile.
type Warning struct {
	File         string
	Line, Column int
	Message      string
	Hint         string
}

// String is one, as an editor can jump to it.
func (w Warning) String() string {
	return fmt.Sprintf("%s:%d:%d: warning: %s\n  %s", w.File, w.Line, w.Column, w.Message, w.Hint)
}

// literalSecret warns of a secret that is written out: a profile is passed on,
// and kept where many read it.
func (l *loader) literalSecret(n *value.Node) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Value == "" || l.literals[n] {
		return
	}
	if l.literals == nil {
		l.literals = make(map[*value.Node]bool)
	}
	l.literals[n] = true
	l.p.Warnings = append(l.p.Warnings, Warning{
		File: l.p.File, Line: n.Line, Column: n.Column,
		Message: "a secret is written out in the profile, for everybody who gets the file",
		Hint:    "declare a parameter of the type secret and write ${its_name} here: it is asked for, or taken from the environment",
	})
}
