package vantage

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"netcheck/report/result"
)

// withhold keeps a secret out of what a helper is taken to have said, which
// nobody is to have shown by saying it back. It is looked for in what was made
// of its words: in those themselves it may be written in many ways.
func withhold(secret string, r Reply, err error) (Reply, error) {
	if secret == "" {
		return r, err
	}
	quoted := strings.Trim(strconv.Quote(secret), `"`)
	clean := strings.NewReplacer(secret, "…", quoted, "…").Replace
	if e, ok := errors.AsType[*RefusedError](err); ok {
		e.Code, e.Message = clean(e.Code), clean(e.Message)
	}
	if e, ok := errors.AsType[*ForeignError](err); ok {
		e.What = clean(e.What)
	}
	if slices.ContainsFunc(r.words(), func(s string) bool { return strings.Contains(s, secret) }) {
		return Reply{}, &ForeignError{What: "it says back the token that it was given"}
	}
	return r, err
}

// words are all in a reply that has no form of its own.
func (r *Reply) words() []string {
	var all []string
	add := func(i *result.ICMP, hops []result.Hop) {
		if i != nil {
			all = append(all, i.Name)
		}
		for _, h := range hops {
			if h.ICMP != nil {
				all = append(all, h.ICMP.Name)
			}
		}
	}
	for _, p := range r.Ports {
		add(p.ICMP, p.Hops)
		if p.Control != nil {
			add(p.Control.ICMP, p.Control.Hops)
		}
	}
	return all
}
