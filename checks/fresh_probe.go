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
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// file is the newest of those that match, as far as it is known.
type file struct {
	name   string // "": there is none
	at     time.Time
	within time.Duration // how far at may be off, either way
	zone   time.Duration // how far back it may be, should the server mistake its own time for UTC
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
	case c.SSH != nil:
		return c.onSSH(ctx, t)
	}
	newest, err := c.onMachine(ctx, t)
	if err != nil {
		return engine.Outcome{}, err
	}
	var out engine.Outcome
	err = c.judge(ctx, t, newest, &out, func(*engine.Step) {})
	return out, err
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

// judge compares the newest file's age with what is allowed. whose records whose
// file it is.
func (c *freshCheck) judge(ctx context.Context, t *engine.Trace, newest file, out *engine.Outcome, whose func(*engine.Step)) error {
	return t.Span(ctx, result.OpCompare, func(_ context.Context, st *engine.Step) error {
		whose(st)
		st.Set("file.seen", newest.seen)
		st.Set("file.matching", newest.match)
		pattern := cmp.Or(c.Pattern, "*")
		st.Set("file.pattern", pattern)
		if place := c.place(); place != "" {
			st.Set("file.path", talk.Clean(place, 300))
		}
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
		for fact, limit := range map[string]value.Duration{"file.warn_age_s": c.WarnAge, "file.max_age_s": c.MaxAge} {
			if limit > 0 {
				st.Set(fact, int(time.Duration(limit).Seconds()))
			}
		}
		if newest.within > 0 {
			st.Set("file.age_within_s", int(newest.within.Seconds()))
		}
		if newest.zone > 0 {
			st.Set("file.zone_within_s", int(newest.zone.Seconds()))
		}
		err := c.hold(name, age, newest.within, newest.zone, out)
		if err != nil && newest.cut && out.Verdict == "" {
			return doubt(result.FailStale, fmt.Sprintf("%v; there are more files than the first %d", err, newest.seen))
		}
		return err
	})
}

// place is where the files are looked for, if it is not where a login leads.
func (c *freshCheck) place() string {
	switch {
	case c.FTP != nil:
		return c.FTP.Directory
	case c.SSH != nil:
		return c.SSH.Directory
	}
	return c.Path
}

// hold holds an age to the limits.
func (c *freshCheck) hold(name string, age, within, zone time.Duration, out *engine.Outcome) error {
	limit, soon := time.Duration(c.MaxAge), time.Duration(c.WarnAge)
	text := fmt.Sprintf("the newest file, %s, is %s old", name, aged(age))
	if c.place() != "" && c.Path == "" {
		text = fmt.Sprintf("in %s the newest file, %s, is %s old", talk.Clean(c.place(), 200), name, aged(age))
	}
	switch {
	case limit > 0 && age-within-zone > limit:
		out.Verdict, out.Detail = "", ""
		return engine.Failed(result.FailStale, fmt.Errorf("%s, allowed are %s", text, aged(limit)))
	case limit > 0 && zone > 0 && age > limit:
		out.Verdict = result.Inconclusive
		out.Detail = fmt.Sprintf("%s, allowed are %s; but some servers, this one perhaps, say times of their own zone where those of UTC are due, and it may be younger by hours", text, aged(limit))
		return engine.Failed(result.FailStale, errors.New(out.Detail))
	case limit > 0 && age+within > limit:
		out.Verdict = result.Inconclusive
		out.Detail = fmt.Sprintf("%s, give or take %s, as the server does not say its time zone; allowed are %s", text, aged(within), aged(limit))
		return engine.Failed(result.FailStale, errors.New(out.Detail))
	case soon > 0 && age > soon:
		c.remark(out, text)
		return engine.Failed(result.FailStale, errors.New(text))
	case age+within < -clockSlack:
		c.remark(out, fmt.Sprintf("the newest file, %s, is of a time to come, by %s: a clock is wrong, here or where it was written", name, aged(-age)))
	case out.Detail == "":
		out.Detail = fmt.Sprintf("newest: %s, %s old", name, aged(age))
	}
	return nil
}

func (c *freshCheck) remark(out *engine.Outcome, text string) {
	if out.Detail != "" {
		text = out.Detail + "; " + text
	}
	out.Verdict, out.Detail = result.Warn, text
}

// aged is an age as people say it, fine enough to be told from a limit that it
// is near to.
func aged(d time.Duration) string {
	units := []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "days"}, {time.Hour, "hours"}, {time.Minute, "minutes"}}
	for i, u := range units {
		if d < 2*u.unit {
			continue
		}
		said := fmt.Sprintf("%d %s", d/u.unit, u.name)
		if i+1 < len(units) && d < 10*u.unit && d%u.unit >= 2*units[i+1].unit {
			said += fmt.Sprintf(" %d %s", d%u.unit/units[i+1].unit, units[i+1].name)
		}
		return said
	}
	return fmt.Sprintf("%d seconds", int(max(d, 0).Seconds()))
}
