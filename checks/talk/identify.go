package talk

import (
	"bytes"
	"context"
	"errors"
	"net"
	"regexp"
	"strings"
	"time"

	"netcheck/report/result"
)

// Peer is who answers on a port.
type Peer struct {
	Proto  string // ssh, ftp, smtp, pop3, imap, vnc, telnet, http, tls, other, silent
	Banner string // in its own words, made harmless; of TLS the certificate's subject
	First  bool   // it spoke first, unasked
	Hello  *Hello // if it is TLS; its Conn is closed
}

// String is the peer for a reader: "ssh (SSH-2.0-OpenSSH_9.7)".
func (p Peer) String() string {
	if p.Banner == "" {
		return p.Proto
	}
	return p.Proto + " (" + p.Banner + ")"
}

// IdentifyOptions steer Identify.
type IdentifyOptions struct {
	Redial     func(context.Context) (net.Conn, error) // another connection to the same port
	ServerName string                                  // for SNI and the Host header; may be empty
	Patience   time.Duration                           // how long a greeting is waited for: some servers look the client up first
}

// Identify finds out who is at the other end of conn, politely: it waits for a
// greeting, then offers TLS, then asks as a browser would. It closes conn. A
// peer that accepts and stays silent is an answer, not an error; the error is
// the connection's, if it broke before anything could be told.
func Identify(ctx context.Context, conn net.Conn, o IdentifyOptions) (Peer, error) {
	defer conn.Close()
	greeting, err := listen(ctx, conn, o.Patience)
	if len(greeting) > 0 {
		p := Recognise(greeting)
		p.First = true
		return p, nil
	}
	if err != nil && !isTimeout(err) {
		return Peer{}, &PeerError{failureOf(err), err}
	}
	if ctx.Err() != nil {
		return Peer{}, ctx.Err()
	}

	// The greeting did not come, so the connection is still unused.
	share, cancel := half(ctx)
	hello, err := Handshake(share, conn, HelloOptions{ServerName: o.ServerName})
	cancel()
	if err == nil {
		return tlsPeer(hello), nil
	}
	te, ok := errors.AsType[*TLSError](err)
	said := Peer{Proto: "silent"} // it accepts and has nothing to say to us
	switch {
	case ctx.Err() != nil:
		return Peer{}, ctx.Err()
	case ok && te.Code == result.FailNotTLS:
		// What a web server says to a ClientHello is a complaint, in some
		// without even a status line: it is asked again as it expects.
		if said = Recognise(te.Raw); said.Proto != "http" && said.Proto != "other" {
			return said, nil
		}
	case ok && (te.Alert >= 0 || te.Code == result.FailTLSVersion):
		return Peer{Proto: "tls", Banner: Clean(te.Err.Error(), 120)}, nil
	}

	again, err := o.Redial(ctx)
	if err != nil {
		if said.Proto != "silent" {
			return said, nil
		}
		return Peer{}, err
	}
	defer again.Close()
	answer, err := askHTTP(ctx, again, o.ServerName)
	switch {
	case len(answer) > 0:
		if p := Recognise(answer); p.Proto != "other" || said.Proto == "silent" {
			return p, nil
		}
		return said, nil
	case said.Proto != "silent" || ctx.Err() == nil || isTimeout(err):
		return said, nil
	}
	return Peer{}, ctx.Err()
}

// PeerError is a connection that ended before the peer could be told.
type PeerError struct {
	Code result.Failure
	Err  error
}

func (e *PeerError) Error() string           { return "greeting: " + e.Err.Error() }
func (e *PeerError) Unwrap() error           { return e.Err }
func (e *PeerError) Failure() result.Failure { return e.Code }

// half is ctx with half of the time that is left.
func half(ctx context.Context) (context.Context, context.CancelFunc) {
	if d, ok := ctx.Deadline(); ok {
		return context.WithTimeout(ctx, time.Until(d)/2)
	}
	return context.WithTimeout(ctx, 5*time.Second)
}

// maxGreeting bounds what is read of a greeting.
const maxGreeting = 2048

// listen reads what comes unasked: the first bytes, and a moment more for the
// rest of a greeting of several lines.
func listen(ctx context.Context, conn net.Conn, patience time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	release := bound(ctx, conn)
	buf := make([]byte, maxGreeting)
	n, err := conn.Read(buf)
	release()
	for n > 0 && n < len(buf) && !bytes.ContainsRune(buf[:n], '\n') && err == nil {
		var m int
		_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond)) // the rest of a line is on its way
		m, err = conn.Read(buf[n:])
		n += m
	}
	return buf[:n], err
}

func askHTTP(ctx context.Context, conn net.Conn, host string) ([]byte, error) {
	if host == "" || strings.ContainsAny(host, "\r\n") {
		host = "localhost"
	}
	defer bound(ctx, conn)()
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")); err != nil {
		return nil, err
	}
	buf := make([]byte, maxGreeting)
	n, err := conn.Read(buf)
	return buf[:n], err
}

func tlsPeer(h *Hello) Peer {
	_ = h.Conn.Close()
	p := Peer{Proto: "tls", Hello: h}
	if len(h.Chain) > 0 {
		p.Banner = Clean(h.Chain[0].Subject.String(), 120)
	}
	return p
}

var (
	smtpWord = regexp.MustCompile(`(?i)\bE?SMTP\b`)
	ftpWord  = regexp.MustCompile(`(?i)\b(S?FTP|FTPS|FTPD|\w*ftpd|FileZilla|Pure-FTPd)\b`)
)

// Recognise names the protocol of what a server said first.
func Recognise(b []byte) Peer {
	p := Peer{Proto: "other"}
	text := string(b)
	if i := strings.Index(text, "SSH-"); i == 0 || i > 0 && text[i-1] == '\n' {
		text = text[i:] // RFC 4253 lets lines of text go before
		p.Proto = "ssh"
	}
	line, _, _ := strings.Cut(text, "\n")
	switch {
	case len(b) == 0:
		return Peer{Proto: "silent"}
	case p.Proto == "ssh":
	case len(b) >= 3 && looksTLS(b):
		return Peer{Proto: "tls"}
	case b[0] == 0xFF && len(b) >= 3 && b[1] >= 0xFB && b[1] != 0xFF: // IAC WILL, WON'T, DO, DON'T
		return Peer{Proto: "telnet"}
	case strings.HasPrefix(text, "HTTP/"):
		p.Proto = "http"
		if server := headerLine(text, "server"); server != "" {
			line = strings.TrimSpace(line) + ", " + server
		}
	case strings.HasPrefix(text, "RFB "):
		p.Proto = "vnc"
	case strings.HasPrefix(text, "+OK"):
		p.Proto = "pop3"
	case strings.HasPrefix(text, "* OK"), strings.HasPrefix(text, "* PREAUTH"):
		p.Proto = "imap"
	case reply220(text) && smtpWord.MatchString(Clean(text, 512)):
		p.Proto = "smtp"
	case reply220(text) && ftpWord.MatchString(Clean(text, 512)):
		p.Proto = "ftp"
	}
	p.Banner = Clean(line, 120)
	return p
}

// reply220 reports whether a greeting is a reply of FTP or SMTP: ready, or not
// available.
func reply220(text string) bool {
	return len(text) >= 4 && (text[:3] == "220" || text[:3] == "421" || text[:3] == "554") && (text[3] == ' ' || text[3] == '-')
}

// headerLine returns a header of the beginning of an HTTP answer.
func headerLine(text, name string) string {
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if i > 0 && line == "" {
			return ""
		}
		if k, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(k, name) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
