package main

import (
	"errors"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"netcheck/report"
	"netcheck/report/diagnosis"
	"netcheck/report/i18n"
	"netcheck/report/result"
)

func newReport(s *streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "report",
		Short: "Work with saved reports",
		Args:  cobra.ArbitraryArgs,
		RunE:  helpOrUnknown,
	}
	c.AddCommand(newReportShow(s), newReportDiff(s), newReportMerge(s))
	return c
}

func newReportShow(s *streams) *cobra.Command {
	var w writing
	var strict bool
	c := &cobra.Command{
		Use:   "show FILE",
		Short: "Diagnose a saved JSON report again and show it",
		Long: `Diagnose a saved JSON report again, with what this netcheck knows, and show it in
any format. Nothing is contacted, and neither the profile nor the machine is needed:
a report holds all that was seen. "-" is stdin. The exit status is the run's.

Of a file that breaks off, is damaged or comes from a newer netcheck all is shown that
can be read, with what can't; it then never ends with status 0.`,
		Example: `  netcheck report show shop42.json
  netcheck report show shop42.json --output shop42.txt`,
		Args: arguments(1, 1, "a report that was saved as JSON"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := errors.Join(w.check(), s.prepareRedaction(&w.redacting)); err != nil {
				return err
			}
			r, err := s.readReport(args[0], io.Discard)
			if err != nil {
				return err
			}
			lang := r.Lang
			if c.Flags().Changed("lang") || lang == "" {
				lang = s.languageOf(c)
			}
			said, by := r.Verdict, r.Tool.Version
			diagnosis.Diagnose(r, lang)
			if said != r.Verdict && r.Lost == nil { // the report says what it lacks
				s.message("%s", otherwise(s.lang, said, by, r.Verdict))
			}
			err = s.write(r, lang, w, strict)
			if wasInterrupted(r) {
				return errors.Join(errWasInterrupted, err)
			}
			return err
		},
	}
	w.flags(c)
	w.redacting.flags(c)
	c.Flags().Lookup("quiet").Usage = "no report on stdout unless --format or --output - asks for it"
	c.Flags().Lookup("verbose").Usage = "show what each check did, and the machine"
	c.Flags().BoolVar(&strict, "strict", false, "a warning or an inconclusive check of any level fails the run")
	return c
}

// otherwise words that a report does not say what its own checks say: somebody
// altered it, or a netcheck wrote it that judges otherwise.
func otherwise(lang string, said result.Verdict, by string, found result.Verdict) string {
	data := i18n.Data{"Said": verdictWord(lang, string(said)), "Found": verdictWord(lang, string(found)), "By": "", "This": version()}
	if by != version() {
		data["By"] = report.Clean(by)
	}
	return i18n.T(lang, "cli.otherwise", data)
}

// wasInterrupted tells whether a saved report is what an interrupt left. One that
// was merged is whole, whatever it was made of.
func wasInterrupted(r *result.Report) bool {
	return len(r.Machines) < 2 && slices.ContainsFunc(r.Checks, func(c result.Check) bool { return c.Reason == result.BecauseInterrupted })
}

// readReport reads a saved report, and lets size see what it holds.
func (s *streams) readReport(file string, size io.Writer) (*result.Report, error) {
	in := s.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, wrong("cli.cant-read-report", i18n.Data{"File": file, "Reason": reason(err)})
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, wrong("cli.report-folder", i18n.Data{"File": file})
		}
		in = f
	}
	r, err := report.Read(io.TeeReader(in, size))
	if err != nil {
		return nil, usagef("%s: %v", file, reason(err))
	}
	return r, nil
}
