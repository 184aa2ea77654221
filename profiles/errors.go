package profiles

import (
	"fmt"
	"strings"

	"netcheck/profiles/value"
)

// MissingError names the parameters that must have a value and have none.
type MissingError struct{ Params []Param }

func (e *MissingError) Error() string {
	var b strings.Builder
	if len(e.Params) == 1 {
		b.WriteString("a parameter has no value:")
	} else {
		fmt.Fprintf(&b, "%d parameters have no value:", len(e.Params))
	}
	for _, p := range e.Params {
		fmt.Fprintf(&b, "\n  %s: expected %s%s", p.Name, p.Expects, p.suchAs())
		if q := p.Ask.In("en"); q != "" {
			fmt.Fprintf(&b, "\n    %s", harmless(q))
		}
	}
	return b.String()
}

func (p *Param) suchAs() string {
	if p.Example == "" {
		return ""
	}
	return ", such as " + harmless(p.Example)
}

// ValueError is a value that a parameter can't have.
type ValueError struct {
	Param *Param
	Given Given
	Err   error // shows the value, unless it is a secret
}

func (e *ValueError) Error() string {
	var b strings.Builder
	b.WriteString(e.Param.Name)
	if where := e.Given.Where; where != "" {
		fmt.Fprintf(&b, " (%s)", harmless(where))
	} else if e.Given.From == FromDefault {
		b.WriteString(" (its default)")
	}
	fmt.Fprintf(&b, ": %s", harmless(e.Err.Error()))
	if e.Param.Secret {
		return b.String() // its form is nobody's business, or it came from the wrong place
	}
	fmt.Fprintf(&b, "\n  expected %s%s", e.Param.Expects, e.Param.suchAs())
	if q := e.Param.Ask.In("en"); q != "" {
		fmt.Fprintf(&b, "\n  %s", harmless(q))
	}
	return b.String()
}

func (e *ValueError) Unwrap() error { return e.Err }

// UnknownParamError is a value for a parameter that the profile does not have.
type UnknownParamError struct {
	Name  string
	Known []string
	Where string // in a site file; may be empty
}

func (e *UnknownParamError) Error() string {
	s := fmt.Sprintf("the profile has no parameter %s", value.Quote(e.Name))
	if e.Where != "" {
		s = harmless(e.Where) + ": " + s
	}
	if len(e.Known) == 0 {
		return s + ", nor any other"
	}
	if best := value.Closest(e.Name, e.Known); best != "" {
		return fmt.Sprintf("%s\n  did you mean %q?", s, best)
	}
	return fmt.Sprintf("%s\n  it has %s", s, strings.Join(e.Known, ", "))
}

// RoleError is a role that the profile does not have, or none where one has to
// be named.
type RoleError struct {
	Named string // "": none
	Roles []Role
}

func (e *RoleError) Error() string {
	known := roleIDs(e.Roles)
	switch {
	case len(known) == 0:
		return fmt.Sprintf("the profile has no roles, and so no role %s", value.Quote(e.Named))
	case e.Named == "":
		return fmt.Sprintf("the profile has several roles, and none is named\n  it has %s", strings.Join(known, ", "))
	}
	s := fmt.Sprintf("the profile has no role %s", value.Quote(e.Named))
	if best := value.Closest(e.Named, known); best != "" {
		return fmt.Sprintf("%s\n  did you mean %q?", s, best)
	}
	return fmt.Sprintf("%s\n  it has %s", s, strings.Join(known, ", "))
}
