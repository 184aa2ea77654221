package firewall

import (
	_ "embed"
	"html/template"
	"io"
	"strings"

	"netcheck/report"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"pieces": pieces}).Parse(pageText))

// sheetPage is what the page of a sheet shows.
type sheetPage struct {
	Lang, Title string
	Head        []string
	Columns     []string
	Sections    []sheetPart
	Nothing     string
}

type sheetPart struct {
	Title string
	Rows  []sheetRow
}

type sheetRow struct {
	Number int
	Closed bool
	Cells  []sheetCell
}

type sheetCell struct{ Name, Label, Text string }

// page writes a sheet as one page without a script and without anything that it
// would have to fetch.
func page(out io.Writer, s *Sheet, o report.Options) error {
	o.Unicode = true
	w := newWords(&s.Profile, o)
	p := sheetPage{Lang: w.lang, Title: w.title(s), Head: w.head(s)}
	for _, c := range columns {
		p.Columns = append(p.Columns, w.word("firewall.label."+c))
	}
	if len(s.Rules) == 0 {
		p.Nothing = w.word("firewall.nothing")
	}
	n := 0
	for _, part := range w.sections(s) {
		shown := sheetPart{Title: part.title}
		for _, r := range part.rules {
			n++
			row := sheetRow{Number: n, Closed: r.Block}
			for i, text := range cells(w.fields(s, r)) {
				row.Cells = append(row.Cells, sheetCell{columns[i], p.Columns[i], text})
			}
			shown.Rows = append(shown.Rows, row)
		}
		p.Sections = append(p.Sections, shown)
	}
	return pageTemplate.ExecuteTemplate(out, "sheet", p)
}

// piece is a part of a text; one with a URL leads there.
type piece struct{ Text, URL string }

// pieces takes the web addresses out of a text.
func pieces(s string) []piece {
	var all []piece
	text := ""
	for i, word := range strings.Split(s, " ") {
		if i > 0 {
			text += " "
		}
		url := strings.TrimRight(word, ".,;")
		if !linked(url) || !plainURL(url) {
			text += word
			continue
		}
		all = append(all, piece{Text: text}, piece{url, url})
		text = word[len(url):]
	}
	return append(all, piece{Text: text})
}
