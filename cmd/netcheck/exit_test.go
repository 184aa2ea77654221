package main

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"netcheck/profiles"
	"netcheck/report/result"
)

func TestExitStatus(t *testing.T) {
	report := func(v result.Verdict, summary map[result.Verdict]int) *result.Report {
		return &result.Report{Verdict: v, Summary: summary}
	}
	unwritten := &unwrittenError{"a.json", syscall.ENOSPC}
	for name, test := range map[string]struct {
		err  error
		want int
	}{
		"nothing wrong":                       {nil, 0},
		"pass":                                {verdictOf(report(result.Pass, nil), false), 0},
		"warn":                                {verdictOf(report(result.Warn, nil), false), 0},
		"fail":                                {verdictOf(report(result.Fail, nil), false), 1},
		"inconclusive":                        {verdictOf(report(result.Inconclusive, nil), false), 3},
		"a verdict of a newer netcheck":       {verdictOf(report("undecided", nil), false), 3},
		"strict pass":                         {verdictOf(report(result.Pass, map[result.Verdict]int{result.Pass: 3}), true), 0},
		"strict warn":                         {verdictOf(report(result.Warn, map[result.Verdict]int{result.Warn: 1}), true), 1},
		"strict, an optional one is open":     {verdictOf(report(result.Pass, map[result.Verdict]int{result.Inconclusive: 1}), true), 1},
		"strict, an optional one failed":      {verdictOf(report(result.Pass, map[result.Verdict]int{result.Fail: 1}), true), 1},
		"wrong usage":                         {usagef("unknown"), 2},
		"a faulty profile":                    {&profiles.FileError{File: "x.yaml"}, 2},
		"not written":                         {unwritten, 4},
		"not written, wrapped":                {fmt.Errorf("demo: %w", unwritten), 4},
		"not written, and failed":             {errors.Join(unwritten, verdictOf(report(result.Fail, nil), false)), 4},
		"interrupted":                         {errInterrupted, 130},
		"interrupted, and not written":        {errors.Join(errInterrupted, unwritten), 130},
		"a demo that did not go as it should": {&surpriseError{[]surprise{{check: "x"}}}, 1},
		"something got worse":                 {errWorse, 1},
		"something got worse, and is not written": {errors.Join(unwritten, errWorse), 4},
	} {
		t.Run(name, func(t *testing.T) {
			if got := exitStatus(test.err); got != test.want {
				t.Errorf("exit status %d, not %d", got, test.want)
			}
		})
	}
}
