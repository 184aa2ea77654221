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
		{Name: "terminal", Doc: "text for people, as on the screen", Write: Terminal},
		{Name: "html", Doc: "a page to look at, print and mail: no script, nothing to fetch", Ext: []string{".html", ".htm"}, Write: HTML},
		{Name: "json", Doc: "everything, for programs and for netcheck report show", Ext: []string{".json"}, Write: JSON},
		{Name: "text", Doc: "text for people, 80 columns wide and without colour", Ext: []string{".txt"}, Write: Text},
		{Name: "markdown", Doc: "text for tickets and the summaries of CI jobs, as GitHub and GitLab show it", Ext: []string{".md"}, Write: Markdown},
		{Name: "junit", Doc: "JUnit's XML, for Jenkins, GitLab and others that show test results", Ext: []string{".xml"}, Write: JUnit},
		{Name: "tap", Doc: "Test Anything Protocol, version 13", Ext: []string{".tap"}, Write: TAP},
		{Name: "prometheus", Doc: "metrics as text, for the textfile collector of Prometheus' node exporter", Ext: []string{".prom"}, Write: Prometheus},
		{Name: "nagios", Doc: "one line for monitoring: OK, WARNING, CRITICAL or UNKNOWN, with numbers; the exit status stays netcheck's own", Write: Nagios},
		{Name: "github", Doc: "annotations of a GitHub workflow, at the profile's lines", Write: GitHub},
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
	Strict  bool           // a check of any level that does not pass fails the run
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
