package talk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"netcheck/report/result"
)

// StartTLS is a protocol in which TLS is asked for once the connection stands.
type StartTLS struct {
	Name   string
	Greets bool // the server speaks first
	Port   int  // where it is commonly spoken, for a hint
	greet  func(*lines) (string, error)
	ask    func(*lines) (Offer, error)
}

// Offer is what a server says to the wish for TLS.
type Offer struct {
	Listed bool   // it named TLS among what it can do
	Masked bool   // what it can do, or its greeting, was written over by X or *, as some firewalls do
	Said   string // to the wish itself, made harmless
}

// StartTLSProtocols lists those that are spoken.
func StartTLSProtocols() []StartTLS {
	return []StartTLS{
		{"ftp", true, 21, greetAs("ftp"), askFTP},
		{"smtp", true, 25, greetAs("smtp"), askSMTP},
		{"imap", true, 143, greetIMAP, askIMAP},
		{"pop3", true, 110, greetPOP3, askPOP3},
		{"postgres", false, 5432, nil, askPostgres},
		{"ldap", false, 389, nil, askLDAP},
	}
}

// StartTLSProtocol finds one by its name.
func StartTLSProtocol(name string) (StartTLS, bool) {
	all := StartTLSProtocols()
	i := slices.IndexFunc(all, func(p StartTLS) bool { return p.Name == name })
	if i < 0 {
		return StartTLS{}, false
	}
	return all[i], true
}

// Wish is a wish for TLS under way: greeting first, then the wish.
type Wish struct {
	of    StartTLS
	conn  net.Conn
	lines *lines
}

// Wish begins one with whoever is at the other end of conn.
func (p StartTLS) Wish(conn net.Conn) *Wish {
	left := &io.LimitedReader{R: conn, N: maxReplies}
	return &Wish{p, conn, &lines{conn: conn, left: left, r: bufio.NewReaderSize(left, maxLine)}}
}

// Greeting waits for the server's first words, and returns them made harmless.
// What is another protocol's is an error whose Failure is FailReply.
func (w *Wish) Greeting(ctx context.Context) (string, error) {
	if w.of.greet == nil {
		return "", nil
	}
	defer bound(ctx, w.conn)()
	said, err := w.of.greet(w.lines)
	return Clean(said, 120), w.explain(ctx, err)
}

// Ask asks for TLS. After it, without an error, the next byte on the connection
// is TLS'. A server that declines is a FailNoStartTLS; the offer is then what is
// known of it.
func (w *Wish) Ask(ctx context.Context) (Offer, error) {
	defer bound(ctx, w.conn)()
	offer, err := w.of.ask(w.lines)
	offer.Masked = offer.Masked || w.lines.masked
	offer.Said = Clean(offer.Said, 120)
	if err == nil && w.lines.r.Buffered() > 0 {
		// Words in clear that would pass for words under TLS (CVE-2011-0411).
		err = &StartTLSError{result.FailReply, errors.New("the server says more in clear after it has agreed to TLS")}
	}
	return offer, w.explain(ctx, err)
}

// StartTLSError is a wish for TLS that was not granted.
type StartTLSError struct {
	Code result.Failure
	Err  error
}

func (e *StartTLSError) Error() string           { return Clean(e.Err.Error(), 300) }
func (e *StartTLSError) Unwrap() error           { return e.Err }
func (e *StartTLSError) Failure() result.Failure { return e.Code }

func (w *Wish) explain(ctx context.Context, err error) error {
	own, isOwn := errors.AsType[*StartTLSError](err)
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return &StartTLSError{result.FailCanceled, ctx.Err()}
	case isOwn:
		return own
	}
	return &StartTLSError{failureOf(err), err}
}

func declined(said string) error {
	return &StartTLSError{result.FailNoStartTLS, fmt.Errorf("the server declines TLS: %q", Clean(said, 120))}
}

func notOffered() error {
	return &StartTLSError{result.FailNoStartTLS, errors.New("the server does not offer TLS")}
}

func strange(proto, said string) error {
	text := fmt.Sprintf("no %s: the answer begins %q", proto, Clean(said, 60))
	if p := Recognise([]byte(said)); p.Proto != "other" && p.Proto != proto && p.Proto != "silent" {
		text = fmt.Sprintf("no %s but %s", proto, p)
	}
	return &StartTLSError{result.FailReply, errors.New(text)}
}

// Bounds on what a server may say before TLS begins: a line of RFC 5321 has 512
// bytes, IMAP's lists of capabilities are longer.
const (
	maxLine    = 4 << 10
	maxReplies = 64 << 10
)

// lines is a conversation by lines, in clear and within bounds.
type lines struct {
	conn   io.Writer
	r      *bufio.Reader
	left   *io.LimitedReader // below r
	masked bool              // words written over by X or * were seen
}

var errTooLong = &StartTLSError{result.FailReply, errors.New("the server's answer has no end")}

// next is one line, without its end.
func (l *lines) next() (string, error) {
	b, err := l.r.ReadSlice('\n')
	line := strings.TrimRight(string(b), "\r\n")
	switch {
	case errors.Is(err, bufio.ErrBufferFull), err != nil && l.left.N <= 0:
		return line, errTooLong
	case err != nil && len(b) > 0 && errors.Is(err, io.EOF):
		return line, io.ErrUnexpectedEOF
	case err != nil:
		return "", err
	}
	l.masked = l.masked || masked(line)
	return line, nil
}

func (l *lines) say(line string) error {
	_, err := io.WriteString(l.conn, line+"\r\n")
	return err
}

// masked reports whether a firewall has written over a line, as Cisco's
// inspection of SMTP does: what it does not know becomes XXXXXXXA, and in the
// greeting asterisks.
func masked(line string) bool {
	return strings.Contains(line, "XXXXXXXA") || strings.Contains(line, "XXXXXXXB") || strings.Contains(line, "XXXXXXXC") || strings.Contains(line, "********")
}
