package main

import (
	"testing"

	"netcheck/checks/followup"
	"netcheck/report/i18n"
)

// Each follow-up says what it is for, to whoever reads the code and to whoever
// reads a report.
func TestFollowupsHaveDocAndWords(t *testing.T) {
	for _, f := range followup.Followups() {
		if f.Name == "" || f.Doc == "" || f.Wants == nil || f.Look == nil {
			t.Errorf("%q is incomplete", f.Name)
		}
		if !i18n.Has("followup." + f.Name) {
			t.Errorf("no word for the follow-up %q", f.Name)
		}
	}
}
