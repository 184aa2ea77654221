package checks

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// login says who is there. In clear it does so as the product would: that
// others can read it is worth a warning.
func (s *ftpSession) login(ctx context.Context) error {
	if err := s.learn(ctx); err != nil {
		return err
	}
	err := s.slowly(ctx, result.OpLogin, func(ctx context.Context, st *engine.Step) error {
		st.Set("ftp.secure", s.secure)
		st.Set("user.name", s.hide.clean(s.server.User, 64))
		r, err := s.say(ctx, st, "USER", s.server.User)
		if err != nil {
			return s.demand(st, "USER", r, err)
		}
		switch {
		case r.Is(2):
			return nil // some want no password
		case r.Code != 331:
			return s.demand(st, "USER", r, s.refusal(result.FailFTPLogin, "USER", r))
		}
		password := s.server.Password.Reveal()
		switch {
		case password == "" && s.server.anonymous():
			password = "anonymous@"
		case password == "":
			return engine.Failed(result.FailFTPPassword, errors.New("the server asks for a password, and none is given"))
		}
		server := fmt.Sprintf("ftp %s:%d, TLS %t", s.server.Host, s.server.port(), s.secure)
		r, err = loginAt[*talk.FTPReply](ctx, s.t, server, s.server.User, password).try(ctx, result.FailFTPLogin, func() (*talk.FTPReply, error) {
			r, err := s.say(ctx, st, "PASS", password)
			if err == nil && !r.Is(2) {
				err = s.refusal(result.FailFTPLogin, "PASS", r)
			}
			return r, err
		})
		if err != nil && r != nil {
			st.Set("ftp.command", "PASS")
			st.Set("ftp.reply_code", r.Code)
			st.Set("ftp.reply", s.hide.clean(r.String(), 200)) // perhaps to another check
		}
		return s.demand(st, "PASS", r, err)
	})
	if err != nil {
		return err
	}
	if !s.secure && !s.server.anonymous() {
		s.clearText(ctx)
	}
	if s.secure {
		if err := s.seal(ctx); err != nil {
			return err
		}
	}
	return s.learn(ctx) // some say more to who is known
}

// policy are the codes by which servers say that they want TLS first: for
// reasons of policy (RFC 2228), and what IIS, vsftpd, ProFTPD, Pure-FTPd and
// FileZilla use to the same end.
var policy = []int{talk.FTPGoingDown, 503, 522, 530, 550}

// wantsTLS are the words in which servers say so, whatever the code. Not all
// list AUTH TLS among their features, and firewalls take it off the list.
var wantsTLS = regexp.MustCompile(`(?i)\bmust use (encryption|tls|ssl)|\b(tls|ssl|ftps|encryption|auth(entication)? (tls|ssl)) (is |session |connection )*(required|first)|\brequires? (a |an |explicit )*(tls|ssl|encrypt|secure)|\buse auth (tls |ssl )?first|\bclear ?text (session|login|connection|password|ftp)\w* (is|are) not|\bnot? (un|non-)encrypted`)

// demand tells a login that is refused for want of TLS from one that is refused
// for who it is. Before the password is known a server that offers TLS has
// little else to object to.
func (s *ftpSession) demand(st *engine.Step, after string, r *talk.FTPReply, err error) error {
	if err == nil || r == nil || s.secure {
		return err
	}
	st.Set("ftp.offers_tls", s.offersTLS)
	forPolicy := slices.Contains(policy, r.Code) && (s.offersTLS && after == "USER" || wantsTLS.MatchString(r.Text()))
	if r.Code == 534 || forPolicy {
		return s.refusal(result.FailFTPTLSRequired, after, r)
	}
	return err
}

// clearText records that the password went in clear: a warning.
func (s *ftpSession) clearText(ctx context.Context) {
	_ = s.t.Span(s.via(ctx), result.OpCompare, func(_ context.Context, st *engine.Step) error {
		s.way.note(st, s.at.arrival)
		st.Set("ftp.offers_tls", s.offersTLS)
		return engine.Failed(result.FailFTPClearText, errors.New("user name and password went over the network in clear"))
	})
	s.remarks = append(s.remarks, "user name and password went over the network in clear")
}

// seal asks for TLS on data connections as well. A server may refuse: files that
// go in clear are not what a profile means by TLS, and else worth a warning.
func (s *ftpSession) seal(ctx context.Context) error {
	var open error
	err := s.step(ctx, result.OpProtect, func(ctx context.Context, st *engine.Step) error {
		if _, err := s.say(ctx, st, "PBSZ", "0"); err != nil {
			return err
		}
		r, err := s.say(ctx, st, "PROT", "P")
		if err != nil {
			return err
		}
		s.sealed = r.Is(2)
		switch {
		case s.sealed:
			return nil
		case s.server.Security == ftpExplicit, s.server.Security == ftpImplicit:
			return s.refusal(result.FailFTPNoTLS, "PROT P", r)
		case s.server.anonymous():
			return nil // what anybody may fetch
		}
		s.remarks = append(s.remarks, "the login is encrypted, and the files go over the network in clear")
		open = s.refusal(result.FailFTPClearText, "PROT P", r)
		return open
	})
	if open != nil {
		return nil
	}
	return err
}

// change goes to the directory of the profile.
func (s *ftpSession) change(ctx context.Context) error {
	if s.server.Directory == "" {
		return nil
	}
	return s.step(ctx, result.OpDirectory, func(ctx context.Context, st *engine.Step) error {
		if s.has("UTF8") && !isASCII(s.server.Directory) {
			if _, err := s.say(ctx, st, "OPTS", "UTF8 ON"); err != nil { // IIS reads names in its own code page till then
				return err
			}
		}
		st.Set("user.name", s.hide.clean(s.server.User, 64))
		st.Set("ftp.directory", talk.Clean(s.server.Directory, 200))
		r, err := s.say(ctx, st, "CWD", s.server.Directory)
		if err != nil {
			return err
		}
		if !r.Is(2) {
			return s.refusal(result.FailFTPDirectory, "CWD", r)
		}
		return nil
	})
}

func isASCII(s string) bool {
	return !slices.ContainsFunc([]byte(s), func(b byte) bool { return b >= 0x80 })
}
