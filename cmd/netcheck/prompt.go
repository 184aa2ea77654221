package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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
	fmt.Fprint(p.s.err, question)
	return p.read(ctx, func() (string, error) { return p.lines.ReadString('\n') })
}

// secret asks without showing what is typed. The terminal is left as it was,
// whatever ends the question.
func (p *prompt) secret(ctx context.Context, question string) (string, error) {
	f, ok := p.s.in.(*os.File)
	if !ok {
		return "", errNoAnswer
	}
	fd := int(f.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	defer func() { _ = term.Restore(fd, before) }()
	fmt.Fprint(p.s.err, question)
	answer, err := p.read(ctx, func() (string, error) {
		b, err := term.ReadPassword(fd)
		return string(b), err
	})
	fmt.Fprintln(p.s.err)
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
// An empty answer is the preset, if there is one.
func (p *prompt) choose(ctx context.Context, question string, options []option, preset string) (string, error) {
	fmt.Fprintln(p.s.err, question)
	for i, o := range options {
		line := fmt.Sprintf("  %d  %s", i+1, o.id)
		if o.title != "" && o.title != o.id {
			line += "  " + o.title
		}
		fmt.Fprintln(p.s.err, line)
	}
	ask := "number or name"
	if preset != "" {
		ask += " [" + preset + "]"
	}
	for {
		answer, err := p.line(ctx, ask+": ")
		if err != nil {
			return "", err
		}
		if answer == "" && preset != "" {
			return preset, nil
		}
		if n, err := strconv.Atoi(answer); err == nil && 1 <= n && n <= len(options) {
			return options[n-1].id, nil
		}
		ids := make([]string, len(options))
		for i, o := range options {
			if ids[i] = o.id; strings.EqualFold(o.id, answer) {
				return o.id, nil
			}
		}
		if answer != "" {
			p.s.message("  %s", didYouMean(answer, ids, fmt.Sprintf("that is none of them; a number from 1 to %d, please", len(options))))
		}
	}
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
