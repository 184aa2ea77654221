package main

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"netcheck/report/i18n"
)

// page is what the form's program draws: it is told questions, and gives
// answers back.
type page struct {
	s       *streams
	lang    string
	answers chan<- answered

	width, height int
	done          []string  // what was answered, a line each
	q             question  // what is asked
	field         huh.Field // for its answer; nil: nothing is asked at the moment
	text          string    // what stands in it
	chosen        []string
	wrong         string    // why it was refused
	early         []tea.Msg // what was typed before it was asked
	tallest       int       // the most lines that were drawn: see View
}

// maxEarly is how much is remembered of what is typed between two questions,
// which is done by a paste of several lines, and no person.
const maxEarly = 4096

func (p *page) Init() tea.Cmd { return nil }

func (p *page) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case question:
		cmds := []tea.Cmd{p.show(msg)}
		early := p.early
		p.early = nil
		for _, m := range early {
			_, cmd := p.Update(m)
			cmds = append(cmds, cmd)
		}
		return p, tea.Sequence(cmds...)
	case tea.WindowSizeMsg:
		if p.width == msg.Width && p.height == msg.Height {
			return p, nil
		}
		p.width, p.height = msg.Width, msg.Height
		if p.tallest = min(p.tallest, p.height); p.field == nil {
			return p, nil
		}
		return p, p.begin()
	case tea.KeyPressMsg, tea.PasteMsg:
		if key, ok := msg.(tea.KeyPressMsg); ok && key.String() == "ctrl+c" {
			p.finish(answered{err: errInterrupted})
			return p, nil
		}
		if p.field == nil {
			if len(p.early) < maxEarly {
				p.early = append(p.early, msg)
			}
			return p, nil
		}
		p.wrong = ""
		if key, ok := msg.(tea.KeyPressMsg); ok {
			return p, p.key(key)
		}
	}
	return p, p.pass(msg)
}

// show begins a question.
func (p *page) show(q question) tea.Cmd {
	p.q, p.text, p.chosen, p.wrong = q, q.was, nil, ""
	switch {
	case q.kind == someOptions && q.was != "":
		p.chosen = strings.Split(q.was, ",")
	case q.kind == aList:
		p.text = strings.ReplaceAll(q.was, ",", "\n")
	}
	return p.begin()
}

// begin makes the field, with what stands in it, in the room that is there.
func (p *page) begin() tea.Cmd {
	p.field = p.newField()
	p.field.WithWidth(p.columns())
	if p.q.kind == aList {
		p.field.WithWidth(max(p.columns()-2, 1))
	}
	const around = 4 // an empty line above it, why it is refused, and the keys
	room := max(p.height-len(p.above())-len(p.title())-around, 3)
	if lipgloss.Height(p.field.View()) > room {
		p.field.WithHeight(room)
	}
	return tea.Sequence(p.field.Init(), p.field.Focus())
}

// columns are those to write in: on some consoles a full line is two.
func (p *page) columns() int { return max(min(p.width-1, 100), 1) }

// key is a key that means something to the page, else to the field.
func (p *page) key(msg tea.KeyPressMsg) tea.Cmd {
	name := msg.String()
	switch {
	case name == "shift+tab" || name == "esc":
		if p.q.back {
			p.done = p.done[:len(p.done)-1]
			p.finish(answered{err: errBack})
		}
		return nil
	case name == "enter" && p.q.kind == aList && p.text != "" && !strings.HasSuffix(p.text, "\n"):
		return p.pass(tea.KeyPressMsg{Code: 'j', Mod: tea.ModCtrl}) // another line, as the field has it
	case name == "enter" || name == "tab":
		if p.q.kind == someOptions {
			p.text = strings.Join(p.chosen, ",")
		}
		p.answer(p.text)
		return nil
	case p.q.kind == yesNo || p.q.kind == yesNoOr:
		if yes, ok := yesOrNo(msg.Text); ok {
			p.answer(map[bool]string{true: "yes", false: "no"}[yes])
			return nil
		}
	case p.q.kind == anOption && len(p.q.options) < 10 && len(msg.Text) == 1:
		if n := int(msg.Text[0]) - '0'; 1 <= n && n <= len(p.q.options) {
			p.answer(p.q.options[n-1].id)
			return nil
		}
	}
	return p.pass(msg)
}

// pass lets the field have a message.
func (p *page) pass(msg tea.Msg) tea.Cmd {
	if p.field == nil {
		return nil
	}
	_, cmd := p.field.Update(msg)
	return cmd
}

// answer takes an answer, unless it is refused.
func (p *page) answer(text string) {
	accepted, err := p.q.accept(text, p.lang)
	if err != nil {
		p.wrong = err.Error()
		return
	}
	p.done = append(p.done, p.summary(accepted))
	p.finish(answered{text: accepted})
}

// finish hands over what came of the question, which is then no longer shown.
func (p *page) finish(a answered) {
	p.field = nil
	select {
	case p.answers <- a:
	default: // the one before has not been taken yet: Ctrl-C twice
	}
}

// summary is a question's line once it is answered. The name stands for the
// question, which may be long and says where to find what is known by now.
func (p *page) summary(answer string) string {
	switch p.q.kind {
	case aSecret:
		answer = strings.Repeat("*", 8) // how many there are is nobody's business
	case yesNo, yesNoOr:
		answer = i18n.T(p.lang, map[string]string{"yes": "form.yes", "no": "form.no", "": "form.open"}[answer], nil)
	}
	return p.s.shown(p.q.name + i18n.Colon(p.lang) + strings.ReplaceAll(answer, ",", ", "))
}

// above are the lines of what was answered; the last ones, where a question
// needs the room.
func (p *page) above() []string {
	lines := slices.Clone(p.done)
	if most := max(p.height/2, 1); p.field != nil && len(lines) > most {
		lines = lines[len(lines)-most:]
	}
	for i, l := range lines {
		lines[i] = lipgloss.NewStyle().Faint(true).Render(ansi.Truncate(l, p.columns(), "..."))
	}
	return lines
}

// View is the page. It never gets shorter: where it does, the library loses
// count of the lines to go up, and leaves some of the old ones (v2.0.10).
func (p *page) View() tea.View {
	lines := p.above()
	if p.field != nil {
		lines = append(append(lines, ""), p.title()...)
		for i, l := range strings.Split(p.field.View(), "\n") {
			if p.q.kind == aList { // the library's has no sign of where to write
				l = map[bool]string{true: "> ", false: "  "}[i == 0] + l
			}
			lines = append(lines, l)
		}
		if p.wrong != "" {
			lines = append(lines, p.styled(lipgloss.NewStyle().Foreground(lipgloss.Red), p.s.shown(p.wrong), "! ", "  ")...)
		}
		lines = append(lines, p.styled(lipgloss.NewStyle().Faint(true), p.keys(), "", "")...)
	}
	if most := max(p.height, 1); len(lines) > most {
		lines = lines[len(lines)-most:]
	}
	p.tallest = max(p.tallest, len(lines))
	for len(lines) < p.tallest {
		lines = append(lines, "")
	}
	return tea.NewView(strings.Join(lines, "\n"))
}
