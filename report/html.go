package report

import (
	"bytes"
	"cmp"
	"embed"
	"html/template"
	"io"
	"net/url"
	"strings"
	"time"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

//go:embed html
var htmlFiles embed.FS

// HTML writes the report as one page that a person can open, print and mail: no
// script, nothing to be fetched, and the policy in its head forbids both. It
// says what the terminal says, in the same order, with a picture of the path of
// each finding and the rules to ask for in a table.
//
// Whatever the report holds is a text to the template, which escapes it for the
// place where it stands; nothing is marked as safe.
func HTML(w io.Writer, r *result.Report, o Options) error {
	o.Unicode = true
	p := &page{phrases: newPhrases(r, o)}
	// The words are part of the template's functions, and those are the reader's.
	t, err := template.New("page.html.tmpl").Funcs(template.FuncMap{"word": p.word}).ParseFS(htmlFiles, "html/*")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p.sheet()); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// page puts a report's phrases into the order of the template.
type page struct {
	*phrases
	anchors map[*result.Check]int // of the checks of which there are steps
	told    []result.Code         // causes that were explained already
}

// sheet is what the template shows.
type sheet struct {
	Lang, Title   string
	Verdict       badge
	Product, Role string
	Sentence      string
	Warning       string // that the run was cut short, or a part of the report can't be read
	When          moment
	Facts         []labelled // who, where and by what
	Verbose       bool

	Features    []badge
	Chapters    []chapter // of findings
	Rules       []ruleSheet
	Unexplained []string
	Tested      []tested
	LeftOut     string
	Away        []away
	Handover    []handover
	Log         []logged // what each check did
	Asked       []logged // what was asked once more
	Machines    []facts
	Params      []labelled
	Count       string
	Version     string
}

// badge is a verdict that is shown by its colour, its mark and its word, so that
// none of them is needed.
type badge struct{ Class, Mark, Word, Name string }

// moment is a time for people and for programs.
type moment struct{ Text, Data string }

// labelled is a text, or several, with what it is.
type labelled struct {
	Label string
	Texts []string
	Code  bool // to be copied letter by letter
}

// facts are labelled texts about something that may have a name.
type facts struct {
	Name string
	Rows []labelled
}

// link is a text that leads to a page, if there is one that can be trusted to be
// no more than that.
type link struct{ Text, URL string }

func (p *page) sheet() *sheet {
	r := p.r
	s := &sheet{
		Lang: p.lang, Verdict: p.badge(r.Verdict, p.known("run.", string(r.Verdict))),
		Product: cmp.Or(p.product(), p.text(r.Tool.Name), "netcheck"), Sentence: p.sentence(), Warning: p.shortfall(), When: p.moment(r.Started), Verbose: p.o.Verbose,
		LeftOut: p.leftOut(), Count: p.say("terminal.count", i18n.Data{"Count": len(r.Checks)}),
		Version: p.text(strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version)),
	}
	s.Title = s.Verdict.Word + p.colon() + s.Product
	if r.Profile.Role != "" {
		s.Role = p.role(r.Profile.Role)
	}
	for _, f := range features(r) {
		if f.id != "" {
			s.Features = append(s.Features, p.featureBadge(f))
		}
	}
	p.anchor()
	s.Facts = p.origin()
	s.Chapters, s.Rules = p.chapters(), p.rules()
	for _, c := range p.unexplainedChecks() {
		s.Unexplained = append(s.Unexplained, p.unexplainedLine(c))
	}
	s.Tested, s.Log, s.Asked = p.tested(), p.log(), p.askedOnceMore()
	for _, there := range p.runsThere() {
		s.Away = append(s.Away, away{there.role, there.checks, there.command})
	}
	for _, h := range r.Handover {
		s.Handover = append(s.Handover, handover{p.in(h.Title), strings.Join(p.handoverLines(h), "\n")})
	}
	s.Machines, s.Params = p.circumstances()
	return s
}

// away is a run that is to be made on another machine.
type away struct {
	Role    string
	Checks  []string
	Command string
}

// handover is a text to pass on.
type handover struct{ Title, Text string }

func (p *page) badge(v result.Verdict, word string) badge {
	class := "open"
	switch v {
	case result.Pass, result.Attested:
		class = "pass"
	case result.Fail, result.Error:
		class = "fail"
	case result.Warn:
		class = "warn"
	case result.Skip, result.NotApplicable, result.Elsewhere:
		class = "none"
	}
	return badge{Class: class, Mark: mark(v, true), Word: word}
}

func (p *page) featureBadge(f *feature) badge {
	b := p.badge(f.verdict, p.known("feature.", string(f.verdict)))
	b.Name = p.feature(f)
	return b
}

func (p *page) moment(t time.Time) moment { return moment{p.minute(t), t.Format(time.RFC3339)} }

// links are texts of which those that are pages on the web can be followed: of
// another scheme, or with somebody's name and password in it, an address is
// shown and leads nowhere.
func links(texts []string) []link {
	var all []link
	for _, t := range texts {
		l := link{Text: t}
		if u, err := url.Parse(t); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil {
			l.URL = t
		}
		all = append(all, l)
	}
	return all
}
