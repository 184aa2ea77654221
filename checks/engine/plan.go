package engine

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"netcheck/checks/dial"
	"netcheck/profiles"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// Plan is what a run will do, decided before anything is contacted.
type Plan struct {
	Bound  *profiles.Bound
	Checks []Planned // in profile order
}

// Planned is one check of a plan.
type Planned struct {
	Check  profiles.Check
	Prober Prober         // nil where it is not run
	Needs  []int          // indexes of the checks that must be met first
	Fixed  result.Verdict // decided already: not-applicable, elsewhere, skip; else ""
	Reason result.Reason  // of a skip
	Detail string
	Proxy  *dial.Proxy // that its declaration names; nil: none
}

// Question is what an attest check asks a person, before the run.
type Question struct {
	CheckID string
	Title   value.Text
	Ask     value.Text
}

// ProfileKinds gives the profile loader what it must know of the kinds.
func ProfileKinds(kinds []Kind) []profiles.Kind {
	ks := make([]profiles.Kind, len(kinds))
	for i, k := range kinds {
		ks[i] = profiles.Kind{Name: k.Name, Doc: k.Doc, New: func() any { return k.New() }}
	}
	return ks
}

// UnknownSelectionError is a name that no check and no feature has.
type UnknownSelectionError struct {
	Name  string
	Known []string
}

func (e *UnknownSelectionError) Error() string {
	return fmt.Sprintf("no check and no feature is called %q", e.Name)
}

// Compile decides what a run will do. It is pure, and joins every mistake.
// only and skip hold ids of checks (with or without [item]) and features; a
// check that is in both is skipped.
func Compile(b *profiles.Bound, only, skip []string) (*Plan, error) {
	p := &Plan{Bound: b, Checks: make([]Planned, 0, len(b.Checks))}
	groups := make(map[string][]int)
	known := make(map[string]bool)
	for i, c := range b.Checks {
		groups[c.Group] = append(groups[c.Group], i)
		known[c.ID], known[c.Group] = true, true
		for _, f := range c.Features {
			known[f] = true
		}
	}
	var errs []error
	for _, name := range slices.Concat(only, skip) {
		if !known[name] {
			errs = append(errs, &UnknownSelectionError{name, slices.Sorted(maps.Keys(known))})
		}
	}
	targets := 0
	for _, c := range b.Checks {
		planned := Planned{Check: c, Proxy: declaredProxy(c.Via)}
		switch {
		case !c.Applies:
			planned.Fixed = result.NotApplicable
		case !c.Here:
			planned.Fixed = result.Elsewhere
		case len(only) > 0 && !selected(c, only), selected(c, skip):
			planned.Fixed, planned.Reason = result.Skip, result.BecauseSelection
		default:
			prober, ok := c.Body.(Prober)
			if !ok {
				errs = append(errs, fmt.Errorf("%s:%d: check %q: kind %q can't be run", b.Profile.File, c.Line, c.ID, c.Kind))
				continue
			}
			planned.Prober = prober
			if n, ok := prober.(interface{ Targets() int }); ok {
				targets += n.Targets()
			}
		}
		// A check that is left out has no say in whether another may run, nor
		// has one that only another machine can make.
		for _, need := range c.Needs {
			planned.Needs = append(planned.Needs, needed(b.Checks, c, groups[need])...)
		}
		p.Checks = append(p.Checks, planned)
	}
	if targets > profiles.MaxTargets {
		errs = append(errs, fmt.Errorf("%s: the checks contact %d addresses and ports, more than %d", b.Profile.File, targets, profiles.MaxTargets))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return p, nil
}

// needed are the checks of a group that one needs: all of them, but of a group
// that goes over the same list only the one for the same item. What ails one
// till says nothing of the next, unless it is tolerated because of the next.
func needed(all []profiles.Check, c profiles.Check, group []int) []int {
	var same []int
	for _, i := range group {
		if n := all[i]; c.Each != "" && n.Each == c.Each && n.Item == c.Item && n.Tolerate == "" {
			same = append(same, i)
		}
	}
	if len(same) > 0 {
		return same
	}
	return group
}

// declaredProxy is the proxy that a profile names, which every account that runs
// the product has.
func declaredProxy(p *profiles.Proxy) *dial.Proxy {
	if p == nil {
		return nil
	}
	u := *p.URL
	if p.User != "" {
		u.User = url.UserPassword(p.User, p.Password.Reveal())
	}
	return &dial.Proxy{URL: &u, Source: "the profile"}
}

// selected tells whether one of the names is the check's, its group's or one
// of its features'.
func selected(c profiles.Check, names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		return n == c.ID || n == c.Group || slices.Contains(c.Features, n)
	})
}

// Questions lists what the plan's checks would ask a person.
func (p *Plan) Questions() []Question {
	var qs []Question
	for _, c := range p.Checks {
		if a, ok := c.Prober.(interface{ Question() value.Text }); ok {
			qs = append(qs, Question{CheckID: c.Check.ID, Title: c.Check.Title, Ask: a.Question()})
		}
	}
	return qs
}
