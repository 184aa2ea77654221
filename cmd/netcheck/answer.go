package main

import (
	"context"
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
	person := newPrompt(s)
	for _, q := range questions {
		if _, given := answers[q.CheckID]; given {
			continue
		}
		s.message("\n%s", wrap(q.Ask.In(a.lang), "", "", s.width(s.err)))
		yes, answered, err := person.confirm(ctx, q.CheckID+" [y/n, Enter to leave open]: ")
		if err != nil {
			return nil, err
		}
		if answered {
			answers[q.CheckID] = yes
		}
	}
	return answers, nil
}
