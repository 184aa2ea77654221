package checks

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

const (
	// maxListing is how long a listing may take, in exchanges: it has a reply
	// before and after it, a handshake and the listing itself.
	maxListing = 4
	// lastWord is how long a server's objection to what went on on the data
	// connection is waited for: it is on its way already.
	lastWord = time.Second
)

// list lists the directory over a data connection. Each entry goes to add.
func (s *ftpSession) list(ctx context.Context, add func(talk.FTPEntry)) error {
	conn, err := s.data(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	err = s.t.Span(s.via(ctx), result.OpList, func(ctx context.Context, st *engine.Step) error {
		ctx, cancel := withTimeout(ctx, maxListing*s.t.Env.Timeout)
		defer cancel()
		s.way.note(st, s.at.arrival)
		began, err := s.begin(ctx, st)
		if err != nil {
			return err
		}
		over, resumed := net.Conn(conn), true
		if s.sealed {
			h, err := s.sealData(ctx, conn)
			if err != nil {
				return s.objection(ctx, st, err)
			}
			over, resumed = h.Conn, h.Resumed
		}
		known, unknown, err := talk.FTPList(ctx, over, !s.noMLSD, time.Now(), add)
		over.Close() // some servers wait for that with their last word
		st.Set("ftp.entries", known)
		if unknown > 0 {
			st.Set("ftp.entries_unknown", unknown)
		}
		s.unknown += unknown
		if began.Is(2) && err == nil {
			return nil // all was said before
		}
		return s.end(ctx, st, conn, resumed, err)
	})
	if err == nil {
		for _, failed := range s.madeUpFor {
			s.partly(ctx, failed)
		}
	}
	return err
}

// begin asks for the listing: by MLSD, whose times are UTC, where the server
// has it.
func (s *ftpSession) begin(ctx context.Context, st *engine.Step) (*talk.FTPReply, error) {
	s.noMLSD = s.noMLSD || !s.has("MLST")
	for {
		command := "MLSD"
		if s.noMLSD {
			command = "LIST"
		}
		r, err := s.say(ctx, st, command, "")
		switch {
		case err != nil:
			return nil, err
		case r.Is(1), r.Is(2):
			return r, nil
		case !s.noMLSD && (r.Code == 500 || r.Code == 502 || r.Code == 504):
			s.noMLSD = true // it said otherwise
			continue
		case r.Code == 450, r.Code == 550:
			return nil, s.refusal(result.FailFTPDirectory, command, r)
		}
		return nil, s.refusal(result.FailFTPData, command, r)
	}
}

// sealData speaks TLS on the data connection, as a further connection of the
// control connection's session. Whose certificate it is was looked at there.
func (s *ftpSession) sealData(ctx context.Context, conn *dial.Conn) (h *talk.Hello, err error) {
	err = s.t.Step(ctx, result.OpHandshake, func(ctx context.Context, st *engine.Step) error {
		s.way.note(st, s.at.arrival)
		st.Set("network.peer.port", int(s.ports[len(s.ports)-1]))
		h, err = talk.Handshake(ctx, conn, talk.HelloOptions{ServerName: s.way.serverName(), Sessions: s.at.session, Certificate: s.way.own})
		if err != nil {
			return noteHandshake(st, s.at.arrival, err)
		}
		st.Set("tls.protocol.version", versionName(h.Version))
		st.Set("tls.resumed", h.Resumed)
		return nil
	})
	return h, err
}

// objection is what the server has to say of a handshake that failed on the
// data connection; else the handshake's own error.
func (s *ftpSession) objection(ctx context.Context, st *engine.Step, err error) error {
	ctx, cancel := context.WithTimeout(ctx, lastWord)
	defer cancel()
	r, silent := s.talk.Reply(ctx)
	if silent != nil || !r.Is(4) && !r.Is(5) {
		return err
	}
	st.Set("ftp.reply_code", r.Code)
	st.Set("ftp.reply", s.hide.clean(r.String(), 200))
	return s.refusal(result.FailFTPTLSReuse, "the TLS handshake for data", r)
}

// end is what became of a listing, by the server's word if there is one: a data
// connection under TLS that breaks off may be all there is, or none.
func (s *ftpSession) end(ctx context.Context, st *engine.Step, conn *dial.Conn, resumed bool, err error) error {
	f := engine.Classify(err)
	switch {
	case errors.Is(err, talk.ErrTooLong):
		st.Set("ftp.cut", true)
		s.cut = true
		return nil
	case f == result.FailReply, f == result.FailTimeout, f == result.FailCanceled:
		if ev := brokenOff(conn, f, err); ev != nil {
			st.Evidence(*ev)
		}
		return err
	}
	r, heard := s.heard(st, "the listing")(s.talk.Reply(ctx))
	switch {
	case heard != nil:
		return heard
	case r.Is(2) && (err == nil || errors.Is(err, io.ErrUnexpectedEOF)):
		return nil
	case r.Is(2):
		return err
	case s.sealed && !resumed:
		return s.refusal(result.FailFTPTLSReuse, "the listing", r)
	}
	return s.refusal(result.FailFTPData, "the listing", r)
}
