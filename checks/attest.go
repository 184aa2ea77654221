package checks

import (
	"context"
	"errors"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

var attestKind = engine.Kind{
	Name: "attest",
	Doc:  "what only a person can see: yes is attested, no is a failure, no answer is inconclusive",
	Example: `- id: allow-list
  attest: {ask: {en: "Are all the vendor's addresses in the firewall's allow list?"}}`,
	New: func() engine.Prober { return new(attestCheck) },
}

type attestCheck struct {
	Ask value.Text `yaml:"ask" doc:"a question that yes or no answers; yes is what the product needs" required:"true"`
}

// Question is what the person is asked, before anything is probed.
func (a *attestCheck) Question() value.Text { return a.Ask }

// String is empty: nothing is contacted.
func (a *attestCheck) String() string { return "" }

func (a *attestCheck) Validate() error {
	if len(a.Ask) == 0 {
		return &engine.FieldError{Field: "ask", Message: "missing: what shall the person be asked?"}
	}
	return nil
}

func (a *attestCheck) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	yes, answered := t.Env.Answers[t.CheckID()]
	err := t.Span(ctx, result.OpAsk, func(_ context.Context, s *engine.Step) error {
		s.Set("answered", answered)
		if answered && !yes {
			return engine.Failed(result.FailExpectation, errors.New("the answer is no"))
		}
		return nil
	})
	switch {
	case !answered:
		return engine.Outcome{Verdict: result.Inconclusive, Code: result.AttestUnanswered, Detail: "nobody answered"}, nil
	case err != nil:
		return engine.Outcome{Code: result.AttestNo, Detail: "a person answered no"}, err
	}
	return engine.Outcome{Verdict: result.Attested}, nil
}
