package firewall

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"netcheck/report"
	"netcheck/report/i18n"
)

// field is one of the things that a rule says.
type field struct{ key, label, text string }

// fields are what a rule says, in the order to read them.
func (w *words) fields(s *Sheet, r *Rule) []field {
	service := "service"
	if r.Block {
		service = "closed"
	}
	var all []field
	add := func(key, text string) {
		all = append(all, field{key, w.word("firewall.label." + key), text})
	}
	add("direction", w.direction(r))
	add("from", w.from(s, r))
	add("to", w.to(s, r))
	add(service, w.service(r))
	add("app", w.app(r))
	add("level", w.known("level.", string(r.Level)))
	add("why", w.why(r))
	add("who", w.owner(r))
	add("notes", strings.Join(w.notes(s, r), " "))
	return all
}

// head are the lines above the rules.
func (w *words) head(s *Sheet) []string {
	lines := []string{w.say("firewall.revision", i18n.Data{"ID": w.text(s.Profile.ID), "Revision": w.text(s.Profile.Revision)})}
	if s.Source != "" {
		key := "firewall.source"
		if s.Seen != "" {
			key = "firewall.source-seen"
		}
		lines[0] += ", " + w.say(key, i18n.Data{"URL": w.text(s.Source), "Seen": w.text(s.Seen)})
	}
	if len(s.Rules) > 0 && !s.Blocked {
		lines = append(lines, w.word("firewall.names-first"))
	}
	if s.Part {
		lines = append(lines, w.word("firewall.part"))
	}
	if len(s.Unknown) > 0 {
		lines = append(lines, w.say("firewall.unknown", i18n.Data{"Names": w.list(s.Unknown)}))
	}
	return lines
}

// title is what the rules are.
func (w *words) title(s *Sheet) string {
	if !s.Blocked {
		return w.say("firewall.title", i18n.Data{"Product": w.product()})
	}
	data := i18n.Data{"Product": w.product(), "When": w.minute(s.Measured)}
	if !slices.ContainsFunc(s.Rules, func(r Rule) bool { return !r.Unsure }) {
		return w.heading(w.say("firewall.maybe-title", data))
	}
	return w.heading(w.say("firewall.blocked-title", data))
}

// section is one machine's part of the sheet.
type section struct {
	title string
	rules []*Rule
}

func (w *words) sections(s *Sheet) []section {
	var all []section
	last := "-"
	for i := range s.Rules {
		r := &s.Rules[i]
		if role := s.machine(r); role != last {
			title := w.machine(role)
			if role == everyMachine {
				title = w.word("firewall.several")
			}
			if at := s.At[role]; len(at) > 0 {
				title += " (" + w.list(at) + ")"
			}
			all, last = append(all, section{title: title}), role
		}
		all[len(all)-1].rules = append(all[len(all)-1].rules, r)
	}
	return all
}

// table writes a sheet as text.
func table(out io.Writer, s *Sheet, o report.Options) error {
	w := newWords(&s.Profile, o)
	t := texts{wide: max(40, min(cmp.Or(o.Width, 80), 100))}
	t.para("", "", w.title(s))
	for _, l := range w.head(s) {
		t.para("", "", l)
	}
	if len(s.Rules) == 0 {
		t.para("", "", w.word("firewall.nothing"))
	}
	n := 0
	for _, part := range w.sections(s) {
		t.line("")
		t.para("", "", part.title)
		for _, r := range part.rules {
			n++
			t.line("")
			t.rule(fmt.Sprintf("%2d. ", n), w.fields(s, r))
		}
	}
	_, err := out.Write(t.Bytes())
	return err
}

// texts is lines of a bounded width.
type texts struct {
	bytes.Buffer
	wide int
}

func (t *texts) line(s string) {
	t.WriteString(strings.TrimRight(s, " "))
	t.WriteByte('\n')
}

// rule writes a rule behind its number, each of its fields behind its name.
func (t *texts) rule(number string, fields []field) {
	widest := 0
	for _, f := range fields {
		widest = max(widest, width(f.label))
	}
	lead := number
	for _, f := range fields {
		if f.text == "" {
			continue
		}
		name := f.label + strings.Repeat(" ", widest-width(f.label)+2)
		t.para(lead+name, strings.Repeat(" ", width(lead+name)), f.text)
		lead = strings.Repeat(" ", len(number))
	}
}

// para wraps a text; what does not break, such as an address, stays whole.
func (t *texts) para(first, rest, s string) {
	lead := first
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && width(lead)+width(line)+1+width(word) > t.wide {
			t.line(lead + line)
			lead, line = rest, ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	t.line(lead + line)
}
