package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"netcheck/profiles"
	"netcheck/profiles/value"
	"netcheck/report/i18n"
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

// say is a text of ours in the reader's language.
func (v *view) say(key string, data i18n.Data) string { return i18n.T(v.lang, key, data) }

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
	v.line("%s", wrap(product(v.p, v.lang), v.p.ID+i18n.Colon(v.lang), "  ", v.width))
	if v.p.Revision != "" {
		v.line("%s", v.say("show.revision", i18n.Data{"Revision": v.p.Revision}))
	}
	if s := v.p.Source; s.URL != "" {
		seen := s.Seen
		if day, err := time.Parse(time.DateOnly, seen); err == nil {
			seen = i18n.Date(v.lang, day)
		}
		v.line("%s", wrap(v.say("show.source", i18n.Data{"URL": s.URL, "Seen": seen}), "", "  ", v.width))
	}
}

func (v *view) roles() {
	if len(v.p.Roles) == 0 {
		return
	}
	v.line("\n%s", v.say("show.roles", nil))
	for _, r := range v.p.Roles {
		title := r.Title.In(v.lang)
		if r.ID == v.p.DefaultRole {
			title = v.say("show.default-role", i18n.Data{"Role": title})
		}
		name := fmt.Sprintf("  %-16s ", r.ID)
		v.line("%s", wrap(title, name, strings.Repeat(" ", len(name)), v.width))
	}
}

func (v *view) params() {
	if len(v.p.Params) == 0 {
		return
	}
	v.line("\n%s", v.say("show.params", nil))
	for _, p := range v.p.Params {
		v.entry(howToGive(p, v.lang), v.paramNote(p))
		if ask := p.Ask.In(v.lang); ask != "" {
			v.text(6, ask)
		}
	}
}

// howToGive is how a parameter is given without being asked.
func howToGive(p profiles.Param, lang string) string {
	if p.Secret {
		return i18n.T(lang, "show.in-environment", i18n.Data{"Name": profiles.EnvName(p.Name)})
	}
	value := p.Example
	if value == "" && len(p.Choices) > 0 {
		value = p.Choices[0].ID
	}
	if value == "" {
		value = i18n.T(lang, "show.value", nil)
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

func (v *view) paramNote(p profiles.Param) string {
	var notes []string
	if p.Required {
		notes = append(notes, v.say("level.required", nil))
	} else if len(p.RequiredWhen) > 0 {
		notes = append(notes, v.say("show.required-where", i18n.Data{"Condition": v.compared(p.RequiredWhen)}))
	}
	notes = append(notes, expectsAlone(p, v.lang))
	if p.Default != nil {
		notes = append(notes, v.say("show.default", i18n.Data{"Value": v.typed(fieldText(p.Default))}))
	}
	return "(" + strings.Join(notes, i18n.Semicolon(v.lang)) + ")"
}

func (v *view) checks() {
	v.line("\n%s", v.say("show.checks", nil))
	for _, d := range v.p.Declared {
		note := []string{v.say("level."+d.Level, nil)}
		switch {
		case len(d.From) > 0:
			note = append(note, v.say("show.from", i18n.Data{"Roles": strings.Join(d.From, ", ")}))
		case len(v.p.Roles) > 0:
			note = append(note, v.say("show.from-every", nil))
		}
		if len(d.To) > 0 {
			note = append(note, v.say("show.to", i18n.Data{"Roles": strings.Join(d.To, ", ")}))
		}
		switch {
		case d.Proxy == "required":
			note = append(note, v.say("show.proxy-required", nil))
		case d.Proxy == "unsupported" && slices.ContainsFunc(v.p.Declared, mayUseProxy):
			note = append(note, v.say("show.proxy-never", nil))
		}
		if len(d.Needs) > 0 {
			note = append(note, v.say("show.needs", i18n.Data{"Checks": strings.Join(d.Needs, ", ")}))
		}
		v.entry(d.ID, "("+strings.Join(note, i18n.Semicolon(v.lang))+")")
		if t := d.Title.In(v.lang); t != "" {
			v.text(6, t)
		}
		if where := v.condition(d); where != "" {
			v.text(6, where)
		}
		if each := v.repeated(d); each != "" {
			v.text(6, each)
		}
		v.text(6, d.Kind+" "+fieldsLine(v.spoken(d)))
	}
}

// condition says where a check applies.
func (v *view) condition(d profiles.Declaration) string {
	var parts []string
	if len(d.When) > 0 {
		parts = append(parts, v.comparisons(d.When)...)
	}
	for _, name := range d.WhenSet {
		parts = append(parts, v.say("show.has-value", i18n.Data{"Name": name}))
	}
	if len(parts) == 0 {
		return ""
	}
	return v.say("show.only-where", i18n.Data{"Condition": among(v.lang, "show.and", parts)})
}

// compared says what values must be, for something to hold.
func (v *view) compared(all []profiles.Comparison) string {
	return among(v.lang, "show.and", v.comparisons(all))
}

func (v *view) comparisons(all []profiles.Comparison) []string {
	var parts []string
	for _, c := range all {
		key := "show.is"
		if c.Not {
			key = "show.is-not"
		}
		values := make([]string, len(c.Values))
		for i, given := range c.Values {
			values[i] = v.typed(given)
		}
		parts = append(parts, v.say(key, i18n.Data{"Name": c.Param, "Value": among(v.lang, "show.or", values)}))
	}
	return parts
}

// typed is a value as a person types it.
func (v *view) typed(given string) string {
	switch given {
	case "true":
		return v.say("show.yes", nil)
	case "false":
		return v.say("show.no", nil)
	}
	return given
}

// repeated says for what a check is made more than once.
func (v *view) repeated(d profiles.Declaration) string {
	switch {
	case d.ForEach == "":
		return ""
	case d.Tolerate == "some":
		return v.say("show.each-tolerant", i18n.Data{"Name": d.ForEach})
	}
	return v.say("show.each", i18n.Data{"Name": d.ForEach})
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
