package checks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// file is the newest of those that match, as far as it is known.
type file struct {
	name   string // "": there is none
	at     time.Time
	within time.Duration // how far at may be off, either way
	seen   int           // files and folders that were looked at
	match  int           // files that match
	cut    bool          // there are more than were looked at
}

// offer takes a file into account. Of files of the same time the last by name
// stays, so that no two runs differ.
func (f *file) offer(name string, at time.Time, within time.Duration) {
	f.match++
	if newer := at.Compare(f.at); f.name == "" || newer > 0 || newer == 0 && name > f.name {
		f.name, f.at, f.within = name, at, within
	}
}

// Probe looks for the newest file and at its age.
func (c *freshCheck) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	switch {
	case c.FTP != nil:
		return c.onFTP(ctx, t)
	default:
		newest, err := c.onMachine(ctx, t)
		if err != nil {
			return engine.Outcome{}, err
		}
		var out engine.Outcome
		err = c.judge(ctx, t, newest, &out, nil)
		return out, err
	}
}

// onFTP looks at a server's directory.
func (c *freshCheck) onFTP(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	s := newFTPSession(t, c.FTP)
	defer s.close()
	newest, err := c.newestOnFTP(ctx, s)
	out := engine.Outcome{Results: s.results}
	if err != nil {
		out.Verdict, out.Detail = s.doubt(err)
		return out, err
	}
	warn(&out, s.remarks, []*here{s.at.here})
	err = c.judge(ctx, t, newest, &out, s)
	return out, err
}

func (c *freshCheck) newestOnFTP(ctx context.Context, s *ftpSession) (file, error) {
	var newest file
	if err := s.open(ctx); err != nil {
		return newest, err
	}
	if err := s.login(ctx); err != nil {
		return newest, err
	}
	if err := s.change(ctx); err != nil {
		return newest, err
	}
	var lacking []string // files of which the listing has no time
	err := s.list(ctx, func(e talk.FTPEntry) {
		newest.seen++
		switch {
		case e.Dir || !c.matches(path.Base(e.Name)):
		case e.Time.IsZero():
			newest.match++
			if len(lacking) < maxDated {
				lacking = append(lacking, e.Name)
			}
		default:
			newest.offer(e.Name, e.Time, e.Within)
		}
	})
	newest.cut = s.cut
	if err != nil {
		return newest, err
	}
	return newest, s.date(ctx, &newest, lacking)
}

// maxDated is how many files are asked for their time by themselves.
const maxDated = 20

// date asks for the times that the listing does not say, or not exactly, by
// MDTM, which is in UTC (RFC 3659).
func (s *ftpSession) date(ctx context.Context, newest *file, lacking []string) error {
	exact := *newest
	if newest.name != "" && newest.within > 0 {
		lacking = append(lacking, newest.name)
		exact.name = ""
	}
	if len(lacking) == 0 {
		return nil
	}
	err := s.step(ctx, result.OpList, func(ctx context.Context, st *engine.Step) error {
		for _, name := range lacking {
			if strings.ContainsAny(name, "\r\n\x00") {
				continue
			}
			r, err := s.say(ctx, st, "MDTM", name)
			if err != nil {
				return err
			}
			if at, ok := talk.ParseFTPTime(r.Text()); ok && r.Code == 213 {
				exact.offer(name, at, 0)
			}
		}
		return nil
	})
	if exact.name != "" {
		exact.match = newest.match
		*newest = exact
	}
	return err
}

// matches reports whether a file counts, whatever the case of its letters:
// servers and systems differ in whether they tell them apart.
func (c *freshCheck) matches(name string) bool {
	ok, err := path.Match(strings.ToLower(cmp.Or(c.Pattern, "*")), strings.ToLower(name))
	return ok && err == nil
}

// clockSlack is how far in the future a file's time may lie before the clocks
// are worth a remark: no two machines quite agree.
const clockSlack = 5 * time.Minute

// judge compares the newest file's age with what is allowed.
func (c *freshCheck) judge(ctx context.Context, t *engine.Trace, newest file, out *engine.Outcome, s *ftpSession) error {
	return t.Span(ctx, result.OpCompare, func(_ context.Context, st *engine.Step) error {
		if s != nil {
			s.way.note(st, s.at.arrival)
		}
		st.Set("file.seen", newest.seen)
		st.Set("file.matching", newest.match)
		pattern := cmp.Or(c.Pattern, "*")
		doubt := func(f result.Failure, why string) error {
			out.Verdict, out.Detail = result.Inconclusive, why
			return engine.Failed(f, errors.New(why))
		}
		switch {
		case newest.match == 0 && newest.cut:
			return doubt(result.FailMissing, fmt.Sprintf("of the first %d entries none is a file that matches %s; there are more", newest.seen, pattern))
		case newest.match == 0:
			out.Verdict, out.Detail = "", ""
			return engine.Failed(result.FailMissing, fmt.Errorf("of %d entries none is a file that matches %s", newest.seen, pattern))
		case newest.name == "":
			return doubt(result.FailStale, fmt.Sprintf("files match %s, and nothing says how old they are", pattern))
		}
		name := talk.Clean(path.Base(newest.name), 100)
		age := time.Since(newest.at)
		st.Set("file.name", name)
		st.Set("file.modified", newest.at.UTC().Format(time.RFC3339))
		st.Set("file.age_s", int(age.Seconds()))
		if newest.within > 0 {
			st.Set("file.age_within_s", int(newest.within.Seconds()))
		}
		err := c.hold(name, age, newest.within, out)
		if err != nil && newest.cut && out.Verdict == "" {
			return doubt(result.FailStale, fmt.Sprintf("%v; there are more files than the first %d", err, newest.seen))
		}
		return err
	})
}

// hold holds an age to the limits.
func (c *freshCheck) hold(name string, age, within time.Duration, out *engine.Outcome) error {
	limit, soon := time.Duration(c.MaxAge), time.Duration(c.WarnAge)
	text := fmt.Sprintf("the newest file, %s, is %s old", name, aged(age))
	switch {
	case limit > 0 && age-within > limit:
		out.Verdict, out.Detail = "", ""
		return engine.Failed(result.FailStale, fmt.Errorf("%s, allowed are %s", text, aged(limit)))
	case limit > 0 && age+within > limit:
		out.Verdict = result.Inconclusive
		out.Detail = fmt.Sprintf("%s, give or take %s, as the server does not say its time zone; allowed are %s", text, aged(within), aged(limit))
		return engine.Failed(result.FailStale, errors.New(out.Detail))
	case soon > 0 && age > soon:
		c.remark(out, text)
		return engine.Failed(result.FailStale, errors.New(text))
	case age+within < -clockSlack:
		c.remark(out, fmt.Sprintf("the newest file, %s, is of a time to come, by %s: a clock is wrong, here or where it was written", name, aged(-age)))
	}
	return nil
}

func (c *freshCheck) remark(out *engine.Outcome, text string) {
	if out.Detail != "" {
		text = out.Detail + "; " + text
	}
	out.Verdict, out.Detail = result.Warn, text
}

// aged is an age as people say it.
func aged(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	}
	return fmt.Sprintf("%d seconds", int(max(d, 0).Seconds()))
}
