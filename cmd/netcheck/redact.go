package main

import (
	"strings"

	"github.com/spf13/cobra"

	"netcheck/report"
	"netcheck/report/diagnosis"
	"netcheck/report/result"
)

// redacting is what is to be taken out of a report before it is handed on.
type redacting struct {
	level   string
	keyFile string

	by *report.Redactor // nil: nothing is
}

// redactKey is the environment's name for a key: a CI system has its secrets there.
const redactKey = "NETCHECK_REDACT_KEY"

func (x *redacting) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&x.level, "redact", "", "replace, before anything is written, what tells whose network it is: `level` site, for internal and own public addresses, internal names, the values given, files found, users, by pseudonyms of the same sort; public names of the profile and ids of checks stay")
	f.StringVar(&x.keyFile, "redact-key", "", "`file` with a secret of 16 bytes or more: with one key the same gets the same pseudonym in every report (default "+redactKey+", else one for this command alone)")
	must(c.RegisterFlagCompletionFunc("redact", cobra.FixedCompletions(report.RedactLevels(), cobra.ShellCompDirectiveNoFileComp)))
}

// prepareRedaction finds what is wrong with the flags before a run costs anybody
// time.
func (s *streams) prepareRedaction(x *redacting) error {
	if x.level == "" {
		if x.keyFile != "" {
			return usagef("--redact-key without --redact").withHint("the levels are: %s", strings.Join(report.RedactLevels(), ", "))
		}
		return nil
	}
	var key []byte
	if v := s.getenv(redactKey); v != "" {
		key = []byte(v)
	}
	if x.keyFile != "" {
		b, err := readBounded(x.keyFile)
		if err != nil {
			return usagef("--redact-key: can't read %s: %v", x.keyFile, reason(err))
		}
		key = append([]byte{}, strings.TrimRight(string(b), "\r\n")...)
	}
	by, err := report.NewRedactor(x.level, key)
	if err != nil {
		return usagef("--redact: %v", err)
	}
	x.by = by
	return nil
}

// know is told which reports are to be read beside each other.
func (x *redacting) know(named []result.Named) {
	if x.by == nil {
		return
	}
	for _, n := range named {
		x.by.Know(n.Report)
	}
}

// redact takes out of a report what is to be, and says its diagnosis again, in the
// names that it has now.
func (x *redacting) redact(r *result.Report, lang string) error {
	if x.by == nil {
		return nil
	}
	if err := x.by.Redact(r); err != nil {
		return err
	}
	diagnosis.Diagnose(r, lang)
	return nil
}
