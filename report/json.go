package report

import (
	"bytes"
	"encoding/json"
	"io"

	"netcheck/report/result"
)

// JSON writes the whole report, indented, so that it can be read in a ticket
// and by programs.
func JSON(w io.Writer, r *result.Report, _ Options) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}
