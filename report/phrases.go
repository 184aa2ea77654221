package report

import (
	"cmp"
	"strings"
	"time"

	"netcheck/report/i18n"
	"netcheck/report/result"
)

// phrases are what a report says to one reader, in words and without any layout:
// every format of text is made of them.
type phrases struct {
	r    *result.Report
	o    Options
	lang string // of our words

	reader string            // the language that was asked for
	said   map[string]string // words without placeholders, looked up once
	called map[string]string // of a merged report: its machines, by id

	wrong, notes []*result.Finding          // in the order in which they are shown
	numbers      map[string]int             // of findings, by id
	explained    map[string][]*result.Check // by each finding, by its id
	byID         map[string]*result.Check   // the first check of each id, once one was asked for
}

func newPhrases(r *result.Report, o Options) *phrases {
	p := &phrases{
		r: r, o: o, said: map[string]string{},
		lang: i18n.Language(cmp.Or(o.Lang, r.Lang)), reader: cmp.Or(o.Lang, r.Lang),
	}
	p.number()
	return p
}

// word is a text of ours without placeholders.
func (p *phrases) word(key string) string {
	s, ok := p.said[key]
	if !ok {
		s = p.text(i18n.T(p.lang, key, nil))
		p.said[key] = s
	}
	return s
}

// say is a text of ours with placeholders.
func (p *phrases) say(key string, data i18n.Data) string { return p.text(i18n.T(p.lang, key, data)) }

// known is the word for a value of an open list, else the value.
func (p *phrases) known(prefix, value string) string {
	if w := p.word(prefix + value); w != prefix+value {
		return w
	}
	return p.text(value)
}

// text makes a text fit to be shown here.
func (p *phrases) text(s string) string {
	s = Clean(s)
	if !p.o.Unicode {
		s = ASCIIIn(p.lang, s)
	}
	return s
}

// heard is what a probe said.
func (p *phrases) heard(english string) string { return p.text(i18n.Said(p.lang, english)) }

// in chooses a profile's text in the reader's language, which may be one that
// netcheck itself does not speak.
func (p *phrases) in(t result.Text) string { return p.text(t.In(p.reader)) }

// colon stands between what is spoken of and what is said of it.
func (p *phrases) colon() string { return p.word("figures.colon") }

// semicolon stands between two remarks.
func (p *phrases) semicolon() string { return p.word("figures.semicolon") }

// duration is a time as people read it.
func (p *phrases) duration(d result.Duration) string {
	return p.text(i18n.Duration(p.lang, time.Duration(d)))
}

// minute is when something was.
func (p *phrases) minute(t time.Time) string {
	return p.text(i18n.Minute(p.lang, t.In(p.zone())))
}

// sentence says in one line how the checks went.
func (p *phrases) sentence() string {
	failed, open, warned, passed, looked := 0, 0, 0, 0, 0
	for i := range p.r.Checks {
		c := &p.r.Checks[i]
		switch c.Verdict {
		case result.Elsewhere, result.NotApplicable:
			continue
		case result.Skip:
			if c.Reason == result.BecauseSelection {
				continue
			}
		}
		looked++
		required := c.Level == result.Required
		switch c.Verdict {
		case result.Pass, result.Attested:
			passed++
		case result.Fail:
			if required {
				failed++
			} else {
				warned++
			}
		case result.Warn:
			warned++
		default: // not known, or a verdict that this netcheck does not know
			if required {
				open++
			} else {
				warned++
			}
		}
	}
	var parts []string
	add := func(key string, n int) {
		if n > 0 {
			parts = append(parts, p.say("terminal."+key, i18n.Data{"Count": n}))
		}
	}
	add("required-failed", failed)
	add("required-open", open)
	add("warned", warned)
	switch {
	case looked == 0 && p.merged():
		parts = append(parts, p.word("terminal.nothing-anywhere"))
	case looked == 0:
		parts = append(parts, p.word("terminal.nothing-here"))
	case passed == looked:
		add("all-passed", passed)
	default:
		add("passed", passed)
	}
	return strings.Join(parts, ", ") + "."
}

// product is what the profile is about.
func (p *phrases) product() string {
	return cmp.Or(p.in(p.r.Profile.Title), p.text(p.r.Profile.ID))
}

func (p *phrases) zone() *time.Location { return cmp.Or(p.o.Zone, time.UTC) }

func (p *phrases) feature(f *feature) string {
	if f.id == "" {
		return p.word("terminal.general")
	}
	return cmp.Or(p.in(f.title), p.text(f.id))
}

func (p *phrases) role(id string) string {
	for _, r := range p.r.Profile.Roles {
		if r.ID == id {
			return cmp.Or(p.in(r.Title), p.text(id))
		}
	}
	return p.text(id)
}
