package checks_test

import (
	"testing"

	"netcheck/checks"
	"netcheck/checks/checktest"
)

func TestCases(t *testing.T) { checktest.Run(t, checks.Kinds(), "testdata") }

func TestLaws(t *testing.T) { checktest.Laws(t, checks.Kinds(), "testdata") }
