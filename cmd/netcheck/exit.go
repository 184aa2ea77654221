package main

import (
	"errors"
	"fmt"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// The exit statuses, all of them.
const (
	exitOK           = 0   // no required check failed
	exitFailed       = 1   // a required check failed; of a comparison, something got worse
	exitUsage        = 2   // wrong usage or a faulty profile
	exitInconclusive = 3   // nothing failed, but a required check is inconclusive or could not be run; or what is missing of a saved report may matter
	exitNotWritten   = 4   // the report could not be written where asked
	exitInterrupted  = 130 // interrupted, as shells have it for SIGINT; the partial report is written
)

// exitStatus is the one place that maps what a command ended with to a status.
func exitStatus(err error) int {
	if err == nil {
		return exitOK
	}
	if errors.Is(err, errInterrupted) || errors.Is(err, errWasInterrupted) {
		return exitInterrupted
	}
	if _, ok := errors.AsType[*unwrittenError](err); ok {
		return exitNotWritten
	}
	if ended, ok := errors.AsType[*verdictError](err); ok {
		return ended.status()
	}
	if errors.Is(err, errNotWhole) {
		return exitInconclusive
	}
	if _, ok := errors.AsType[*surpriseError](err); ok || errors.Is(err, errWorse) {
		return exitFailed
	}
	return exitUsage
}

// errInterrupted ends whatever the user or the system stopped.
var errInterrupted error = &sentence{key: "cli.interrupted"}

// errWasInterrupted ends the showing of a report that an interrupt had left.
var errWasInterrupted error = &sentence{key: "cli.was-interrupted"}

// errWorse ends a comparison in which something got worse, which it has said
// already.
var errWorse = errors.New("")

// errNotWhole ends what was made of a report that lacks what may matter, as it
// has said already.
var errNotWhole = errors.New("")

// usageError is a request that can't be met as it was made. The hint, if there
// is one, is printed on a line of its own.
type usageError struct {
	says   sentence
	advice interface{ in(lang string) string } // what to do about it; may be nil

	msg, hint string // of one that is English alone
}

func (e *usageError) Error() string { return e.in("en") }

func (e *usageError) in(lang string) string {
	if e.msg != "" {
		return e.msg
	}
	return e.says.in(lang)
}

// hintIn is what to do about it, or "".
func (e *usageError) hintIn(lang string) string {
	if e.advice == nil {
		return e.hint
	}
	return e.advice.in(lang)
}

// usagef is a usage error without a hint.
func usagef(format string, args ...any) *usageError {
	return &usageError{msg: fmt.Sprintf(format, args...)}
}

// withHint adds what to do about it.
func (e *usageError) withHint(format string, args ...any) *usageError {
	e.hint = fmt.Sprintf(format, args...)
	return e
}

// unwrittenError is output that did not get where it was asked to go.
type unwrittenError struct {
	where string // a file's path, or "stdout"
	err   error
}

// Error is empty for a reader that left: whoever closed the pipe knows.
func (e *unwrittenError) Error() string {
	if e.where == "stdout" && readerLeft(e.err) {
		return ""
	}
	return e.in("en")
}

func (e *unwrittenError) in(lang string) string {
	return sentence{"cli.cant-write", i18n.Data{"Where": e.where, "Reason": e.err}}.in(lang)
}

func (e *unwrittenError) Unwrap() error { return e.err }

// verdictError ends a run whose verdict is not a pass. The report has said
// everything already, so that nothing is printed for it but a strict run's why.
type verdictError struct {
	verdict result.Verdict
	strict  result.Verdict // of checks for which --strict fails a run that would have passed; ""
	checks  int            // how many they are
}

func (e *verdictError) Error() string { return e.in("en") }

func (e *verdictError) in(lang string) string {
	if e.strict == "" {
		return ""
	}
	return i18n.T(lang, "cli.strict", i18n.Data{"Count": e.checks, "Verdict": verdictWord(lang, string(e.strict))})
}

func (e *verdictError) status() int {
	switch {
	case e.strict != "":
		return exitFailed
	case e.verdict == result.Fail:
		return exitFailed
	case e.verdict == result.Pass, e.verdict == result.Warn:
		return exitOK
	}
	return exitInconclusive
}

// verdictOf is what a report makes a command end with. Under strict a warning
// or an inconclusive check of any level fails the run.
func verdictOf(r *result.Report, strict bool) error {
	e := &verdictError{verdict: r.Verdict}
	if strict && r.Verdict != result.Fail {
		for _, v := range []result.Verdict{result.Fail, result.Error, result.Inconclusive, result.Warn} {
			if n := r.Summary[v]; n > 0 {
				e.strict, e.checks = v, n
				break
			}
		}
	}
	if e.status() == exitOK {
		return nil
	}
	return e
}
