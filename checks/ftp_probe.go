package checks

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// Probe goes as far as the profile gives it the means to: to the greeting and
// TLS, to the login, to a listing over a data connection.
func (c *ftpCheck) Probe(ctx context.Context, t *engine.Trace) (engine.Outcome, error) {
	own, unfit, err := c.trust.own(ctx, t)
	if err != nil || unfit.Verdict != "" {
		return unfit, err
	}
	s := newFTPSession(t, &c.ftpServer)
	s.way.own = own
	err = c.look(ctx, s)
	s.close()
	out := engine.Outcome{Results: s.results}
	if err != nil {
		out.Verdict, out.Detail = s.doubt(err)
		return out, err
	}
	warn(&out, s.remarks, []*here{s.at.here})
	return out, nil
}

func (c *ftpCheck) look(ctx context.Context, s *ftpSession) error {
	if err := s.open(ctx); err != nil || c.User == "" {
		return err
	}
	if err := s.login(ctx); err != nil {
		return err
	}
	if err := s.change(ctx); err != nil || !c.lists() {
		return err
	}
	if err := s.list(ctx, func(talk.FTPEntry) {}); err != nil {
		return err
	}
	s.lookAgain(ctx)
	if other := slices.DeleteFunc(slices.Clone(s.ports), c.PassivePorts.Contains); len(c.PassivePorts) > 0 && len(other) > 0 {
		s.remarks = append(s.remarks, fmt.Sprintf("for data connections the server offers port %s, which is not one of %s", portList(other), c.PassivePorts))
	}
	return nil
}

// doubt is the verdict of an error that says nothing against the server; "" is
// that it failed.
func (s *ftpSession) doubt(err error) (result.Verdict, string) {
	switch {
	case engine.Classify(err) == result.FailFTPPassword:
		return result.Inconclusive, "the server asks for a password, and none is given"
	case s.elsewhere.IsValid() && isPublic(s.elsewhere) && slices.ContainsFunc(s.results, func(r result.Result) bool { return r.Failure != "" }):
		return result.Inconclusive, strings.Join(s.remarks, "; ")
	}
	return "", ""
}
