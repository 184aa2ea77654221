package main

import (
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"netcheck/checks"
	"netcheck/profiles"
	"netcheck/report"
	"netcheck/report/diagnosis"
	"netcheck/report/firewall"
	"netcheck/report/result"
)

// requiring is everything that is asked of a sheet.
type requiring struct {
	asking
	report string
}

func newFirewall(s *streams) *cobra.Command {
	a := &requiring{}
	c := &cobra.Command{
		Use:   "firewall PROFILE",
		Short: "Show what to open in firewalls, or ask for what was blocked",
		Long: `Show which rules a product needs of firewalls, before it is installed: from where,
to where, on which ports, why, and who must act. Nothing is contacted. The values
of the shop are given as for a run; where nobody can be asked, or with --no-input, the
name of one that is not known stands in its place, as <name>. The sheet is of all machines of the product, or with --role of one.

With --report the rules are those that a run found to be blocked, as a letter to
whoever runs the firewall, with what was seen, where and when. PROFILE may then be
left out. What is not certain is asked for as such, and is no command. The
exit status is 0 whether anything was blocked or not, and 3 if the report is not whole.

Commands (nftables, netsh, powershell, pf) hold only rules that can be expressed in
addresses that are known; every other one is in them as a comment that says why.
The formats netsh and powershell are for the machine's own firewall: one --role.`,
		Example: `  netcheck firewall passcom
  netcheck firewall shop.yaml --set domain=acme --output rules.csv --output rules.html
  netcheck firewall --report shop42.json --lang it`,
		Args:              arguments(0, 1, "a profile"),
		ValidArgsFunction: completeProfiles,
		RunE: func(c *cobra.Command, args []string) error {
			if err := errors.Join(a.check(len(args) > 0), s.prepareRedaction(&a.redacting)); err != nil {
				return err
			}
			a.lang = s.languageOf(c)
			if a.report != "" {
				return s.letter(c, args, a)
			}
			p, err := s.load(c.Context(), args[0], !a.noInput && s.mayAsk())
			if err != nil {
				return err
			}
			sheet, err := s.sheet(c, p, a)
			if err != nil {
				return err
			}
			return s.writeRules(a, len(sheet.Profile.Roles) > 1 && sheet.Role == "", func(f firewall.Format, out io.Writer, o report.Options) error {
				return f.Sheet(out, sheet, o)
			})
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&a.report, "report", "", "a run's JSON `file`: only what it found blocked, as a letter")
	f.StringArrayVar(&a.sets, "set", nil, "a parameter's value, as `name=value`; repeatable")
	f.StringVar(&a.site, "site", "", "`file` with the values of this shop, for any profile")
	f.StringVar(&a.role, "role", "", "only the rules of one machine: a `role` of the profile")
	f.StringArrayVarP(&a.outputs, "output", "o", nil, "`file` to write to, in the format of its ending: "+strings.Join(sheetEndings(), " ")+"; repeatable")
	f.StringVar(&a.format, "format", "", "`format` on stdout: "+strings.Join(sheetFormats(), ", ")+" (default table)")
	f.BoolVar(&a.noInput, "no-input", false, "ask nothing")
	a.redacting.flags(c)
	must(c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(sheetFormats(), cobra.ShellCompDirectiveNoFileComp)))
	must(c.RegisterFlagCompletionFunc("set", completeSet))
	must(c.RegisterFlagCompletionFunc("role", completeRole))
	return c
}

func sheetFormats() (names []string) {
	for _, f := range firewall.Formats() {
		names = append(names, f.Name)
	}
	return names
}

func sheetEndings() (all []string) {
	for _, f := range firewall.Formats() {
		all = append(all, f.Ext...)
	}
	return all
}

// sheetFormat is the format of a name, or of a file's ending.
func sheetFormat(fits func(firewall.Format) bool) (firewall.Format, bool) {
	all := firewall.Formats()
	i := slices.IndexFunc(all, fits)
	if i < 0 {
		return firewall.Format{}, false
	}
	return all[i], true
}

func (a *requiring) stdout() (firewall.Format, bool) {
	return sheetFormat(func(f firewall.Format) bool { return a.format == "" || f.Name == a.format })
}

func sheetFormatOf(file string) (firewall.Format, bool) {
	return sheetFormat(func(f firewall.Format) bool { return slices.Contains(f.Ext, strings.ToLower(filepath.Ext(file))) })
}

// check finds what is wrong with the flags.
func (a *requiring) check(profile bool) error {
	if !profile && a.report == "" {
		return usagef("firewall needs a profile").withHint("usage: netcheck firewall PROFILE; with --report FILE it may be left out")
	}
	if _, ok := a.stdout(); !ok {
		return usagef("--format: there is no format %q", a.format).withHint("%s", didYouMean(a.format, sheetFormats(), "the formats: "+strings.Join(sheetFormats(), ", ")))
	}
	for i, o := range a.outputs {
		if _, ok := sheetFormatOf(o); !ok && o != "-" {
			return usagef("--output %s: the ending says no format", o).withHint("known endings: %s", strings.Join(sheetEndings(), " "))
		}
		if j := slices.IndexFunc(a.outputs[:i], func(before string) bool { return sameFile(before, o) }); j >= 0 {
			return usagef("--output %s: that is the same file as --output %s", o, a.outputs[j])
		}
	}
	if a.report == "" {
		if a.redacting.level != "" {
			return usagef("--redact is for the rules of a --report: a sheet holds what was given")
		}
		return nil
	}
	if len(a.sets) > 0 || a.site != "" {
		return usagef("--report has the values of its run: leave out --set and --site")
	}
	return nil
}

// sheet is what a profile asks of firewalls, with the values that are known.
func (s *streams) sheet(c *cobra.Command, p *profiles.Profile, a *requiring) (*firewall.Sheet, error) {
	how := profiles.Sketching{Kinds: checks.NeedyKinds(), Fields: checks.NeedFields()}
	ask := !a.noInput && s.mayAsk()
	bound, err := s.fill(c.Context(), p, &a.asking, func(v profiles.Values, role string) (*profiles.Bound, error) {
		b, err := p.BindSketch(v, role, how)
		if err == nil && ask && len(b.Unknown) > 0 {
			return nil, &profiles.MissingError{Params: b.Unknown}
		}
		return b, err
	})
	if err != nil {
		return nil, worded(err, a.lang)
	}
	sheet := firewall.New(productOf(p), flows(p, bound), a.role)
	sheet.Source, sheet.Seen = p.Source.URL, p.Source.Seen
	for _, param := range bound.Unknown {
		sheet.Unknown = append(sheet.Unknown, param.Name)
	}
	return sheet, nil
}

// writeRules brings the rules to where they were asked for. Those of several
// machines are no commands for the firewall of one.
func (s *streams) writeRules(a *requiring, several bool, write func(firewall.Format, io.Writer, report.Options) error) error {
	shown, _ := a.stdout()
	wanted := map[string]firewall.Format{}
	for _, o := range a.outputs {
		if o != "-" {
			wanted[o], _ = sheetFormatOf(o)
		}
	}
	toStdout := len(wanted) == 0 || a.format != "" || slices.Contains(a.outputs, "-")
	for _, f := range wanted {
		if f.One && several {
			return oneMachine(f)
		}
	}
	if toStdout && shown.One && several {
		return oneMachine(shown)
	}
	var errs []error
	for _, o := range a.outputs {
		f, ok := wanted[o]
		if !ok {
			continue
		}
		options := report.Options{Unicode: true, Lang: a.lang, Zone: time.Local}
		if err := writeFile(o, func(out io.Writer) error { return write(f, out, options) }); err != nil {
			errs = append(errs, err)
		}
	}
	if toStdout || len(errs) > 0 {
		s.out.report = true
		err := write(shown, s.out, report.Options{Width: s.width(s.out), Unicode: s.unicode(), Lang: a.lang, Zone: time.Local})
		if err != nil && s.out.err == nil {
			errs = append(errs, &unwrittenError{"stdout", err})
		}
	}
	return errors.Join(errs...)
}

func oneMachine(f firewall.Format) error {
	return usagef("%s are commands for the firewall of one machine, and the product has several", f.Name).withHint("say which, by --role")
}

// letter is what a report gives reason to ask of whoever runs a firewall. It needs
// no profile; one that is named must be the report's.
func (s *streams) letter(c *cobra.Command, args []string, a *requiring) error {
	r, err := s.readReport(a.report, io.Discard)
	if err != nil {
		return err
	}
	if len(args) > 0 {
		p, err := s.loadQuietly(c.Context(), args[0], false)
		if err != nil {
			return err
		}
		if p.ID != r.Profile.ID {
			return usagef("%s is a report of the profile %q, not of %q", a.report, report.Clean(r.Profile.ID), p.ID).withHint("leave PROFILE out: the report has all that is needed")
		}
		if p.SHA256 != r.Profile.SHA256 {
			s.message("the report was made with another revision of %s: what it saw is asked for", p.ID)
		}
	}
	if !c.Flags().Changed("lang") && r.Lang != "" {
		a.lang = r.Lang
	}
	if err := knownRole(r, a.role); err != nil {
		return err
	}
	if err := a.redacting.redact(r, a.lang); err != nil {
		return err
	}
	diagnosis.Diagnose(r, a.lang)
	letter := firewall.Ask(r, a.role)
	err = s.writeRules(a, len(r.Machines) > 1 && a.role == "", func(f firewall.Format, out io.Writer, o report.Options) error {
		if f.Letter != nil {
			return f.Letter(out, letter, o)
		}
		return f.Sheet(out, letter.Rules(), o)
	})
	if err != nil || !letter.Part {
		return err
	}
	s.tell("firewall.part", nil)
	return errNotWhole
}

// knownRole holds --role to the machines of a report.
func knownRole(r *result.Report, role string) error {
	var roles []string
	for _, m := range r.Machines {
		if m.Role != "" {
			roles = append(roles, report.Clean(m.Role))
		}
	}
	if role == "" || slices.Contains(roles, role) {
		return nil
	}
	return usagef("--role: no machine of the report has the role %q", role).withHint("%s", didYouMean(role, roles, "there are: "+strings.Join(roles, ", ")))
}
