package main

import (
	"context"
	"fmt"
	"os"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"
)

// leastWidth is how wide a window must be for a form: below it, most words of
// a question would stand on a line of their own.
const leastWidth = 24

// form asks by fields that are drawn over: one question at a time, those that
// are answered above it. It begins with the first question, so that a run that
// asks nothing draws nothing.
//
// The library is huh of the second generation. The first one's asks the
// terminal for its colours before main begins, whatever the command: bytes on
// stdout that nobody asked for, and five seconds where nothing answers.
type form struct {
	s       *streams
	lang    string
	program *tea.Program
	page    *page
	answers chan answered
	over    chan struct{} // closed once the program has ended
	plain   *prompt       // instead of the program, where it can't be
}

// answered is what came of a question.
type answered struct {
	text string
	err  error
}

// ask shows a question until it has an answer.
func (f *form) ask(ctx context.Context, q question) (string, error) {
	if f.plain != nil {
		return f.plain.ask(ctx, q)
	}
	if f.program == nil {
		f.begin(ctx)
	}
	f.program.Send(q)
	select {
	case a := <-f.answers:
		if a.err == errInterrupted {
			f.close()
		}
		return a.text, a.err
	case <-f.over:
		f.program = nil
		if ctx.Err() != nil {
			return "", errInterrupted
		}
		f.plain = newPrompt(f.s, f.lang) // a terminal that is none, to the library
		return f.plain.ask(ctx, q)
	}
}

func (f *form) begin(ctx context.Context) {
	_ = os.Unsetenv("TEA_TRACE") // the library would log there what is typed, a password as well
	f.answers, f.over = make(chan answered, 1), make(chan struct{})
	f.page = &page{s: f.s, lang: f.lang, answers: f.answers, width: f.s.width(f.s.err), height: 24} // as most are
	if tty, ok := f.s.err.(*os.File); ok {
		if width, height, err := term.GetSize(int(tty.Fd())); err == nil && height > 0 {
			f.page.width, f.page.height = width, height
		}
	}
	f.program = tea.NewProgram(f.page, tea.WithContext(ctx), tea.WithInput(f.s.in), tea.WithOutput(screenFor(f.s.err)),
		tea.WithEnvironment(f.s.env), tea.WithoutSignalHandler())
	go func(p *tea.Program, over chan<- struct{}) {
		defer close(over)
		_, _ = p.Run()
	}(f.program, f.over)
}

// close leaves on the screen what was answered, and the terminal as it was.
func (f *form) close() {
	if f.program == nil {
		return
	}
	f.program.Quit()
	<-f.over
	f.program = nil
	switch up := f.page.tallest - 1 - len(f.page.done); { // from its last line to the first that is empty
	case up > 0:
		fmt.Fprint(f.s.err, "\r"+ansi.CUU(up)+ansi.EraseScreenBelow)
	case up == 0:
		fmt.Fprint(f.s.err, "\r")
	}
}
