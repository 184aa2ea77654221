package report

import (
	"fmt"
	"io"

	"netcheck/report/result"
)

// Terminal writes the report for people.
func Terminal(w io.Writer, r *result.Report, o Options) error {
	_, err := fmt.Fprintln(w, r.Verdict)
	return err
}
