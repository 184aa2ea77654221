package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"netcheck/checks/engine"
	"netcheck/cmd/netcheck/demo"
	"netcheck/profiles"
	"netcheck/report/i18n"
	"netcheck/report/result"
)

var demoNext = []struct{ command, what string }{
	{"netcheck explain tls.expired", "demo.explain"},
	{"netcheck demo --profile", "demo.profile"},
	{"netcheck list", "demo.list"},
	{"netcheck new", "demo.new"},
}

func newDemo(s *streams) *cobra.Command {
	var w writing
	var profile bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "See netcheck at work on a small made-up shop",
		Long: `See netcheck at work: a small shop opens on this machine's loopback address, some
of its servers broken on purpose, and a profile is run against it as any other
would be. No other machine is contacted, and no rights are needed.`,
		Args: arguments(0, 0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			if profile {
				_, _ = s.out.Write(demo.Profile)
				return nil
			}
			if err := w.check(); err != nil {
				return err
			}
			return s.demo(c.Context(), w, s.languageOf(c))
		},
	}
	w.flags(c)
	c.Flags().BoolVar(&profile, "profile", false, "print the demo's profile instead")
	return c
}

// demo opens the shop, checks it as run would, and tells whether netcheck saw
// its faults: those it was built with, and no other.
func (s *streams) demo(ctx context.Context, w writing, lang string) (err error) {
	p, err := profiles.Load("demo", demo.Profile, kinds(), codes()...)
	if err != nil {
		return err
	}
	shop, err := demo.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shop.Close()) }()

	a := &asking{
		writing: w, lang: lang, noInput: true,
		timeout: defaultTimeout, concurrency: engine.DefaultConcurrency, rate: defaultRate,
		roots: shop.Roots, resolvers: shop.Resolvers(),
		proxy: proxying{none: true}, // its shop is on this machine
	}
	for _, name := range slices.Sorted(maps.Keys(shop.Values())) {
		a.sets = append(a.sets, name+"="+shop.Values()[name])
	}
	r, err := s.examine(ctx, p, a)
	if err != nil {
		return err
	}
	if err := s.write(r, lang, w, false); !isVerdict(err) {
		return err
	}
	if interrupted(ctx) {
		return errInterrupted
	}
	if !w.quiet && w.format == "" && len(w.outputs) == 0 {
		s.afterDemo()
	}
	return surprises(r)
}

// afterDemo says what was seen, and what may come next.
func (s *streams) afterDemo() {
	const column = 33
	width := min(s.width(s.out), 100)
	s.line("\n" + wrap(s.say("demo.was", nil), "", "", width) + "\n\n" + s.say("demo.next", nil))
	for _, n := range demoNext {
		s.line(wrap(s.say(n.what, nil), fmt.Sprintf("  %-*s", column-2, n.command), strings.Repeat(" ", column), width))
	}
}

// isVerdict tells that a report was written and failed nobody but the shop.
func isVerdict(err error) bool {
	_, ok := errors.AsType[*verdictError](err)
	_, unwritten := errors.AsType[*unwrittenError](err)
	return err == nil || ok && !unwritten
}

// surprises are what the demo's report should have said and did not: something
// on this machine keeps netcheck from seeing right.
func surprises(r *result.Report) error {
	want := demo.Expected()
	var others []surprise
	for _, c := range r.Checks {
		if v := want[c.ID]; v != c.Verdict {
			others = append(others, surprise{c.ID, c.Verdict, v})
		}
	}
	if len(others) == 0 {
		return nil
	}
	return &surpriseError{others}
}

// surprise is a check that ended otherwise than it should.
type surprise struct {
	check     string
	got, want result.Verdict
}

// surpriseError is a demo that did not do what it should.
type surpriseError struct{ all []surprise }

func (e *surpriseError) Error() string { return e.in("en") }

func (e *surpriseError) in(lang string) string {
	var all []string
	for _, o := range e.all {
		all = append(all, i18n.T(lang, "demo.otherwise", i18n.Data{
			"Check": o.check, "Got": verdictWord(lang, string(o.got)), "Want": verdictWord(lang, string(o.want)),
		}))
	}
	return i18n.T(lang, "demo.surprise", i18n.Data{"What": strings.Join(all, i18n.Semicolon(lang))})
}
