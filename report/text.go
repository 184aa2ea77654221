package report

import (
	"io"

	"netcheck/report/result"
)

// Text writes what Terminal does, as it is in any file: 80 columns, no colour.
func Text(w io.Writer, r *result.Report, o Options) error {
	o.Width, o.Color = 80, ColorNone
	return Terminal(w, r, o)
}
