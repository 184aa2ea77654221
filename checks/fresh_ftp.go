package checks

import (
	"context"
	"path"
	"strings"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// onFTP looks at a server's directory.
func (c *freshCheck) onFTP(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	own, unfit, err := c.FTP.trust.own(ctx, t)
	if err != nil || unfit.Verdict != "" {
		return unfit, err
	}
	s := newFTPSession(t, c.FTP)
	s.way.own = own
	defer s.close()
	newest, err := c.newestOnFTP(ctx, s)
	out := engine.Outcome{Results: s.results}
	if err != nil {
		out.Verdict, out.Detail = s.doubt(err)
		return out, err
	}
	warn(&out, s.remarks, []*here{s.at.here})
	err = c.judge(s.via(ctx), t, newest, &out, func(st *engine.Step) { s.way.note(st, s.at.arrival) })
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

// zones is how far a clock's own time may be behind UTC: vsftpd says it by MDTM,
// where it is told to (use_localtime). A server that knows MLSD is newer than
// such mistakes.
const zones = 12 * time.Hour

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
		exact.zone = zones
		*newest = exact
	}
	return err
}
