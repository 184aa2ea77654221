package talk

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"netcheck/report/result"
)

// FTP is the control connection of a session (RFC 959). It sends what it is
// told and reads the reply: which commands, and what a reply means, is the
// caller's business. Not safe for concurrent use.
type FTP struct {
	conn  net.Conn
	lines *bufio.Reader
}

// NewFTP speaks FTP over a connection, which stays the caller's to close.
func NewFTP(conn net.Conn) *FTP {
	return &FTP{conn: conn, lines: bufio.NewReaderSize(conn, maxFTPLine)}
}

// FTPReply is what a server said. Its text is made harmless, and may still
// hold what the server was told.
type FTPReply struct {
	Code  int
	Lines []string // without code; of most replies one
}

// maxFTPShown is how much of a line is kept: more than any reply of use has.
const maxFTPShown = 500

// Text is the reply in the server's own words, on one line.
func (r *FTPReply) Text() string { return Clean(strings.Join(r.Lines, " "), 200) }

func (r *FTPReply) String() string { return strings.TrimSpace(fmt.Sprintf("%d %s", r.Code, r.Text())) }

// Is reports whether the reply's code is of a class, the first digit: 1 goes
// on, 2 done, 3 wants more, 4 not now, 5 never.
func (r *FTPReply) Is(class int) bool { return r.Code/100 == class }

// FTPError is a control connection that ended, or that speaks something else.
type FTPError struct {
	Code result.Failure
	Raw  []byte // what came in place of a reply
	Err  error
}

func (e *FTPError) Error() string           { return "ftp: " + e.Err.Error() }
func (e *FTPError) Unwrap() error           { return e.Err }
func (e *FTPError) Failure() result.Failure { return e.Code }

// Command sends a command and reads its reply. Its error is ctx's or an
// *FTPError; what it was told is in neither.
func (f *FTP) Command(ctx context.Context, verb, arg string) (*FTPReply, error) {
	defer bound(ctx, f.conn)()
	for range maxUnasked {
		if f.lines.Buffered() == 0 {
			break
		}
		// RFC 959 has one reply to a command: what is there already was said
		// unasked, and would be taken for the answer to this one.
		if r, err := readFTPReply(f.lines); err != nil || r.Code == FTPGoingDown {
			return r, f.wrong(ctx, err)
		}
	}
	line := verb
	if arg != "" {
		line += " " + arg
	}
	if _, err := f.conn.Write([]byte(line + "\r\n")); err != nil {
		return nil, f.wrong(ctx, err)
	}
	return f.reply(ctx)
}

// FTPGoingDown is the code of what a server may say at any time, before it
// hangs up.
const FTPGoingDown = 421

// maxUnasked bounds the replies that are passed over.
const maxUnasked = 16

// Reply reads a reply that comes unasked: the greeting, the end of a transfer.
func (f *FTP) Reply(ctx context.Context) (*FTPReply, error) {
	defer bound(ctx, f.conn)()
	return f.reply(ctx)
}

func (f *FTP) reply(ctx context.Context) (*FTPReply, error) {
	r, err := readFTPReply(f.lines)
	return r, f.wrong(ctx, err)
}

// wrong gives an error of the connection a name.
func (f *FTP) wrong(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, named := errors.AsType[*FTPError](err); named {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &FTPError{Code: failureOf(err), Err: err}
}

// Silent tells, after the server agreed to TLS, whether it said no more in
// clear. That is an error: it may be anybody's word (RFC 4217 has none on it,
// CVE-2011-0411 does).
func (f *FTP) Silent() error {
	if f.lines.Buffered() > 0 {
		return &FTPError{Code: result.FailReply, Err: errors.New("the server went on in clear after it agreed to TLS")}
	}
	return nil
}

// Secure goes on above TLS.
func (f *FTP) Secure(h *Hello) {
	f.conn = h.Conn
	f.lines.Reset(h.Conn)
}

const (
	maxFTPLine  = 4096 // of a reply: RFC 959 has no bound, FEAT and banners stay far below
	maxFTPLines = 500  // of a reply: a server's rules before the login
)

// readFTPReply reads a reply of one line or several, within bounds.
func readFTPReply(b *bufio.Reader) (*FTPReply, error) {
	var r *FTPReply
	var end string
	for range maxFTPLines {
		line, err := b.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, notFTP(line, "a line of the reply is longer than 4 KiB")
		case err != nil && r == nil && len(line) >= 3 && !isFTPLine(line):
			return nil, notFTP(line, "the answer is not FTP")
		case err != nil:
			return nil, err
		}
		text := strings.TrimRight(string(line), "\r\n")
		if r == nil {
			if !isFTPLine(line) {
				return nil, notFTP(line, "the answer is not FTP")
			}
			r = &FTPReply{Code: int(text[0]-'0')*100 + int(text[1]-'0')*10 + int(text[2]-'0')}
			end = text[:3] + " "
			r.add(text[min(4, len(text)):])
			if len(text) == 3 || text[3] == ' ' {
				return r, nil
			}
			continue
		}
		if strings.HasPrefix(text, end) || text == end[:3] {
			r.add(text[min(4, len(text)):])
			return r, nil
		}
		r.add(strings.TrimPrefix(text, end[:3]+"-"))
	}
	return nil, notFTP(nil, "the reply has more than 500 lines")
}

func (r *FTPReply) add(text string) {
	if text = Clean(text, maxFTPShown); text != "" {
		r.Lines = append(r.Lines, text)
	}
}

// isFTPLine reports whether a line begins as a reply's first one: a code from
// 100 to 659, and a blank, a hyphen or nothing (RFC 959, 4.2; RFC 2228).
func isFTPLine(line []byte) bool {
	if len(line) < 3 || line[0] < '1' || line[0] > '6' || line[1] < '0' || line[1] > '5' || line[2] < '0' || line[2] > '9' {
		return false
	}
	return len(line) == 3 || line[3] == ' ' || line[3] == '-' || line[3] == '\r' || line[3] == '\n'
}

func notFTP(seen []byte, why string) error {
	return &FTPError{Code: result.FailReply, Raw: append([]byte(nil), seen[:min(len(seen), 64)]...), Err: errors.New(why)}
}

// Quit says goodbye. Nobody waits for the answer.
func (f *FTP) Quit() {
	_ = f.conn.SetDeadline(time.Now().Add(goodbye))
	_, _ = f.conn.Write([]byte("QUIT\r\n"))
}

// goodbye is as long as a write to a connection that takes nothing more may
// hold up the end of a run.
const goodbye = 20 * time.Millisecond

// Sessions keeps the last TLS session of a server for its next connection,
// whatever that one's port: crypto/tls' own cache knows servers without a name
// by address and port. The zero Sessions is empty.
type Sessions struct {
	mu   sync.Mutex
	last *tls.ClientSessionState
}

// Get returns the last session.
func (s *Sessions) Get(string) (*tls.ClientSessionState, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, s.last != nil
}

// Put keeps a session. That one is of no more use is not believed: only TLS
// 1.3 says so of tickets, and has others.
func (s *Sessions) Put(_ string, cs *tls.ClientSessionState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cs != nil {
		s.last = cs
	}
}
