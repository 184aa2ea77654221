package main

import (
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"netcheck/report"
	"netcheck/report/diagnosis"
	"netcheck/report/result"
)

func newReportDiff(s *streams) *cobra.Command {
	var d diffing
	c := &cobra.Command{
		Use:   "diff BEFORE AFTER",
		Short: "Compare two saved JSON reports of one profile: what got better, and what worse",
		Long: `Compare two saved JSON reports of one profile: which checks got better or worse,
failed for another reason or elsewhere on the path, and which only one of the runs
tested. Both are diagnosed again first, so that what netcheck has learnt since is no
difference; times, order and wording are none either. Reports of several machines
are compared machine by machine, by role. Nothing is contacted; "-" is stdin.

Worse is what takes away from what is known to work: from passed to failed, to a
warning or to inconclusive, more targets that fail, a failing check that has become
required. From failed to inconclusive is neither better nor worse, and neither is a
failure that shows only because the first run did not get as far. The run as a whole
counts as well: a check that only the second run has makes that worse where it fails.

The exit status is 0 if nothing got worse, whatever still fails, 1 if something did,
2 if the reports can't be compared, and 3 if something may have got worse unseen: the
later report is of a run that was cut short, could be read only in part, or lacks a
check of the same profile and values; or the earlier is not whole, and not all works
now.`,
		Example: `  netcheck report diff before.json after.json
  netcheck report diff monday.json today.json --format markdown`,
		Args: arguments(2, 2, "two reports that were saved as JSON: the earlier, then the later"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := errors.Join(d.check(), s.prepareRedaction(&d.redacting)); err != nil {
				return err
			}
			named, err := s.readReports(args)
			if err != nil {
				return err
			}
			lang := named[1].Report.Lang
			if c.Flags().Changed("lang") || lang == "" {
				lang = s.languageOf(c)
			}
			d.redacting.know(named)
			for _, n := range named {
				diagnosis.Diagnose(n.Report, lang)
				if err := d.redacting.redact(n.Report, lang); err != nil {
					return err
				}
			}
			compared, err := result.Compare(named[0], named[1])
			if err != nil {
				return usagef("%v", err)
			}
			return s.writeDiff(compared, lang, d)
		},
	}
	f := c.Flags()
	f.StringArrayVarP(&d.outputs, "output", "o", nil, "`file` to write the comparison to, in the format of its ending: "+strings.Join(diffEndings(), " ")+"; repeatable")
	f.StringVar(&d.format, "format", "", "`format` on stdout: "+strings.Join(diffFormats(), ", ")+" (default terminal)")
	f.BoolVarP(&d.quiet, "quiet", "q", false, "nothing on stdout unless --format or --output - asks for it")
	f.BoolVarP(&d.verbose, "verbose", "v", false, "list every change, however many there are")
	d.redacting.flags(c)
	must(c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(diffFormats(), cobra.ShellCompDirectiveNoFileComp)))
	return c
}

// diffing is where a comparison goes, and in which form.
type diffing writing

func diffFormats() []string {
	var names []string
	for _, f := range report.DiffFormats() {
		names = append(names, f.Name)
	}
	return names
}

func diffEndings() []string {
	var all []string
	for _, f := range report.DiffFormats() {
		all = append(all, f.Ext...)
	}
	return all
}

// diffFormat is the format of that name or of a file's ending.
func diffFormat(name, file string) (report.DiffFormat, bool) {
	ext := strings.ToLower(filepath.Ext(file))
	for _, f := range report.DiffFormats() {
		if name == "" && file == "" || name != "" && f.Name == name || ext != "" && slices.Contains(f.Ext, ext) {
			return f, true
		}
	}
	return report.DiffFormat{}, false
}

// check finds what is wrong with the flags before anything is read.
func (d *diffing) check() error {
	if _, ok := diffFormat(d.format, ""); !ok {
		return usagef("--format: a comparison has no format %q", d.format).withHint("%s", didYouMean(d.format, diffFormats(), "the formats: "+strings.Join(diffFormats(), ", ")))
	}
	for _, o := range d.outputs {
		if _, ok := diffFormat("", o); !ok && o != "-" {
			return usagef("--output %s: the ending says no format of a comparison", o).withHint("known endings: %s", strings.Join(diffEndings(), " "))
		}
	}
	return nil
}

// writeDiff brings a comparison to where it was asked for, and returns what the
// command ends with.
func (s *streams) writeDiff(c *result.Comparison, lang string, d diffing) error {
	var errs []error
	for _, o := range d.outputs {
		if o == "-" {
			continue
		}
		f, _ := diffFormat("", o)
		options := report.Options{Unicode: true, Lang: lang, Verbose: d.verbose, Zone: time.Local}
		if err := writeFile(o, func(out io.Writer) error { return f.Write(out, c, options) }); err != nil {
			errs = append(errs, err)
		}
	}
	if !d.quiet || d.format != "" || slices.Contains(d.outputs, "-") || len(errs) > 0 {
		f, _ := diffFormat(d.format, "")
		s.out.report = true
		err := f.Write(s.out, c, report.Options{
			Width: s.width(s.out), Color: s.color(), Unicode: s.unicode(), Lang: lang, Verbose: d.verbose, Zone: time.Local,
		})
		if err != nil && s.out.err == nil {
			errs = append(errs, &unwrittenError{"stdout", err})
		}
	}
	if c.Worse() {
		errs = append(errs, errWorse)
	}
	if c.Inconclusive() {
		errs = append(errs, errNotWhole)
	}
	return errors.Join(errs...)
}
