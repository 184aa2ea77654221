package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"netcheck/report"
	"netcheck/report/result"
)

// writing is where a report goes, and in which form.
type writing struct {
	outputs []string
	format  string
	quiet   bool
	verbose bool

	redacting redacting // not of every command
}

func (w *writing) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVarP(&w.outputs, "output", "o", nil, "`file` to write the report to, in the format of its ending: "+strings.Join(endings(), " ")+"; repeatable")
	f.StringVar(&w.format, "format", "", "`format` on stdout: "+strings.Join(formats(), ", ")+" (default terminal)")
	f.BoolVarP(&w.quiet, "quiet", "q", false, "no progress, and no report on stdout unless --format or --output - asks for it")
	f.BoolVarP(&w.verbose, "verbose", "v", false, "show what each check did; a line per finished check where nothing can be redrawn")
	var described []string
	for _, f := range report.Formats() {
		described = append(described, f.Name+"\t"+f.Doc)
	}
	must(c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(described, cobra.ShellCompDirectiveNoFileComp)))
}

func formats() []string {
	var names []string
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	return names
}

func endings() []string {
	var all []string
	for _, f := range report.Formats() {
		all = append(all, f.Ext...)
	}
	return all
}

// formatOf is the format of a file's ending.
func formatOf(file string) (report.Format, bool) {
	ext := strings.ToLower(filepath.Ext(file))
	for _, f := range report.Formats() {
		if slices.Contains(f.Ext, ext) {
			return f, true
		}
	}
	return report.Format{}, false
}

// named is the format of that name, the first if there is no name.
func named(name string) (report.Format, bool) {
	for _, f := range report.Formats() {
		if name == "" || f.Name == name {
			return f, true
		}
	}
	return report.Format{}, false
}

// check finds what is wrong with the flags before a run costs anybody time.
func (w *writing) check() error {
	if _, ok := named(w.format); !ok {
		return usagef("--format: there is no format %q", w.format).withHint("%s", didYouMean(w.format, formats(), "the formats: "+strings.Join(formats(), ", ")))
	}
	for i, o := range w.outputs {
		if _, ok := formatOf(o); !ok && o != "-" {
			return usagef("--output %s: the ending says no format", o).withHint("known endings: %s", strings.Join(endings(), " "))
		}
		if j := slices.IndexFunc(w.outputs[:i], func(before string) bool { return sameFile(before, o) }); j >= 0 {
			return usagef("--output %s: that is the same file as --output %s", o, w.outputs[j])
		}
	}
	return nil
}

// sameFile tells whether two names are of one file, which the second would
// overwrite, also where it is not there yet.
func sameFile(a, b string) bool {
	if a == "-" || b == "-" {
		return a == b
	}
	one, err := os.Stat(a)
	if other, otherErr := os.Stat(b); err == nil && otherErr == nil {
		return os.SameFile(one, other)
	}
	one, err = os.Stat(filepath.Dir(a))
	other, otherErr := os.Stat(filepath.Dir(b))
	return err == nil && otherErr == nil && os.SameFile(one, other) && filepath.Base(a) == filepath.Base(b)
}

// write brings the report to where it was asked for, and returns what the
// command ends with. What can't be written to a file goes to stdout.
func (s *streams) write(r *result.Report, lang string, w writing, strict bool) error {
	if err := w.redacting.redact(r, lang); err != nil {
		return err
	}
	var errs []error
	for _, o := range w.outputs {
		if o == "-" {
			continue
		}
		f, _ := formatOf(o)
		options := report.Options{Unicode: true, Lang: lang, Verbose: w.verbose, Strict: strict, Zone: time.Local}
		err := s.writeOutput(o, func(out io.Writer) error { return f.Write(out, r, options) })
		if err != nil {
			errs = append(errs, err)
		}
	}
	if !w.quiet || w.format != "" || slices.Contains(w.outputs, "-") || len(errs) > 0 {
		f, _ := named(w.format)
		s.out.report = true
		err := f.Write(s.out, r, report.Options{
			Width: s.width(s.out), Color: s.color(), Unicode: s.unicode(), Lang: lang, Verbose: w.verbose, Strict: strict, Zone: time.Local,
		})
		if err != nil && s.out.err == nil {
			errs = append(errs, &unwrittenError{"stdout", err})
		}
	}
	return errors.Join(append(errs, verdictOf(r, strict))...)
}

// writeOutput writes a report to the file that was asked for, or to the one that
// is claimed instead of it, of which nothing stays if it can't be written.
func (s *streams) writeOutput(file string, write func(io.Writer) error) error {
	if s.claim == nil {
		return writeFile(file, write)
	}
	claimed, err := s.claim(file)
	if err != nil {
		return err
	}
	if err = writeFile(claimed, write); err != nil {
		_ = os.Remove(claimed)
	}
	return err
}
