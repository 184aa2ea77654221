package report

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strings"

	"netcheck/report/result"
)

// GitHub writes workflow commands, by which a GitHub job shows what is wrong
// beside the profile's line: an error for what failed, a warning for what is
// not known or only recommended, one for each cause and not for each check.
func GitHub(w io.Writer, r *result.Report, o Options) error {
	g := &github{tests: newTests(r, o)}
	g.annotations()
	if r.Verdict != result.Fail && fails(r, o.Strict) {
		g.out.WriteString("netcheck: " + g.word("ci.strict") + "\n")
	}
	if why := g.shortfall(); why != "" {
		g.out.WriteString(harmlessLine("netcheck: "+why) + "\n")
	}
	g.out.WriteString(harmlessLine("netcheck: "+g.known("run.", string(r.Verdict))+g.colon()+g.product()+g.colon()+g.sentence()) + "\n")
	_, err := w.Write(g.out.Bytes())
	return err
}

// shownByGitHub is how many errors, and how many warnings, GitHub shows of a
// step; the last of them says how many more there are.
const shownByGitHub = 10

type github struct {
	*tests
	out bytes.Buffer
}

// annotation is one command.
type annotation struct {
	level       string // error or warning
	line        int
	title, text string
}

func (g *github) annotations() {
	var all []annotation
	at := make(map[*result.Check]int, len(g.r.Checks))
	for i := range g.r.Checks {
		at[&g.r.Checks[i]] = i
	}
	for _, f := range slices.Concat(g.wrong, g.notes) {
		a := annotation{title: g.text(f.Summary), text: strings.Join(append(lines(g.tell(f)[1:]), g.word("terminal.checks")+g.colon()+g.hit(f)), "\n")}
		gravest := bearingNone
		for _, c := range g.explained[f.ID] {
			gravest = max(gravest, g.bearings[at[c]])
			if a.line == 0 {
				a.line = c.Spec.Line
			}
		}
		a.level = g.level(gravest)
		all = append(all, a)
	}
	for i := range g.r.Checks {
		c, b := &g.r.Checks[i], g.bearings[i]
		if len(c.Findings) == 0 && b > bearingPassed {
			all = append(all, annotation{g.level(b), c.Spec.Line, g.titleOn(c) + g.colon() + g.known("verdict.", string(c.Verdict)), strings.Join(lines(g.account(c)), "\n")})
		}
	}
	if whole := g.whole(); whole != "" {
		all = append(all, annotation{level: "error", title: g.product(), text: whole})
	}
	for _, level := range []string{"error", "warning"} {
		of := slices.DeleteFunc(slices.Clone(all), func(a annotation) bool { return a.level != level })
		if hidden := len(of) - shownByGitHub + 1; hidden > 1 {
			of = append(of[:shownByGitHub-1], annotation{level: level, title: g.product(), text: g.more(hidden)})
		}
		for _, a := range of {
			g.command(a)
		}
	}
}

// level is how an annotation shows: what is not known is no error, whatever the
// exit status.
func (g *github) level(b bearing) string {
	if b == bearingFailed || b == bearingOpen && g.o.Strict {
		return "error"
	}
	return "warning"
}

func (g *github) command(a annotation) {
	a.title = cmp.Or(a.title, "netcheck")
	properties := []string{"title=" + propertyText.Replace(a.title)}
	if file := g.profileFile(); file != "" && a.line > 0 {
		properties = slices.Insert(properties, 0, "file="+propertyText.Replace(file), "line="+num(a.line))
	}
	text := cmp.Or(a.text, a.title)
	g.out.WriteString("::" + a.level + " " + strings.Join(properties, ",") + "::" + dataText.Replace(text) + "\n")
}

// What a command is made of must be escaped in its data, and more so in its
// properties.
var (
	dataText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyText = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// harmlessLine makes a line that is no command no command: those of the older
// form may begin anywhere in it.
func harmlessLine(s string) string { return strings.ReplaceAll(s, "##[", "# #[") }
