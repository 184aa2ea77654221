package main

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/followup"
	"netcheck/checks/machine"
	"netcheck/profiles"
	"netcheck/report/diagnosis"
	"netcheck/report/i18n"
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
on a terminal; elsewhere it is given by --set, by NETCHECK_PARAM_<NAME> in the
environment or by --site, the first of which counts. --set name= leaves the
parameter without a value, whatever its default says. A secret is never given by
--set or --site.

What a profile lets go through a proxy is tried by the one that is set up, beside the
direct way, and passes by either. Set up means: by --proxy, by the profile, by the
environment (https_proxy, http_proxy, all_proxy, no_proxy), by the system for all
accounts, or for this one; the first of them counts. The password of --proxy
http://USER@HOST:PORT is asked for, or taken from NETCHECK_PROXY_PASSWORD or
NETCHECK_PROXY_PASSWORD_FILE in the environment. A script (PAC, WPAD) is not evaluated.

What fails is looked at more closely after the checks, for 5 seconds at most: how far
packets get beside those to a port that works, what another DNS server says, whether
a smaller message gets through. netcheck show PROFILE names whom that contacts.

A site file holds the values of one shop, for any profile, and never a secret:

  netcheck-site: 1
  values: {branch: milano}            # for every profile with such a parameter
  profiles:
    passcom: {peer_dominio: acme}     # for this profile alone, before the others

What was answered to questions can be remembered in such a file: in that of --site, or in
netcheck-site.yaml in the current folder, which is offered the next time questions may be asked.`,
		Example: `  netcheck run passcom
  netcheck run shop.yaml --set domain=acme --output shop.json
  netcheck run shop.yaml --site shop42.yaml --role till --only payments`,
		Args:              arguments(1, 1, "a profile"),
		ValidArgsFunction: completeProfiles,
		RunE: func(c *cobra.Command, args []string) error {
			if err := errors.Join(a.check(), s.prepareRedaction(&a.redacting)); err != nil {
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
// run, follow up, diagnose) to the report that is to be written. All that netcheck ever
// measures comes this way.
func (s *streams) examine(ctx context.Context, p *profiles.Profile, a *asking) (*result.Report, error) {
	here := make(chan surroundings, 1) // read while the profile is being compiled
	go func() {
		proxies := machine.ProxySettings(ctx, s.env)
		gateways, _ := machine.Gateways() // where the system does not tell them, nobody is asked
		here <- surroundings{machine.Describe(s.env, proxies), proxies, gateways}
	}()
	bound, err := s.bind(ctx, p, a)
	if err != nil {
		return nil, worded(err, a.lang)
	}
	plan, err := engine.Compile(bound, a.only, a.skip)
	if err != nil {
		return nil, selectionError(err)
	}
	for _, name := range a.only {
		s.tellOutOfPlace(plan, name)
	}
	answers, err := s.answer(ctx, plan, a)
	if err != nil {
		return nil, err
	}
	if err := s.giveProxyPassword(ctx, a); err != nil {
		return nil, err
	}
	if err := s.chooseHelper(plan, a); err != nil {
		return nil, err
	}
	shown, around := newProgress(s, plan, a), <-here
	env := &engine.Env{
		Network: dial.New(dial.Options{
			Rate: a.rate, HalfOpen: halfOpen, Timeout: a.timeout,
		}),
		Timeout:   a.timeout,
		Ranges:    a.ranges(),
		Roots:     a.roots,
		Public:    s.public,
		Resolvers: a.resolvers,
		Reference: a.reference,
		Params:    bound.Values,
		Answers:   answers,
		Route:     a.proxy.route(around.proxies),
		Vantage:   a.vantage.url,
		Token:     a.vantage.token,
		Profile:   p.ID,
		Gateways:  around.gateways,
	}
	r := engine.Run(ctx, plan, engine.Options{
		Env:         env,
		Concurrency: a.concurrency,
		Retries:     a.retries,
		Deadline:    a.deadline,
		Observe:     shown.observe,
		Tool:        tool(),
		Machine:     around.machine,
		Ref:         p.File, // what names it to netcheck run
		Args:        a.carried(),
		Lang:        a.lang,
	})
	if !a.noFollowup && r.Complete {
		lookCloser(ctx, r, a.deadline, func(ctx context.Context) { followup.Run(ctx, r, env, shown.closer) })
	}
	var nmapErr error
	if a.nmap && r.Complete {
		lookCloser(ctx, r, a.deadline, func(ctx context.Context) { nmapErr = followup.Nmap(ctx, r, env, shown.nmap) })
	}
	shown.close()
	r.Machines[0].Clock = result.ClockOf(r.Checks)
	if nmapErr != nil && r.Complete {
		s.message("--nmap: %v", nmapErr)
	}
	diagnosis.Diagnose(r, a.lang)
	return r, nil
}

// surroundings are what a run must know of this machine before it begins.
type surroundings struct {
	machine  result.Machine
	proxies  []machine.ProxySetting
	gateways []netip.Addr
}

// lookCloser asks once more what the run's results need, within what is left of
// the run's time. A person who interrupts it has all that was seen until then.
func lookCloser(ctx context.Context, r *result.Report, deadline time.Duration, look func(context.Context)) {
	left := ctx
	if deadline > 0 {
		var cancel context.CancelFunc
		left, cancel = context.WithDeadline(ctx, r.Started.Add(deadline))
		defer cancel()
	}
	look(left)
	if left.Err() != nil {
		r.Complete, r.FollowupsCut = false, true
	}
}

// tellOutOfPlace says why nothing that was chosen by this name can be run here.
func (s *streams) tellOutOfPlace(plan *engine.Plan, name string) {
	roles, inapplicable := []string(nil), false
	for _, c := range plan.Checks {
		if name != c.Check.ID && name != c.Check.Group && !slices.Contains(c.Check.Features, name) {
			continue
		}
		switch c.Fixed {
		case result.NotApplicable:
			inapplicable = true
		case result.Elsewhere:
			roles = append(roles, c.Check.From...)
		default:
			return
		}
	}
	switch {
	case len(roles) > 0:
		slices.Sort(roles)
		s.tell("cli.only-elsewhere", i18n.Data{"Check": name, "Roles": among(s.lang, "show.or", slices.Compact(roles))})
	case inapplicable:
		s.tell("cli.only-inapplicable", i18n.Data{"Check": name})
	}
}

// selectionError adds what --only or --skip may have meant.
func selectionError(err error) error {
	unknown, ok := errors.AsType[*engine.UnknownSelectionError](err)
	if !ok {
		return err
	}
	return wrong("cli.no-selection", i18n.Data{"Name": unknown.Name}).advised(closest(unknown.Name, unknown.Known, sentence{"cli.there-are", i18n.Data{"Names": strings.Join(unknown.Known, ", ")}}))
}
