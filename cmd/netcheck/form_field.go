package main

import (
	"cmp"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/huh/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"netcheck/report/i18n"
)

// newField is the library's for a question's kind of answer, without its own
// validation and keys to leave it: the page has them. Nor has it a title, by
// which the one to mark several options miscounts its lines (v2.0.3).
func (p *page) newField() huh.Field {
	var f huh.Field
	switch p.q.kind {
	case anOption, yesNo, yesNoOr:
		f = huh.NewSelect[string]().Options(p.choices()...).Value(&p.text)
	case someOptions:
		f = huh.NewMultiSelect[string]().Options(p.choices()...).Value(&p.chosen).Filterable(false)
	case aList:
		f = huh.NewText().Value(&p.text).Lines(4).ShowLineNumbers(false).ExternalEditor(false)
	case aSecret:
		f = huh.NewInput().Value(&p.text).EchoMode(huh.EchoModePassword)
	default:
		f = huh.NewInput().Value(&p.text)
	}
	return f.WithTheme(huh.ThemeFunc(look)).WithKeyMap(fieldKeys())
}

// title is the question, and what an answer looks like.
func (p *page) title() []string {
	ask := p.q.ask
	if ask == "" {
		ask = p.q.name
	}
	lines := p.styled(lipgloss.NewStyle().Bold(true), p.s.shown(ask), "", "")
	if hint := p.hint(); hint != "" {
		lines = append(lines, p.styled(lipgloss.NewStyle().Faint(true), hint, "", "")...)
	}
	return lines
}

// styled are the lines of a text in a style: broken between words, and a word
// where it must be, as the path of a file.
func (p *page) styled(style lipgloss.Style, text, first, rest string) []string {
	lines := strings.Split(ansi.Hardwrap(wrap(text, first, rest, p.columns()), p.columns(), true), "\n")
	for i, l := range lines {
		lines[i] = style.Render(l)
	}
	return lines
}

// hint is what an answer looks like, with the name by which --set knows it.
func (p *page) hint() string {
	hint := cmp.Or(p.q.lines, p.q.hint)
	if p.q.kind == aSecret {
		hint = i18n.T(p.lang, "form.hidden", nil)
	}
	if hint == "" || p.q.ask == "" {
		return p.s.shown(hint)
	}
	return p.s.shown(p.q.name + i18n.Colon(p.lang) + hint)
}

// choices are the options with their names, and with the key that takes one.
func (p *page) choices() []huh.Option[string] {
	if p.q.kind == yesNo || p.q.kind == yesNoOr {
		all := []huh.Option[string]{
			huh.NewOption(p.s.shown(i18n.T(p.lang, "form.yes", nil)), "yes"),
			huh.NewOption(p.s.shown(i18n.T(p.lang, "form.no", nil)), "no"),
		}
		if p.q.kind == yesNoOr {
			all = append(all, huh.NewOption(p.s.shown(i18n.T(p.lang, "form.open", nil)), ""))
		}
		return all
	}
	column := widest(p.q.options)
	var all []huh.Option[string]
	for i, o := range p.q.options {
		number := ""
		if p.q.kind == anOption && len(p.q.options) < 10 {
			number = strconv.Itoa(i+1) + "  "
		}
		all = append(all, huh.NewOption(p.label(number, o, column), o.id))
	}
	return all
}

// label is an option as it is shown: its title beside its name, on as many lines
// as it needs, or below it where a column would leave too few for words.
func (p *page) label(number string, o option, column int) string {
	const mark, readable = 6, 24 // before it: > [x]
	room := max(p.columns()-mark, 1)
	id, title := p.s.shown(o.id), p.s.shown(o.title)
	first, rest := number, strings.Repeat(" ", len(number))
	text := id
	switch aside := len(number) + column + 2; {
	case title == "":
	case room-aside >= readable || aside+ansi.StringWidth(title) <= room:
		first += id + strings.Repeat(" ", max(column-ansi.StringWidth(id), 0)) + "  "
		text, rest = title, strings.Repeat(" ", aside)
	default:
		text = id + "\n" + title
	}
	var lines []string
	for i, part := range strings.Split(text, "\n") {
		if i > 0 {
			first = rest
		}
		lines = append(lines, strings.Split(ansi.Hardwrap(wrap(part, first, rest, room), room, true), "\n")...)
	}
	return strings.Join(lines, "\n")
}

// keys are those that the question knows, in the reader's words.
func (p *page) keys() string {
	keys := []string{i18n.T(p.lang, "form.keys.next", nil)}
	switch p.q.kind {
	case aList:
		keys[0] = i18n.T(p.lang, "form.keys.list", nil)
	case someOptions:
		keys = append([]string{i18n.T(p.lang, "form.keys.mark", nil)}, keys...)
	case anOption, yesNo, yesNoOr:
		keys = append([]string{i18n.T(p.lang, "form.keys.choose", nil)}, keys...)
	}
	if p.q.back {
		keys = append(keys, i18n.T(p.lang, "form.keys.back", nil))
	}
	keys = append(keys, i18n.T(p.lang, "form.keys.leave", nil))
	return p.s.shown(strings.Join(keys, i18n.Semicolon(p.lang)))
}

// look is plain: what has colour is marked by a sign as well, and all of it is
// ASCII, for any console.
func look(bool) *huh.Styles {
	none := lipgloss.NewStyle()
	strong := none.Bold(true)
	chosen := none.Foreground(lipgloss.Cyan)
	t := huh.ThemeBase(true)
	f := huh.FieldStyles{
		Base: none, Title: strong, Description: none.Faint(true), Option: none,
		ErrorIndicator: none, ErrorMessage: none.Foreground(lipgloss.Red),
		SelectSelector: chosen.SetString("> "), MultiSelectSelector: chosen.SetString("> "),
		SelectedOption: chosen, UnselectedOption: none,
		SelectedPrefix: chosen.SetString("[x] "), UnselectedPrefix: none.SetString("[ ] "),
		TextInput: huh.TextInputStyles{Cursor: none, CursorText: none, Placeholder: none.Faint(true), Prompt: chosen, Text: none},
	}
	t.Focused, t.Blurred = f, f
	return t
}

// fieldKeys are the library's without those that leave a field, which is the
// page's to do, and without those that would surprise: letters that move, a
// filter, an editor.
func fieldKeys() *huh.KeyMap {
	var k huh.KeyMap
	up, down := key.NewBinding(key.WithKeys("up")), key.NewBinding(key.WithKeys("down"))
	first, last := key.NewBinding(key.WithKeys("home")), key.NewBinding(key.WithKeys("end"))
	k.Select.Up, k.Select.Down, k.Select.GotoTop, k.Select.GotoBottom = up, down, first, last
	k.MultiSelect.Up, k.MultiSelect.Down, k.MultiSelect.GotoTop, k.MultiSelect.GotoBottom = up, down, first, last
	k.MultiSelect.Toggle = key.NewBinding(key.WithKeys("space"))
	k.Text.NewLine = key.NewBinding(key.WithKeys("ctrl+j"))
	return &k
}
