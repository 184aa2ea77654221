package report_test

import (
	"os"
	"strconv"
	"testing"

	"netcheck/report"
	"netcheck/report/result"
)

func TestView(t *testing.T) {
	w, _ := strconv.Atoi(os.Getenv("W"))
	u := os.Getenv("U") != ""
	c, _ := strconv.Atoi(os.Getenv("C"))
	for _, r := range map[string]*result.Report{os.Getenv("S"): map[string]func() *result.Report{"healthy": healthy, "half": halfFiltered, "mixed": mixed, "crowd": crowd, "int": interrupted}[os.Getenv("S")]()} {
		report.Terminal(os.Stdout, diagnosed(r), report.Options{Width: w, Unicode: u, Color: report.Color(c), Verbose: os.Getenv("V") != ""})
	}
}
