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

// SchemaError is a report in a format that this netcheck does not know.
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

// Read reads a report that JSON wrote, by this netcheck or another.
func Read(r io.Reader) (*result.Report, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("the report is larger than %d MiB", MaxSize>>20)
	}
	data = plain(data)
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("the report is empty")
	}
	// First what every format must have, then the rest.
	var head struct {
		Schema  int
		Tool    result.Tool
		Verdict result.Verdict
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, readError(err)
	}
	switch {
	case head.Schema == 0:
		return nil, errors.New(`this is not a netcheck report: it has no "schema"`)
	case head.Schema != result.Schema:
		e := &SchemaError{Schema: head.Schema, Verdict: result.Verdict(Clean(string(head.Verdict)))}
		if head.Tool.Name != "" {
			e.Tool = Clean(head.Tool.Name + " " + head.Tool.Version)
		}
		return nil, e
	}
	rep := new(result.Report)
	if err := json.Unmarshal(data, rep); err != nil {
		return nil, readError(err)
	}
	for i := range rep.Checks {
		orphan(rep.Checks[i].Steps)
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
	default:
		return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	}
	units := make([]uint16, (len(data)-2)/2)
	for i := range units {
		units[i] = order.Uint16(data[2+2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// readError words what is wrong with a report, and where.
func readError(err error) error {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("the report is not JSON, or was cut short (at byte %d): %w", e.Offset, err)
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
