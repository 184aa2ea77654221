package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"netcheck/profiles"
	"netcheck/report/i18n"
)

// siteFile is where answers are remembered, and looked for, where --site names
// no other file: in the folder that netcheck was started in.
const siteFile = "netcheck-site.yaml"

// sited is what a run has to do with site files.
type sited struct {
	site  string // --site
	found string // the one that was offered and is used
	spoil bool   // the one that lies there can't be read, and is not to be written over
}

// from is the file that values come from, if there is one.
func (f *sited) from() string { return cmp.Or(f.site, f.found) }

// siteNamed reads the file that --site names.
func siteNamed(file string) (*profiles.Site, error) {
	data, err := readBounded(file)
	if err != nil {
		return nil, usagef("--site: can't read %s: %v", file, reason(err))
	}
	return profiles.ParseSite(file, data)
}

// siteOffered is the site file that nobody named, if there is one with values
// for the profile. They are used only after a person has seen them and said
// so: one may be a host, and a password goes there; and what a job gives must
// not depend on what lies in its folder. Those that are refused are what the
// questions begin with.
func (s *streams) siteOffered(ctx context.Context, p *profiles.Profile, a *asking, who person, from profiles.Sources) (site *profiles.Site, before map[string]string, err error) {
	file := filepath.Join(s.here, siteFile)
	data, err := readBounded(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	var stronger profiles.Values
	if err == nil {
		site, err = profiles.ParseSite(file, data)
	}
	if err == nil {
		if stronger, err = p.Gather(from); err != nil {
			return nil, nil, err // whatever lies there
		}
		from.Site = site
		_, err = p.Gather(from)
	}
	if err != nil {
		s.failure(err)
		s.tell("form.site.ignored", i18n.Data{"File": file})
		a.spoil = true
		return nil, nil, nil
	}
	brought := p.Contributes(site, stronger)
	if len(brought) == 0 {
		return nil, nil, nil
	}
	answer, err := who.ask(ctx, question{
		name: filepath.Base(file), kind: yesNo, was: "yes",
		ask:  i18n.T(a.lang, "form.site.use", i18n.Data{"File": file}),
		hint: inBrief(brought),
	})
	if err != nil {
		return nil, nil, err
	}
	if answer == "yes" {
		a.found = file
		return site, nil, nil
	}
	before = map[string]string{}
	for _, c := range brought {
		if harmless(c.Text) == c.Text {
			before[c.Name] = c.Text
		}
	}
	return nil, before, nil
}

// inBrief lists values for a look, the first of many.
func inBrief(brought []profiles.Contribution) string {
	const most, longest = 12, 60
	var parts []string
	for i, c := range brought {
		if i == most {
			parts = append(parts, "...")
			break
		}
		parts = append(parts, c.Name+"="+ansi.Truncate(harmless(cmp.Or(c.Text, "...")), longest, "..."))
	}
	return strings.Join(parts, ", ")
}

// toRemember is the question whether the answers are to be written down, for
// the file that they would be in.
func (s *streams) toRemember(a *asking, put []question) (q question, file string) {
	file = cmp.Or(a.from(), filepath.Join(s.here, siteFile))
	q = question{
		name: filepath.Base(file), kind: yesNo, was: "no", back: true,
		ask: i18n.T(a.lang, "form.remember", i18n.Data{"File": file}),
	}
	for _, p := range put {
		if p.kind == aSecret {
			q.hint = i18n.T(a.lang, "form.remember.secret", nil)
		}
	}
	return q, file
}

// remember writes answers into a site file. Where that can't be, it is said,
// and the run goes on: it is not what it is for.
func (s *streams) remember(p *profiles.Profile, file string, answers profiles.Values) {
	data, err := readBounded(file)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = nil, nil
	}
	if err == nil {
		data, err = p.Remember(file, data, answers)
	}
	if err == nil {
		err = writeFile(file, func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		})
	}
	if unwritten, ok := errors.AsType[*unwrittenError](err); ok {
		err = unwritten.err
	}
	if err != nil {
		s.message("%s", sentence{"form.unremembered", i18n.Data{"File": file, "Reason": reason(err)}}.in(s.lang))
		return
	}
	s.tell("form.remembered", i18n.Data{"File": file})
}
