package checks

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"netcheck/checks/engine"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

var assertKind = engine.Kind{
	Name: "assert",
	Doc:  "a statement about the values that were given: nothing is contacted",
	Example: `- id: port-in-range
  assert: {param: own_port, in: "9000-9999"}`,
	New: func() engine.Prober { return new(assertCheck) },
}

type assertCheck struct {
	Param value.Param             `yaml:"param" doc:"the parameter that the statement is about" required:"true"`
	In    value.OneOrMany[string] `yaml:"in" doc:"what it may be: texts, numbers, ranges such as 9000-9999, networks such as 10.0.0.0/8; of a list each element must be one of them"`
	Max   *int                    `yaml:"max" doc:"the largest number that it may be"`
	Min   *int                    `yaml:"min" doc:"the smallest number that it may be"`
}

func (a *assertCheck) String() string { return string(a.Param) }

func (a *assertCheck) Validate() error {
	switch {
	case a.Param == "":
		return &engine.FieldError{Field: "param", Message: "missing: which parameter is the statement about?"}
	case len(a.In) == 0 && a.Max == nil && a.Min == nil:
		return &engine.FieldError{Field: "param", Message: "nothing is stated about it", Hint: "add in, min or max"}
	case a.Max != nil && a.Min != nil && *a.Max < *a.Min:
		return &engine.FieldError{Field: "max", Message: fmt.Sprintf("%d is less than min, %d", *a.Max, *a.Min)}
	}
	return nil
}

// Number tells the profile loader which parameter is taken for a number, and by
// which field; "" is none.
func (a *assertCheck) Number() (param, field string) {
	switch {
	case a.Max != nil:
		return string(a.Param), "max"
	case a.Min != nil:
		return string(a.Param), "min"
	}
	return "", ""
}

func (a *assertCheck) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	given, ok := t.Env.Params[string(a.Param)]
	missing := !ok || given == nil
	err := t.Span(ctx, result.OpCompare, func(_ context.Context, s *engine.Step) error {
		s.Set("param", string(a.Param))
		if missing {
			return nil
		}
		_, secret := given.(value.Secret)
		for _, v := range elements(given) {
			why := a.violates(v)
			if secret {
				v = "<secret>"
			}
			s.Set("value", v)
			if why != "" {
				return engine.Failed(result.FailExpectation, fmt.Errorf("%s is %s: %s", a.Param, v, why))
			}
		}
		return nil
	})
	switch {
	case missing:
		return engine.Outcome{Verdict: result.Inconclusive, Detail: fmt.Sprintf("%s has no value", a.Param)}, nil
	case err != nil:
		return engine.Outcome{Code: result.AssertViolated, Detail: err.Error()}, err
	}
	return engine.Outcome{}, nil
}

// violates says what is wrong with a value; "" if nothing.
func (a *assertCheck) violates(v string) string {
	if len(a.In) > 0 && !slices.ContainsFunc(a.In, func(allowed string) bool { return isIn(v, allowed) }) {
		return "not " + strings.Join(a.In, " or ")
	}
	if a.Max == nil && a.Min == nil {
		return ""
	}
	n, err := strconv.Atoi(v)
	switch {
	case err != nil:
		return "not a number"
	case a.Min != nil && n < *a.Min:
		return fmt.Sprintf("less than %d", *a.Min)
	case a.Max != nil && n > *a.Max:
		return fmt.Sprintf("more than %d", *a.Max)
	}
	return ""
}

// isIn tells whether v is the text, lies in the range, or in the network.
func isIn(v, allowed string) bool {
	if v == allowed {
		return true
	}
	if p, err := netip.ParsePrefix(allowed); err == nil {
		a, err := netip.ParseAddr(v)
		return err == nil && p.Contains(a.Unmap())
	}
	low, high, ok := strings.Cut(allowed, "-")
	if !ok {
		return false
	}
	first, err1 := strconv.Atoi(strings.TrimSpace(low))
	last, err2 := strconv.Atoi(strings.TrimSpace(high))
	n, err3 := strconv.Atoi(v)
	return err1 == nil && err2 == nil && err3 == nil && first <= n && n <= last
}

// elements are a parameter's value as texts: one, or those of a list.
func elements(v any) []string {
	switch v := v.(type) {
	case []any:
		var all []string
		for _, e := range v {
			all = append(all, elements(e)...)
		}
		return all
	case []string:
		return v
	case value.Secret:
		return []string{v.Reveal()}
	case value.Ports:
		var all []string
		for _, p := range v.All() {
			all = append(all, strconv.Itoa(int(p)))
		}
		return all
	}
	return []string{fmt.Sprint(v)}
}
