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

	"netcheck/profiles/value"
	"netcheck/report"
	"netcheck/report/i18n"
)

// prompt asks line by line: a question, then an answer, and nothing is drawn
// over. It is for terminals that can't, and for screen readers.
type prompt struct {
	s     *streams
	lang  string
	lines *bufio.Reader
	last  string // the name of the question that was put last
}

func newPrompt(s *streams, lang string) *prompt {
	return &prompt{s: s, lang: lang, lines: bufio.NewReader(s.in)}
}

// goBack is the answer that leads to the question before.
const goBack = "<"

// ask puts a question until it has an answer.
func (p *prompt) ask(ctx context.Context, q question) (string, error) {
	p.introduce(q)
	for {
		answer, err := p.answer(ctx, q)
		switch {
		case err != nil:
			return "", err
		case answer == goBack && q.back && q.kind != aSecret:
			return "", errBack
		case answer == "" && q.was != "":
			answer = q.was
		}
		accepted, err := q.accept(answer, p.lang)
		if err == nil {
			return accepted, nil
		}
		p.say(err.Error())
	}
}

// close has nothing to leave.
func (p *prompt) close() {}

// introduce says what is asked for, and what an answer looks like.
func (p *prompt) introduce(q question) {
	width := p.s.width(p.s.err)
	ask := q.ask
	if ask == "" {
		ask = q.name
	}
	p.s.message("\n%s", wrap(p.shown(ask), "", "", width))
	for i, o := range q.options {
		mark := fmt.Sprintf("  %d  %-*s  ", i+1, widest(q.options), p.shown(o.id))
		p.s.message("%s", strings.TrimRight(wrap(p.shown(o.title), mark, strings.Repeat(" ", len(mark)), width), " "))
	}
	if q.kind == aList {
		q.hint += i18n.Semicolon(p.lang) + i18n.T(p.lang, "form.list", nil)
	}
	if q.hint != "" {
		p.say("(" + q.hint + ")")
	}
	if q.back && p.last == "" { // once is enough
		p.say(i18n.T(p.lang, "form.back.plain", i18n.Data{"Answer": goBack}))
	}
	if q.back {
		p.last = q.name
	}
}

// widest is how many columns the longest id needs.
func widest(options []option) int {
	most := 0
	for _, o := range options {
		most = max(most, len(o.id))
	}
	return most
}

// say puts a remark under the question.
func (p *prompt) say(text string) {
	p.s.message("%s", wrap(p.shown(text), "  ", "  ", p.s.width(p.s.err)))
}

// shown is a text as the terminal can show it.
func (p *prompt) shown(text string) string { return p.s.shown(text) }

// shown is a text as a person's terminal can show it, without anything in it
// that would act there.
func (s *streams) shown(text string) string {
	text = harmless(text)
	if !s.unicode() {
		text = report.ASCIIIn(s.lang, text)
	}
	return text
}

// answer reads what a question of its kind is answered with; "" is none yet.
func (p *prompt) answer(ctx context.Context, q question) (string, error) {
	was := ""
	if q.was != "" && q.kind != aSecret {
		was = " [" + p.shown(q.was) + "]"
	}
	switch q.kind {
	case aSecret:
		return p.secret(ctx, q.name+i18n.Colon(p.lang))
	case anOption:
		return p.choose(ctx, q, i18n.T(p.lang, "form.choose", nil)+was+i18n.Colon(p.lang))
	case someOptions:
		return p.chooseSome(ctx, q, i18n.T(p.lang, "form.choose.some", nil)+was+i18n.Colon(p.lang))
	case yesNo:
		return p.yesOrNo(ctx, q, q.name+" ["+i18n.T(p.lang, "form.yn", nil)+"]"+was+i18n.Colon(p.lang))
	case yesNoOr:
		return p.yesOrNo(ctx, q, q.name+" ["+i18n.T(p.lang, "form.yn.open", nil)+"]"+was+i18n.Colon(p.lang))
	}
	return p.line(ctx, q.name+was+i18n.Colon(p.lang))
}

// choose reads one of the options, by its number or its name.
func (p *prompt) choose(ctx context.Context, q question, label string) (string, error) {
	answer, err := p.line(ctx, label)
	if err != nil || answer == "" || answer == goBack && q.back {
		return answer, err
	}
	id, ok := meant(q.options, answer)
	if !ok {
		p.noneOf(q.options, answer)
		return p.choose(ctx, q, label)
	}
	return id, nil
}

// chooseSome reads one or more of the options.
func (p *prompt) chooseSome(ctx context.Context, q question, label string) (string, error) {
	answer, err := p.line(ctx, label)
	if err != nil || answer == goBack && q.back {
		return answer, err
	}
	chosen := strings.FieldsFunc(answer, func(r rune) bool { return r == ',' || r == ' ' })
	for i, c := range chosen {
		id, ok := meant(q.options, c)
		if !ok {
			p.noneOf(q.options, c)
			return p.chooseSome(ctx, q, label)
		}
		chosen[i] = id
	}
	return strings.Join(chosen, ","), nil
}

// meant is the option that an answer names, by its id or by its number.
func meant(options []option, answer string) (string, bool) {
	if i := slices.IndexFunc(options, func(o option) bool { return strings.EqualFold(o.id, answer) }); i >= 0 {
		return options[i].id, true
	}
	if n, err := strconv.Atoi(answer); err == nil && 1 <= n && n <= len(options) {
		return options[n-1].id, true
	}
	return "", false
}

func (p *prompt) noneOf(options []option, answer string) {
	ids := make([]string, len(options))
	for i, o := range options {
		ids[i] = o.id
	}
	if best := value.Closest(answer, ids); best != "" {
		p.say(i18n.T(p.lang, "form.mean", i18n.Data{"Option": best}))
		return
	}
	p.say(i18n.T(p.lang, "form.none", i18n.Data{"Answer": answer, "Most": len(options)}))
}

// yesOrNo reads yes, no or, with an empty answer, neither.
func (p *prompt) yesOrNo(ctx context.Context, q question, label string) (string, error) {
	answer, err := p.line(ctx, label)
	if err != nil || answer == goBack && q.back {
		return answer, err
	}
	switch yes, ok := yesOrNo(answer); {
	case ok && yes:
		return "yes", nil
	case ok:
		return "no", nil
	case answer == "":
		return "", nil
	}
	p.say(i18n.T(p.lang, map[answerKind]string{yesNo: "form.yn.please", yesNoOr: "form.yn.open.please"}[q.kind], nil))
	return p.yesOrNo(ctx, q, label)
}

// line asks and returns the answer without the space around it.
func (p *prompt) line(ctx context.Context, label string) (string, error) {
	fmt.Fprint(p.s.err, p.shown(label))
	return p.read(ctx, func() (string, error) { return p.lines.ReadString('\n') })
}

// secret asks without showing what is typed, not even what is typed before the
// question. The terminal is left as it was, whatever ends it.
func (p *prompt) secret(ctx context.Context, label string) (string, error) {
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
	answer, err := p.read(ctx, func() (string, error) { return screen.ReadPassword(p.shown(label)) })
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
