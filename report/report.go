// Package report shows what a run found: one format to a file, and the list
// below. A format writes what the report says; it never counts, judges or
// explains by itself, and makes every text from outside harmless before it
// shows it.
package report

import (
	"io"
	"time"

	"netcheck/report/result"
)

// Format is a way to write a report: a plain value in Formats.
type Format struct {
	Name  string
	Doc   string   // one sentence for help
	Ext   []string // endings of files that are written in it, such as .json
	Write func(io.Writer, *result.Report, Options) error
}

// Formats lists every format, the default first.
func Formats() []Format {
	return []Format{
		{Name: "terminal", Doc: "text for people, as on the screen", Ext: []string{".txt"}, Write: Terminal},
		{Name: "json", Doc: "everything, for programs and for netcheck report show", Ext: []string{".json"}, Write: JSON},
	}
}

// Options are what a format must know of its reader. The zero Options are for
// a file: 80 columns, no colour, ASCII, English.
type Options struct {
	Width   int   // columns; 0: 80
	Color   Color // what the terminal can show
	Unicode bool  // whether it shows more than ASCII
	Lang    string
	Verbose bool           // with steps and evidence
	Zone    *time.Location // of the times shown; nil: UTC
}

// Color is how many colours a terminal can show.
type Color int

const (
	ColorNone Color = iota
	Color16
	Color256
	ColorTrue
)
