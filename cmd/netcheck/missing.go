package main

import (
	"errors"
	"fmt"
	"strings"

	"netcheck/profiles"
)

// missingError says for each parameter what it is and how to give it where
// nobody can be asked.
func missingError(params []profiles.Param, lang string) error {
	var b strings.Builder
	verb := "has"
	if len(params) > 1 {
		verb = "have"
	}
	fmt.Fprintf(&b, "%s %s no value:", count(len(params), "parameter"), verb)
	for _, p := range params {
		fmt.Fprintf(&b, "\n\n  %s: %s", p.Name, p.Expects)
		if ask := p.Ask.In(lang); ask != "" {
			fmt.Fprintf(&b, "\n    %s", ask)
		}
		if p.Secret {
			fmt.Fprintf(&b, "\n    give it as %s or %s_FILE in the environment", profiles.EnvName(p.Name), profiles.EnvName(p.Name))
			continue
		}
		fmt.Fprintf(&b, "\n    give it as %s, or as %s in the environment", howToGive(p, lang), profiles.EnvName(p.Name))
	}
	return &usageError{msg: b.String()}
}

func roleError(e *profiles.RoleError, lang string) error {
	if len(e.Roles) == 0 {
		return usagef("--role: the profile has no roles").withHint("leave --role out")
	}
	var b strings.Builder
	var ids []string
	if e.Named == "" {
		b.WriteString("the profile has several roles, and nothing says which this machine has:")
	} else {
		fmt.Fprintf(&b, "the profile has no role %q, but:", e.Named)
	}
	for _, r := range e.Roles {
		fmt.Fprintf(&b, "\n  --role %-16s %s", r.ID, r.Title.In(lang))
		ids = append(ids, r.ID)
	}
	err := &usageError{msg: strings.TrimRight(b.String(), " ")}
	if e.Named != "" {
		err.hint = didYouMean(e.Named, ids, "")
	}
	return err
}

// worded puts the profile's own words in an error into the reader's language.
func worded(err error, lang string) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var errs []error
		for _, e := range joined.Unwrap() {
			errs = append(errs, worded(e, lang))
		}
		return errors.Join(errs...)
	}
	if wrong, ok := err.(*profiles.ValueError); ok {
		return &usageError{msg: wrong.In(lang)}
	}
	return err
}

// expectsAlone says what a parameter's value looks like.
func expectsAlone(p profiles.Param, _ string) string { return p.Expects }

// expects says what a parameter's value looks like, with the profile's example.
func expects(p profiles.Param, lang string) string {
	if p.Example == "" {
		return expectsAlone(p, lang)
	}
	return p.Expects + ", such as " + p.Example
}

// wrongValue says, in a line, why an answer is none.
func wrongValue(e *profiles.ValueError, _ string) string { return e.Err.Error() }
