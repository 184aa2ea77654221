package main

import (
	"errors"
	"fmt"
	"strings"

	"netcheck/profiles"
	"netcheck/profiles/value"
	"netcheck/report"
	"netcheck/report/i18n"
)

// missingError says for each parameter what it is and how to give it where
// nobody can be asked.
func missingError(params []profiles.Param, lang string) error {
	var b strings.Builder
	b.WriteString(i18n.T(lang, "param.missing", i18n.Data{"Count": len(params)}))
	for _, p := range params {
		fmt.Fprintf(&b, "\n\n  %s%s%s", p.Name, i18n.Colon(lang), expectsAlone(p, lang))
		if ask := p.Ask.In(lang); ask != "" {
			fmt.Fprintf(&b, "\n    %s", ask)
		}
		name := profiles.EnvName(p.Name)
		give := i18n.T(lang, "param.give-secret", i18n.Data{"Name": name, "File": name + "_FILE"})
		if !p.Secret {
			give = i18n.T(lang, "param.give", i18n.Data{"Flag": howToGive(p, lang), "Name": name})
		}
		fmt.Fprintf(&b, "\n    %s", give)
	}
	return &usageError{msg: b.String()}
}

func roleError(e *profiles.RoleError, lang string) error {
	if len(e.Roles) == 0 {
		return wrong("param.no-roles", nil).advised(sentence{key: "param.no-roles-hint"})
	}
	var b strings.Builder
	var ids []string
	if e.Named == "" {
		b.WriteString(i18n.T(lang, "param.several-roles", nil))
	} else {
		b.WriteString(i18n.T(lang, "param.unknown-role", i18n.Data{"Role": e.Named}))
	}
	for _, r := range e.Roles {
		fmt.Fprintf(&b, "\n  --role %-16s %s", r.ID, r.Title.In(lang))
		ids = append(ids, r.ID)
	}
	err := &usageError{msg: strings.TrimRight(b.String(), " ")}
	if near := value.Closest(e.Named, ids); near != "" {
		return err.advised(sentence{"cli.did-you-mean", i18n.Data{"Word": near}})
	}
	return err
}

// worded puts what is wrong with the values of a profile into the reader's
// language.
func worded(err error, lang string) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var errs []error
		for _, e := range joined.Unwrap() {
			errs = append(errs, worded(e, lang))
		}
		return errors.Join(errs...)
	}
	switch e := err.(type) {
	case *profiles.ValueError:
		return &usageError{msg: valueError(e, lang)}
	case *profiles.UnknownParamError:
		none := len(e.Known) == 0
		says := wrong("param.unknown", i18n.Data{"Where": report.Clean(e.Where), "Name": report.Clean(value.Excerpt(e.Name)), "None": none})
		if none {
			return says
		}
		return says.advised(closest(e.Name, e.Known, sentence{"cli.it-has", i18n.Data{"Names": strings.Join(e.Known, ", ")}}))
	}
	return err
}

// valueError says what is wrong with a value, where it was given, and what it
// has to be; of a secret neither its form nor its question, for it may have come
// from the wrong place.
func valueError(e *profiles.ValueError, lang string) string {
	text := i18n.T(lang, "param.wrong", i18n.Data{
		"Name": e.Param.Name, "Where": report.Clean(e.Given.Where), "Default": e.Given.From == profiles.FromDefault, "Why": wrongValue(e, lang),
	})
	if e.Param.Secret {
		return text
	}
	text += "\n  " + i18n.T(lang, "param.expected", i18n.Data{"Expects": expects(*e.Param, lang)})
	if ask := e.Param.Ask.In(lang); ask != "" {
		text += "\n  " + report.Clean(ask)
	}
	return text
}

// wrongValue says, in a line, why a value is none.
func wrongValue(e *profiles.ValueError, lang string) string {
	return report.Clean(phrased(e.Err, lang))
}

// expects says what a parameter's value looks like, with the profile's example.
func expects(p profiles.Param, lang string) string {
	if p.Example == "" {
		return expectsAlone(p, lang)
	}
	return i18n.T(lang, "param.such-as", i18n.Data{"Expects": expectsAlone(p, lang), "Example": report.Clean(p.Example)})
}

// expectsAlone says what a parameter's value looks like.
func expectsAlone(p profiles.Param, lang string) string { return phrased(p.Expects, lang) }

// phrased is what profiles says of a value, in the reader's language: what it
// has from elsewhere, such as the reason of a library, stays as it is.
func phrased(said any, lang string) string {
	p, ok := said.(value.Phrase)
	if fault, is := said.(*value.Fault); is {
		p, ok = fault.Phrase, true
	}
	if !ok {
		return fmt.Sprint(said)
	}
	data := i18n.Data{}
	for i, arg := range p.Args {
		data[string(rune('A'+i))] = phrased(arg, lang)
	}
	if key := "value." + p.Key; i18n.Has(key) {
		return i18n.T(lang, key, data)
	}
	return p.String()
}
