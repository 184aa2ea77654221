package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"netcheck/report"
	"netcheck/report/diagnosis"
	"netcheck/report/i18n"
	"netcheck/report/result"
)

func newReportMerge(s *streams) *cobra.Command {
	var w writing
	var strict bool
	c := &cobra.Command{
		Use:   "merge FILE...",
		Short: "Join the reports of several machines into one, and say what only both together show",
		Long: `Join saved JSON reports of one profile, run in several roles, into one report: each
check with the result of every machine that made it, what each machine showed, and
what only both together show, such as which of two rules is missing. Nothing is
contacted. The order of the files does not matter, "-" is stdin, and a merged report
can be merged with a further one. Where a machine was looked at twice in one role, its
later run counts. The exit status is that of the merged report.`,
		Example: `  netcheck report merge till.json server.json
  netcheck report merge till.json server.json --output shop42.json`,
		Args: arguments(1, -1, "reports that were saved as JSON"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := errors.Join(w.check(), s.prepareRedaction(&w.redacting)); err != nil {
				return err
			}
			named, err := s.readReports(args)
			if err != nil {
				return err
			}
			m, err := result.Merge(named...)
			if err != nil {
				return usagef("%v", err)
			}
			r := m.Report
			if len(r.Machines) > 1 {
				r.Tool = tool() // each run says its own
			}
			lang := r.Lang
			if c.Flags().Changed("lang") || lang == "" {
				lang = s.languageOf(c)
			}
			diagnosis.Diagnose(r, lang)
			if err := w.redacting.redact(r, lang); err != nil {
				return err
			}
			s.tellMerging(m)
			return s.write(r, lang, w, strict)
		},
	}
	w.flags(c)
	w.redacting.flags(c)
	c.Flags().Lookup("quiet").Usage = "no report on stdout unless --format or --output - asks for it"
	c.Flags().Lookup("verbose").Usage = "show what each check did, and the machines"
	c.Flags().BoolVar(&strict, "strict", false, "a warning or an inconclusive check of any level fails the run")
	return c
}

// readReports reads reports that are to be one, which must not be larger than
// one may be.
func (s *streams) readReports(files []string) ([]result.Named, error) {
	var named []result.Named
	var size tally
	for i, file := range files {
		if slices.Contains(files[:i], file) {
			return nil, wrong("merge.twice", i18n.Data{"File": file})
		}
		r, err := s.readReport(file, &size)
		if err != nil {
			return nil, err
		}
		if size > report.MaxSize {
			return nil, wrong("merge.too-large", i18n.Data{"Size": report.MaxSize >> 20})
		}
		named = append(named, result.Named{Name: file, Report: r})
	}
	return named, nil
}

// tally counts what is written to it.
type tally int64

func (t *tally) Write(b []byte) (int, error) {
	*t += tally(len(b))
	return len(b), nil
}

// valuesNow are the values of a parameter as the report has them: it may be redacted.
// Where it does not say whose they are, none is told.
func valuesNow(r *result.Report, d result.Difference) []result.Valued {
	if r.Redacted == nil {
		return d.Values
	}
	var now []result.Valued
	for i := range r.Machines {
		params := r.Params
		if run := r.Machines[i].Run; run != nil && run.Params != nil {
			params = run.Params
		}
		if v, ok := params[d.Param]; ok {
			now = append(now, result.Valued{Role: r.Machines[i].Role, Value: v})
		}
	}
	if len(now) == len(d.Values) {
		return now
	}
	return nil
}

// tellMerging says what whoever merged reports should know beside the report:
// what was left out, what does not fit together, and whose report is missing.
func (s *streams) tellMerging(m *result.Merging) {
	for _, r := range m.Replaced {
		s.tell("merge.replaced", i18n.Data{"Older": r.Older, "Newer": r.Newer, "Role": r.Role})
	}
	for _, d := range m.Differs {
		var values []string
		for _, v := range valuesNow(m.Report, d) {
			b, err := json.Marshal(v.Value)
			if err != nil {
				continue // what was read as JSON can be written
			}
			values = append(values, fmt.Sprintf("%s (%s)", b, v.Role))
		}
		if len(values) > 0 {
			s.tell("merge.differs", i18n.Data{"Name": d.Param, "Values": strings.Join(values, ", ")})
		}
	}
	waiting := map[string]int{} // how many checks of roles of which there is no run
	var roles []string
	for i := range m.Report.Checks {
		c := &m.Report.Checks[i]
		if c.Verdict != result.Elsewhere || c.Level != result.Required {
			continue
		}
		missing := among(s.lang, "show.or", c.Spec.From)
		if waiting[missing]++; waiting[missing] == 1 {
			roles = append(roles, missing)
		}
	}
	for _, role := range roles {
		s.tell("merge.missing", i18n.Data{"Count": waiting[role], "Role": role})
	}
}
