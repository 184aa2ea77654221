package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// errNoAnswer ends a question at which the input was closed.
var errNoAnswer = errors.New("no answer was given")

// prompt asks a person at the terminal: one question, one line.
type prompt struct {
	s     *streams
	lines *bufio.Reader
}

func newPrompt(s *streams) *prompt { return &prompt{s, bufio.NewReader(s.in)} }

// line asks and returns the answer without the space around it.
func (p *prompt) line(ctx context.Context, question string) (string, error) {
	fmt.Fprint(p.s.err, harmless(question))
	return p.read(ctx, func() (string, error) { return p.lines.ReadString('\n') })
}

// secret asks without showing what is typed, not even what is typed before the
// question. The terminal is left as it was, whatever ends it.
func (p *prompt) secret(ctx context.Context, question string) (string, error) {
	f, ok := p.s.in.(*os.File)
	if !ok {
		return "", errNoAnswer
	}
	before, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		return "", err
	}
	defer func() { _ = term.Restore(int(f.Fd()), before) }()
	screen := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{f, p.s.err}, "")
	answer, err := p.read(ctx, func() (string, error) { return screen.ReadPassword(question) })
	if err != nil {
		fmt.Fprint(p.s.err, "\r") // a raw terminal's new line begins where the last one ended
	}
	if errors.Is(err, errNoAnswer) {
		return "", errInterrupted // Ctrl-C is a key like any other here, and ends the input
	}
	return answer, err
}

// read waits for an answer or for the end of ctx, whichever comes first. A
// read that nobody waits for any more ends with the process.
func (p *prompt) read(ctx context.Context, from func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	ch := make(chan answer, 1)
	go func() {
		text, err := from()
		ch <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(p.s.err)
		return "", errInterrupted
	case a := <-ch:
		text := strings.TrimSpace(a.text)
		if errors.Is(a.err, io.EOF) && text == "" {
			fmt.Fprintln(p.s.err)
			return "", errNoAnswer
		}
		if a.err != nil && !errors.Is(a.err, io.EOF) {
			return "", a.err
		}
		return text, nil
	}
}

// option is one of several answers.
type option struct{ id, title string }

// choose asks for one of the options, by number or by name, until it is one.
func (p *prompt) choose(ctx context.Context, options []option) (string, error) {
	ids := p.list(options)
	for {
		answer, err := p.line(ctx, "number or name: ")
		if err != nil {
			return "", err
		}
		if id, ok := meant(ids, answer); ok {
			return id, nil
		}
		if answer != "" {
			p.noneOf(ids, answer)
		}
	}
}

// chooseSome asks for one or more of the options, and returns them with commas
// between them.
func (p *prompt) chooseSome(ctx context.Context, options []option) (string, error) {
	ids := p.list(options)
	for {
		answer, err := p.line(ctx, "numbers or names, with commas between them: ")
		if err != nil {
			return "", err
		}
		chosen := strings.FieldsFunc(answer, func(r rune) bool { return r == ',' || r == ' ' })
		all := len(chosen) > 0
		for i, c := range chosen {
			if chosen[i], all = meant(ids, c); !all {
				p.noneOf(ids, c)
				break
			}
		}
		if all {
			return strings.Join(chosen, ","), nil
		}
	}
}

// list shows options with their numbers, and returns their ids.
func (p *prompt) list(options []option) []string {
	widest := 0
	ids := make([]string, len(options))
	for i, o := range options {
		ids[i] = o.id
		widest = max(widest, len(o.id))
	}
	for i, o := range options {
		mark := fmt.Sprintf("  %d  %-*s  ", i+1, widest, o.id)
		p.s.message("%s", strings.TrimRight(wrap(o.title, mark, strings.Repeat(" ", len(mark)), p.s.width(p.s.err)), " "))
	}
	return ids
}

// meant is the option that an answer names, by its id or by its number.
func meant(ids []string, answer string) (string, bool) {
	if i := slices.IndexFunc(ids, func(id string) bool { return strings.EqualFold(id, answer) }); i >= 0 {
		return ids[i], true
	}
	if n, err := strconv.Atoi(answer); err == nil && 1 <= n && n <= len(ids) {
		return ids[n-1], true
	}
	return "", false
}

func (p *prompt) noneOf(ids []string, answer string) {
	p.s.message("  %s", didYouMean(answer, ids, fmt.Sprintf("%q is none of them; a number from 1 to %d, please", answer, len(ids))))
}

// confirm asks for yes, no or, with an empty answer, neither.
func (p *prompt) confirm(ctx context.Context, question string) (yes, answered bool, err error) {
	for {
		answer, err := p.line(ctx, question)
		if err != nil {
			return false, false, err
		}
		switch yes, ok := yesOrNo(answer); {
		case ok:
			return yes, true, nil
		case answer == "" || strings.EqualFold(answer, "skip"):
			return false, false, nil
		}
		p.s.message("  y, n, or Enter to leave it open")
	}
}

// yesOrNo reads an answer in the languages that profiles are written in.
func yesOrNo(s string) (yes, ok bool) {
	switch strings.ToLower(s) {
	case "y", "yes", "true", "si", "sì", "oui", "j", "ja":
		return true, true
	case "n", "no", "false", "non", "nein":
		return false, true
	}
	return false, false
}
