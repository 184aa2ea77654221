package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"netcheck/profiles"
	"netcheck/profiles/value"
)

func newShow(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "show PROFILE",
		Short: "Show what a profile asks, of whom, and who is contacted",
		Long: `Show what a profile needs to know, what it checks and from which machine, and who
is contacted by a run. Nothing is contacted now.`,
		Example:           "  netcheck show passcom",
		Args:              arguments(1, 1, "a profile"),
		ValidArgsFunction: completeProfiles,
		RunE: func(c *cobra.Command, args []string) error {
			p, err := s.load(c.Context(), args[0], s.mayAsk())
			if err != nil {
				return err
			}
			v := view{s: s, p: p, lang: s.languageOf(c), width: min(s.width(s.out), 100)}
			v.head()
			v.roles()
			v.params()
			v.checks()
			v.contacts()
			return nil
		},
	}
}

// view writes one profile for a reader.
type view struct {
	s     *streams
	p     *profiles.Profile
	lang  string
	width int
}

func (v *view) line(format string, args ...any) { v.s.line(harmless(fmt.Sprintf(format, args...))) }

// text writes a wrapped text, its lines indented.
func (v *view) text(by int, text string) {
	pad := strings.Repeat(" ", by)
	v.line("%s", wrap(text, pad, pad, v.width))
}

// item writes a wrapped text with a mark before it.
func (v *view) item(text string) { v.line("%s", wrap(text, "  - ", "    ", v.width)) }

// entry writes what is described and a short note beside it, or below where
// the window is too narrow for both.
func (v *view) entry(name, note string) {
	if line := "  " + name + "  " + note; ansi.StringWidth(line) <= v.width {
		v.line("%s", line)
		return
	}
	v.line("  %s", name)
	v.text(6, note)
}

func (v *view) head() {
	v.line("%s", wrap(product(v.p, v.lang), v.p.ID+": ", "  ", v.width))
	if v.p.Revision != "" {
		v.line("revision %s", v.p.Revision)
	}
	if s := v.p.Source; s.URL != "" {
		line := "after " + s.URL
		if s.Seen != "" {
			line += ", as seen on " + s.Seen
		}
		v.line("%s", wrap(line, "", "  ", v.width))
	}
}

func (v *view) roles() {
	if len(v.p.Roles) == 0 {
		return
	}
	v.line("\nThis machine can be (--role):")
	for _, r := range v.p.Roles {
		title := r.Title.In(v.lang)
		if r.ID == v.p.DefaultRole {
			title += " (where nothing is said)"
		}
		name := fmt.Sprintf("  %-16s ", r.ID)
		v.line("%s", wrap(title, name, strings.Repeat(" ", len(name)), v.width))
	}
}

func (v *view) params() {
	if len(v.p.Params) == 0 {
		return
	}
	v.line("\nWhat it must know of the shop:")
	for _, p := range v.p.Params {
		v.entry(howToGive(p), paramNote(p))
		if ask := p.Ask.In(v.lang); ask != "" {
			v.text(6, ask)
		}
	}
}

// howToGive is how a parameter is given without being asked.
func howToGive(p profiles.Param) string {
	if p.Secret {
		return profiles.EnvName(p.Name) + " in the environment"
	}
	value := p.Example
	if value == "" && len(p.Choices) > 0 {
		value = p.Choices[0].ID
	}
	if value == "" {
		value = "VALUE"
	}
	return "--set " + shellWord(p.Name+"="+value)
}

// shellWord quotes what a shell would take apart.
func shellWord(s string) string {
	if strings.ContainsAny(s, " \t'\"$&|;<>()*?[]{}\\`!#~") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

func paramNote(p profiles.Param) string {
	var notes []string
	if p.Required {
		notes = append(notes, "required")
	} else if len(p.RequiredWhen) > 0 {
		notes = append(notes, "required where "+compared(p.RequiredWhen))
	}
	if len(p.Choices) > 0 {
		var ids []string
		for _, c := range p.Choices {
			ids = append(ids, c.ID)
		}
		several := ""
		if p.Type == "choices" {
			several = "or more "
		}
		notes = append(notes, "one "+several+"of "+strings.Join(ids, ", "))
	} else if p.Expects != "" {
		notes = append(notes, p.Expects)
	}
	if p.Default != nil {
		notes = append(notes, "default "+typed(fieldText(p.Default)))
	}
	return "(" + strings.Join(notes, "; ") + ")"
}

func (v *view) checks() {
	v.line("\nWhat it checks:")
	for _, d := range v.p.Declared {
		note := d.Level
		switch {
		case len(d.From) > 0:
			note += "; from " + strings.Join(d.From, ", ")
		case len(v.p.Roles) > 0:
			note += "; from every machine"
		}
		if len(d.To) > 0 {
			note += "; to " + strings.Join(d.To, ", ")
		}
		switch {
		case d.Proxy == "required":
			note += "; through a proxy"
		case d.Proxy == "unsupported" && slices.ContainsFunc(v.p.Declared, mayUseProxy):
			note += "; never through a proxy"
		}
		if len(d.Needs) > 0 {
			note += "; needs " + strings.Join(d.Needs, ", ")
		}
		v.entry(d.ID, "("+note+")")
		if t := d.Title.In(v.lang); t != "" {
			v.text(6, t)
		}
		if where := condition(d); where != "" {
			v.text(6, where)
		}
		if each := repeated(d); each != "" {
			v.text(6, each)
		}
		v.text(6, d.Kind+" "+fieldsLine(v.spoken(d)))
	}
}

// condition says where a check applies.
func condition(d profiles.Declaration) string {
	var parts []string
	if len(d.When) > 0 {
		parts = append(parts, compared(d.When))
	}
	for _, name := range d.WhenSet {
		parts = append(parts, name+" has a value")
	}
	if len(parts) == 0 {
		return ""
	}
	return "only where " + strings.Join(parts, ", and ")
}

// compared says what values must be, for something to hold.
func compared(all []profiles.Comparison) string {
	var parts []string
	for _, c := range all {
		is := " is "
		if c.Not {
			is = " is not "
		}
		values := make([]string, len(c.Values))
		for i, v := range c.Values {
			values[i] = typed(v)
		}
		parts = append(parts, c.Param+is+strings.Join(values, " or "))
	}
	return strings.Join(parts, ", and ")
}

// typed is a value as a person types it.
func typed(v string) string {
	switch v {
	case "true":
		return "yes"
	case "false":
		return "no"
	}
	return v
}

// repeated says for what a check is made more than once.
func repeated(d profiles.Declaration) string {
	switch {
	case d.ForEach == "":
		return ""
	case d.Tolerate == "some":
		return "once for each of " + d.ForEach + "; it is enough that one passes, and another that fails is a warning"
	}
	return "once for each of " + d.ForEach
}

// spoken are a check's fields with the question to a person in the reader's
// language.
func (v *view) spoken(d profiles.Declaration) map[string]any {
	question, ok := d.Fields["ask"].(map[string]any)
	if d.Kind != "attest" || !ok {
		return d.Fields
	}
	ask := value.Text{}
	for lang, text := range question {
		ask[lang] = fmt.Sprint(text)
	}
	fields := maps.Clone(d.Fields)
	fields["ask"] = ask.In(v.lang)
	return fields
}

// fieldsLine is a check's fields as they would stand in a profile, in one line.
func fieldsLine(fields map[string]any) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, fmt.Sprintf("%s: %s", k, fieldText(fields[k])))
	}
	return strings.Join(parts, ", ")
}

func fieldText(v any) string {
	switch v := v.(type) {
	case []any:
		var parts []string
		for _, e := range v {
			parts = append(parts, fieldText(e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case []string:
		return strings.Join(v, ", ")
	case map[string]any:
		return "{" + fieldsLine(v) + "}"
	}
	return fmt.Sprint(v)
}
