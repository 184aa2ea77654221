package main

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"netcheck/checks"
	"netcheck/checks/machine"
	"netcheck/checks/standin"
	"netcheck/profiles"
	"netcheck/profiles/value"
	"netcheck/report/i18n"
	"netcheck/report/result"
)

// standingIn is everything that is asked of a stand-in.
type standingIn struct {
	asking
	only      []string // ports in place of the profile's, as given
	at        []string // addresses, as given
	limit     time.Duration
	limited   bool // --for was given
	until     string
	ports     []*standPort
	addresses []netip.Addr
}

// What a stand-in can wait for before it ends by itself.
const (
	untilAny = "any"
	untilAll = "all"
)

// maxStandPorts bounds the ports of one stand-in: each takes a descriptor, of
// which many systems give a program 1024.
const maxStandPorts = 1000

func newStandin(s *streams) *cobra.Command {
	a := &standingIn{}
	c := &cobra.Command{
		Use:   "standin [PROFILE]",
		Short: "Stand in on a machine for services that are not there yet",
		Long: `Stand in for the product's services on the machine where they will be, before they
are installed: netcheck opens the TCP and UDP ports that the profile gives this
machine's role, says who gets through to which of them, and answers netcheck on the
other machines. So the ways between the machines, their firewalls included, are
proven on the day before.

A port that a program has already is left to it, and said whose it is; one that this
user may not open is left out, with the way to allow it. No administrator's rights are
needed otherwise. Whatever strangers send is neither interpreted nor shown.

Who got through has proven the way to this machine. What a rule lets in for one
program alone, as they often are on Windows, it lets in for no other: the service's
own rule is not proven. Who did not get through may just not have tried: run netcheck
on the other machine, which says where it ends. There tcp checks pass that reach a
stand-in, and udp checks that ask for one; http, tls, ftp and ssh checks fail, since
it is no such server.

It ends by Ctrl-C, after --for, or once what --wait-for names was reached, and prints
what it saw. Ports of one's own need no profile: netcheck standin --port 8080`,
		Example: `  netcheck standin local-server --role store-server
  netcheck standin shop.yaml --role till --for 10m --wait-for all
  netcheck standin --port 8000-8005 --port 57854/udp`,
		Args:              arguments(0, 1, "a profile"),
		ValidArgsFunction: completeProfiles,
		RunE: func(c *cobra.Command, args []string) error {
			a.limited = c.Flags().Changed("for")
			if err := a.check(); err != nil {
				return err
			}
			a.lang = s.languageOf(c)
			if len(args) == 0 {
				if len(a.ports) == 0 {
					return usagef("standin needs a profile, or --port").withHint("usage: %s", c.UseLine())
				}
				for _, name := range []string{"role", "set", "site"} {
					if c.Flags().Changed(name) {
						return usagef("--%s: it is a profile that has that, and none is given", name).withHint("usage: %s", c.UseLine())
					}
				}
				return s.standIn(c.Context(), nil, a)
			}
			p, err := s.load(c.Context(), args[0], !a.noInput && s.mayAsk())
			if err != nil {
				return err
			}
			return s.standIn(c.Context(), p, a)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&a.role, "role", "", "what this machine is to the product: a `role` of the profile")
	f.StringArrayVar(&a.only, "port", nil, "`ports` to open in place of the profile's, such as 8080, 8000-8005,9100 or 57854/udp, each without /udp being TCP; repeatable")
	f.StringArrayVar(&a.at, "address", nil, "`address` of this machine to listen at (default all of them); repeatable")
	f.DurationVar(&a.limit, "for", 0, "`time` after which it ends (default with Ctrl-C)")
	f.StringVar(&a.until, "wait-for", "", "end once `all` ports, or any of them, were reached by another machine; the exit status is 3 if they were not")
	f.StringVar(&a.format, "format", "", "`format` of what it prints at the end: text or json (default text)")
	f.StringArrayVar(&a.sets, "set", nil, "a parameter's value, as `name=value`; repeatable")
	f.StringVar(&a.site, "site", "", "`file` with the values of this shop, for any profile")
	f.BoolVar(&a.noInput, "no-input", false, "ask nothing")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "say nothing until the end")
	must(c.RegisterFlagCompletionFunc("set", completeSet))
	must(c.RegisterFlagCompletionFunc("role", completeRole))
	must(c.RegisterFlagCompletionFunc("wait-for", cobra.FixedCompletions([]string{untilAll, untilAny}, cobra.ShellCompDirectiveNoFileComp)))
	must(c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp)))
	for _, name := range []string{"port", "address", "for"} {
		must(c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions))
	}
	return c
}

// check reads the flags.
func (a *standingIn) check() error {
	switch {
	case a.limit < 0, a.limit == 0 && a.limited:
		return usagef("--for: it must be more than zero").withHint("such as 10m; without it netcheck stands in until Ctrl-C")
	case !slices.Contains([]string{"", untilAny, untilAll}, a.until):
		return usagef("--wait-for: %q is neither %s nor %s", a.until, untilAll, untilAny)
	case !slices.Contains([]string{"", "text", "json"}, a.format):
		return usagef("--format: there is no format %q", a.format).withHint("the formats: text, json")
	}
	for _, s := range a.at {
		addr, err := netip.ParseAddr(s)
		if err != nil {
			return usagef("--address: %q is not an address", s).withHint("such as 192.168.1.10")
		}
		if !ownAddress(addr) {
			return usagef("--address: this machine has no address %s", addr).withHint("leave it out to listen at all that it has")
		}
		a.addresses = append(a.addresses, addr)
	}
	found := served{}
	for s := range strings.SplitSeq(strings.Join(a.only, ","), ",") {
		text, proto, _ := strings.Cut(strings.TrimSpace(s), "/") // of this item alone
		if text == "" && len(a.only) == 0 {
			break
		}
		ports, err := value.ParsePorts(text)
		if err != nil {
			return usagef("--port: %v", err)
		}
		if proto = cmp.Or(proto, "tcp"); proto != "tcp" && proto != "udp" {
			return usagef("--port %s: %q is neither tcp nor udp", s, proto)
		}
		found.add(proto, ports.All(), "")
	}
	a.ports = found.list()
	return tooMany(a.ports)
}

// ownAddress tells whether this machine can listen at an address; where it does
// not show its addresses, the attempt will tell.
func ownAddress(a netip.Addr) bool {
	all, err := machine.Addresses()
	return err != nil || a.IsLoopback() || a.IsUnspecified() ||
		slices.ContainsFunc(all, func(m machine.Address) bool { return m.Prefix.Addr().WithZone("") == a.Unmap().WithZone("") })
}

func tooMany(ports []*standPort) error {
	if n := len(ports); n > maxStandPorts {
		return wrong("standin.too-many", i18n.Data{"Count": n, "Most": maxStandPorts}).advised(sentence{key: "standin.say-port"})
	}
	return nil
}

// standIn opens the ports, tells who comes, and sums up.
func (s *streams) standIn(ctx context.Context, p *profiles.Profile, a *standingIn) error {
	seen := &standing{a: a, Started: time.Now().UTC()}
	if p != nil {
		bound, err := s.fill(ctx, p, &a.asking, func(v profiles.Values, role string) (*profiles.Bound, error) {
			return p.BindPorts(v, role, profiles.Serving{Kinds: checks.LocalKinds(), Fields: checks.PortFields()})
		})
		if err != nil {
			return worded(err, a.lang)
		}
		seen.Profile, seen.Role = p.ID, bound.Role
		if len(a.only) == 0 { // of ports of one's own the profile's checks know nothing
			seen.commands, seen.choose = otherEnds(p, bound, a, reachableAt(a.addresses))
		}
		if len(a.ports) == 0 {
			if a.ports, err = s.servedPorts(p, bound); err != nil {
				return err
			}
		}
	}
	seen.Ports = a.ports
	if err := tooMany(a.ports); err != nil {
		return err
	}
	log := newStandLog(seen)
	live := newStandView(s, log, a.quiet)
	o := standin.Options{Addresses: a.addresses, Contact: log.note}
	for _, q := range a.ports {
		if q.Proto == "udp" {
			o.UDP = append(o.UDP, q.Port)
		} else {
			o.TCP = append(o.TCP, q.Port)
		}
	}
	server, refused := standin.Listen(ctx, o) // a server in any case
	log.refused(ctx, s.env, refused)
	defer server.Close()
	live.begin()
	opened := log.any(func(q *standPort) bool { return q.open() })
	if opened {
		log.wait(ctx, a)
	}
	server.Close()
	live.close()
	seen.Ended = time.Now().UTC()
	if err := s.sumUp(seen); err != nil {
		return err
	}
	if !opened || a.until != "" && !log.met(a.until) {
		return &verdictError{verdict: result.Inconclusive}
	}
	return nil
}
