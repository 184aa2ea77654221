package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"netcheck/checks/engine"
)

// answer collects what a person says to the checks that ask one: from --answer,
// and on a terminal by asking before anything is contacted.
func (s *streams) answer(ctx context.Context, plan *engine.Plan, a *asking) (map[string]bool, error) {
	answers := map[string]bool{}
	questions := plan.Questions()
	var known []string
	for _, c := range plan.Checks {
		if c.Check.Kind == "attest" {
			known = append(known, c.Check.ID)
		}
	}
	for _, given := range a.answers {
		id, word, _ := strings.Cut(given, "=")
		yes, ok := yesOrNo(word)
		if !ok {
			return nil, usagef("--answer %s: it must be yes or no", given).withHint("such as --answer %s=yes", id)
		}
		if !slices.Contains(known, id) {
			return nil, usagef("--answer: no check %q asks a person", id).withHint("%s", didYouMean(id, known, "those that do: "+strings.Join(known, ", ")))
		}
		answers[id] = yes
	}
	if a.noInput || !s.mayAsk() {
		return answers, nil
	}
	who := s.person(a.lang)
	defer who.close()
	var asked []engine.Question
	for _, q := range questions {
		if _, given := answers[q.CheckID]; !given {
			asked = append(asked, q)
		}
	}
	before := map[string]string{}
	for i := 0; i < len(asked); {
		id := asked[i].CheckID
		answer, err := who.ask(ctx, question{name: id, ask: asked[i].Ask.In(a.lang), kind: yesNoOr, was: before[id], back: i > 0})
		switch {
		case errors.Is(err, errBack):
			i--
			continue
		case err != nil:
			return nil, err
		}
		before[id] = answer
		if delete(answers, id); answer != "" {
			answers[id] = answer == "yes"
		}
		i++
	}
	return answers, nil
}
