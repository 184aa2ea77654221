package report_test

import (
	"testing"

	"netcheck/report"
)

// What Unicode keeps for programs' own use is no character: a page or a document
// that has it is not well-formed for all readers.
func TestCleanLeavesOutNoncharacters(t *testing.T) {
	if got := report.Clean("a\ufffe\uffff\ufdd0\U0001fffeb"); got != "ab" {
		t.Errorf("%q", got)
	}
}
