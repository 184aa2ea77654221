// Package engine runs checks. It knows no protocol: a kind probes, a trace
// records what it did, and the engine decides when each check runs, with which
// bounds, and which verdict follows. It never prints, and explains nothing.
package engine

import (
	"context"

	"netcheck/report/result"
)

// Kind is a check kind: a plain value in checks.Kinds.
type Kind struct {
	Name    string        // the key in a profile
	Doc     string        // one sentence for help and editors
	Example string        // YAML of one check, as in a profile's list
	New     func() Prober // a pointer to a struct whose exported fields, with yaml and doc tags, are the kind's fields
}

// Prober is one check's declaration, decoded, and how to look.
//
// Two more methods are used where they exist: String() string names the target
// for a reader, as host:port; Targets() int counts what would be contacted.
type Prober interface {
	// Validate looks at the fields alone. It returns a *FieldError to point
	// at a field, and joins several with errors.Join.
	Validate() error
	// Probe looks. An error that comes out of a step is a failed check; any
	// other error means that netcheck could not do what it was asked.
	Probe(ctx context.Context, t *Trace) (Outcome, error)
}

// FieldError is what is wrong with one field of a declaration.
type FieldError struct {
	Field   string // as in the profile: "ports"
	Message string
	Hint    string
	Never   bool // no value would do: this version has no such thing
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Message }

// FieldName, Text and HintText are for the profile loader, which gives the
// mistake its place in the file.
func (e *FieldError) FieldName() string { return e.Field }
func (e *FieldError) Text() string      { return e.Message }
func (e *FieldError) HintText() string  { return e.Hint }

// Always tells the loader that it need not wait for the parameters' values.
func (e *FieldError) Always() bool { return e.Never }

// Outcome is what a probe found. The zero Outcome with a nil error is a pass.
type Outcome struct {
	Verdict result.Verdict // "" is a pass, or a fail if there is an error
	Code    result.Code    // the cause, where the probe knows it without diagnosis: assert.violated
	Reason  result.Reason  // for a skip
	Detail  string         // why inconclusive, skipped or warned, in a few words
	Results []result.Result
}
