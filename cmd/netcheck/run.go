package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/machine"
	"netcheck/checks/talk"
	"netcheck/profiles"
	"netcheck/report/diagnosis"
	"netcheck/report/result"
)

func newRun(s *streams) *cobra.Command {
	a := &asking{}
	c := &cobra.Command{
		Use:   "run PROFILE",
		Short: "Check a product's network needs, and report",
		Long: `Check what a profile says that a product needs of the network, and report what
fails, where on the path, and what to do.

PROFILE is a file, "-" for stdin, the id of a built-in profile (netcheck list) or
a folder, which offers a choice. What the profile must know of the shop is asked
on a terminal; elsewhere it is given by --set, --site or the environment.`,
		Example: `  netcheck run passcom
  netcheck run shop.yaml --set domain=acme --output shop.json
  netcheck run shop.yaml --site shop42.yaml --role till --only payments`,
		Args:              arguments(1, 1, "a profile"),
		ValidArgsFunction: completeProfiles,
		RunE: func(c *cobra.Command, args []string) error {
			if err := a.check(); err != nil {
				return err
			}
			a.lang = s.languageOf(c)
			p, err := s.load(c.Context(), args[0], !a.noInput && s.mayAsk())
			if err != nil {
				return err
			}
			r, err := s.examine(c.Context(), p, a)
			if err != nil {
				return err
			}
			err = s.write(r, a.lang, a.writing, a.strict)
			if interrupted(c.Context()) {
				return errors.Join(errInterrupted, err)
			}
			return err
		},
	}
	a.flags(c)
	return c
}

// examine takes a loaded profile through the whole pipeline (bind, compile,
// run, diagnose) to the report that is to be written. All that netcheck ever
// measures comes this way.
func (s *streams) examine(ctx context.Context, p *profiles.Profile, a *asking) (*result.Report, error) {
	bound, err := s.bind(ctx, p, a)
	if err != nil {
		return nil, worded(err, a.lang)
	}
	plan, err := engine.Compile(bound, a.only, a.skip)
	if err != nil {
		return nil, selectionError(err)
	}
	answers, err := s.answer(ctx, plan, a)
	if err != nil {
		return nil, err
	}
	shown := newProgress(s, plan, a)
	r := engine.Run(ctx, plan, engine.Options{
		Env: &engine.Env{
			Network: dial.New(dial.Options{
				Rate: a.rate, HalfOpen: halfOpen, Timeout: a.timeout,
			}),
			Timeout:   a.timeout,
			Ranges:    a.ranges(),
			Roots:     a.roots,
			Resolvers: a.resolvers,
			Params:    bound.Values,
			Answers:   answers,
		},
		Concurrency: a.concurrency,
		Retries:     a.retries,
		Deadline:    a.deadline,
		Observe:     shown.observe,
		Tool:        result.Tool{Name: "netcheck", Version: version(), Roots: talk.PublicRootsDate},
		Machine:     machine.Describe(),
		Ref:         p.File, // what names it to netcheck run
		Args:        a.carried(),
		Lang:        a.lang,
	})
	shown.close()
	diagnosis.Diagnose(r, a.lang)
	return r, nil
}

// selectionError adds what --only or --skip may have meant.
func selectionError(err error) error {
	unknown, ok := errors.AsType[*engine.UnknownSelectionError](err)
	if !ok {
		return err
	}
	return usagef("%v", err).withHint("%s", didYouMean(unknown.Name, unknown.Known, "there are: "+strings.Join(unknown.Known, ", ")))
}
