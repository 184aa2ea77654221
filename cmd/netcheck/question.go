package main

import (
	"context"
	"errors"
	"strings"

	"netcheck/report/i18n"
)

// errNoAnswer ends a question at which the input was closed.
var errNoAnswer error = &sentence{key: "form.no-answer"}

// errBack leaves a question for the one before it.
var errBack = errors.New("back to the question before")

// question is one thing that a person is asked.
type question struct {
	name    string // what the answer is for: a parameter, a check
	ask     string // in the reader's language; "": the name says it all
	hint    string // what an answer looks like; "": nothing is to be said of it
	lines   string // what each line of a list looks like, where it has several; "": as hint says
	kind    answerKind
	options []option // where one or some of them are the answer
	was     string   // the answer before somebody came back to it; "": none
	back    bool     // there is a question before it

	// refuse says why an answer is none; nil takes any but an empty one.
	refuse func(answer string) error
}

// answerKind is the form that an answer has.
type answerKind int

const (
	aLine       answerKind = iota
	aSecret                // a line that is not shown
	aList                  // several lines; the answer has commas between them
	anOption               // the id of an option
	someOptions            // ids of options, with commas between them
	yesNo                  // "yes" or "no"
	yesNoOr                // "yes", "no", or "" where it is left open
)

// option is one of several answers.
type option struct{ id, title string }

// person is whoever sits at the terminal, and the way to ask them. Questions
// of one kind of matter are asked of one person; close leaves the screen.
type person interface {
	ask(ctx context.Context, q question) (string, error) // errBack: ask the one before again
	close()
}

// person asks in a form where lines can be redrawn, and line by line where not,
// or where a screen reader had better hear each line once: ACCESSIBLE is what
// the form's library knows for it.
func (s *streams) person(lang string) person {
	said := s.getenv("ACCESSIBLE")
	if !s.mayDraw() || said != "" && said != "0" && said != "false" || s.width(s.err) < leastWidth {
		return newPrompt(s, lang)
	}
	return &form{s: s, lang: lang}
}

// accept is an answer as it is meant, or why it is none.
func (q *question) accept(answer, lang string) (string, error) {
	if q.kind == aList {
		answer = strings.Join(strings.FieldsFunc(answer, func(r rune) bool { return r == '\n' || r == '\r' }), ",")
	}
	if q.kind != aSecret {
		answer = strings.TrimSpace(answer)
	}
	if q.kind == aList {
		answer = commas(answer)
	}
	switch {
	case answer == "" && q.kind == yesNoOr:
		return "", nil
	case answer == "" && q.kind == someOptions:
		return "", errors.New(i18n.T(lang, "form.needed.some", nil))
	case answer == "":
		return "", errors.New(i18n.T(lang, "form.needed", nil))
	case q.refuse == nil:
		return answer, nil
	}
	return answer, q.refuse(answer)
}

// commas leaves out what is empty between them.
func commas(list string) string {
	var parts []string
	for part := range strings.SplitSeq(list, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ",")
}

// yesOrNo reads an answer in the languages that profiles are written in.
func yesOrNo(s string) (yes, ok bool) {
	switch strings.ToLower(s) {
	case "y", "yes", "true", "s", "si", "sì", "o", "oui", "j", "ja":
		return true, true
	case "n", "no", "false", "non", "nein":
		return false, true
	}
	return false, false
}
