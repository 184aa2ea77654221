package report

import (
	"io"

	"netcheck/report/result"
)

// DiffFormat is a way to write what differs between two reports.
type DiffFormat struct {
	Name  string
	Doc   string
	Ext   []string
	Write func(io.Writer, *result.Comparison, Options) error
}

// DiffFormats lists every format of a comparison, the default first.
func DiffFormats() []DiffFormat {
	return []DiffFormat{
		{Name: "terminal", Doc: "text for people, as on the screen", Ext: []string{".txt"}, Write: DiffTerminal},
		{Name: "markdown", Doc: "for tickets and summaries of CI jobs", Ext: []string{".md"}, Write: DiffMarkdown},
		{Name: "json", Doc: "for programs", Ext: []string{".json"}, Write: DiffJSON},
	}
}
