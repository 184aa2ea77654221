package report

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf16"

	"netcheck/report/result"
)

// MaxSize is the size of a saved report beyond which Read refuses it: a
// hundred times what a report of a thousand checks needs.
const MaxSize = 256 << 20

// SchemaError is a report in a format of which this netcheck can read no check.
type SchemaError struct {
	Schema  int    // the report's
	Tool    string // which program wrote it, if it says
	Verdict result.Verdict
}

func (e *SchemaError) Error() string {
	s := fmt.Sprintf("the report has format %d, and this netcheck reads format %d", e.Schema, result.Schema)
	if e.Tool != "" {
		s += "; it was written by " + e.Tool
	}
	if e.Verdict != "" {
		s += fmt.Sprintf("\nall that can be read of it is the verdict, %q: its checks and findings need that netcheck or a newer one", e.Verdict)
	}
	return s
}

// Read reads a report that JSON wrote, by this netcheck or another. Of one that is
// cut short, damaged or of a newer format it reads what can be read, and notes
// in the report what could not; where that is no check at all it is an error.
func Read(r io.Reader) (*result.Report, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, err
	}
	data, err = unpacked(data)
	if err != nil {
		return nil, err
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("the report is larger than %d MiB", MaxSize>>20)
	}
	// A disk that filled up, or a machine that lost its power, leaves zeros.
	data = bytes.TrimRight(plain(data), "\x00")
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("the report is empty")
	}
	if what := otherFile(data); what != "" {
		return nil, errors.New(what)
	}
	rep := new(result.Report)
	switch err := json.Unmarshal(data, rep); {
	case err == nil && rep.Schema == 0:
		return nil, errors.New(`this is not a netcheck report: it has no "schema"`)
	case err != nil || rep.Schema != result.Schema:
		if rep, err = salvaged(data, err); err != nil {
			return nil, err
		}
	}
	for i := range rep.Checks {
		c := &rep.Checks[i]
		orphan(c.Steps)
		if c.Level.Weight() < 0 { // a newer netcheck's, or none: what can't be weighed is not taken lightly
			c.Level = result.Required
		}
	}
	for i := range rep.Followups {
		orphan(rep.Followups[i].Steps)
	}
	return rep, nil
}

// plain is a file's text in UTF-8 without the mark that some programs put before
// it. Windows PowerShell 5 writes UTF-16 where output is sent to a file by >.
func plain(data []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		order = binary.BigEndian
	case bytes.HasPrefix(data, []byte("{\x00")): // some leave the mark out
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte("\x00{")):
		order = binary.BigEndian
	default:
		return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	if units[0] == '\ufeff' {
		units = units[1:]
	}
	return []byte(string(utf16.Decode(units)))
}

// readError words what is wrong with a report of which nothing can be read, and
// where.
func readError(err error) error {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("the report is not JSON, or was cut short before its first check (at byte %d): %w", e.Offset, err)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if e.Field == "" {
			return fmt.Errorf("this is not a netcheck report: that is an object, and this is a JSON %s", e.Value)
		}
		return fmt.Errorf("the report is damaged: %s at byte %d does not belong in %q", e.Value, e.Offset, e.Field)
	}
	if e, ok := errors.AsType[*time.ParseError](err); ok {
		return fmt.Errorf("the report is damaged: %q is not a time such as \"2026-11-21T09:30:00Z\"", Clean(e.Value))
	}
	return fmt.Errorf("the report can't be read: %w", err)
}

// orphan removes parents that do not come before their step, so that nobody
// who follows parents can go astray or round in circles.
func orphan(steps []result.Step) {
	for i := range steps {
		if p := steps[i].Parent; p != nil && (*p < 0 || *p >= i) {
			steps[i].Parent = nil
		}
	}
}
