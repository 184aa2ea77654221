package talk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
	"unicode/utf8"

	"netcheck/report/result"
)

// identification is how netcheck introduces itself to SSH servers, as every
// client does (RFC 4253, 4.2): firewalls that know protocols go by such a line.
const identification = "SSH-2.0-netcheck"

const (
	// maxIdentification bounds a server's line (RFC 4253, 4.2).
	maxIdentification = 255
	// maxForeword bounds the lines of text that may go before it: more than
	// any server's house rules.
	maxForeword = 8 << 10
	// maxUnencrypted bounds what is read before the login: greeting, key
	// exchange and a server's notices.
	maxUnencrypted = 1 << 20
)

// SSHPeer is whoever was waited for to greet as an SSH server does.
type SSHPeer struct {
	Version  string        // SSH-2.0-OpenSSH_9.7: harmless to show; "": it did not greet
	Foreword string        // the text that went before, made harmless
	Other    Peer          // who it is, if it is no SSH server and said something
	First    string        // what it said then, made harmless
	Said     bool          // our own line was out before it spoke, or broke off
	After    time.Duration // how long after that it spoke or broke off
	Took     time.Duration // how long all that took

	wire *wire
}

// SSHError is what went wrong while SSH was spoken.
type SSHError struct {
	Code result.Failure
	Err  error
}

func (e *SSHError) Error() string           { return e.Err.Error() }
func (e *SSHError) Unwrap() error           { return e.Err }
func (e *SSHError) Failure() result.Failure { return e.Code }

// GreetSSH waits for an SSH server's greeting. After a quiet moment it
// introduces itself: servers that share a port between protocols wait for their
// client to speak first. The peer is never nil; with an error it says what was
// seen. The connection stays the caller's to close.
func GreetSSH(ctx context.Context, conn net.Conn, quiet time.Duration) (*SSHPeer, error) {
	w := &wire{Conn: conn}
	w.left.Store(maxUnencrypted)
	p := &SSHPeer{wire: w}
	start := time.Now()
	release := bound(ctx, conn)
	var introduced time.Time
	told := make(chan struct{})
	say := func() {
		introduced = time.Now()
		_ = w.introduce() // if that fails, so does the reading
	}
	still := func() bool { return false } // whether nothing was said
	if quiet > 0 {
		still = time.AfterFunc(quiet, func() { defer close(told); say() }).Stop
	} else {
		say()
		close(told)
	}
	g, err := w.greeting()
	if !still() {
		<-told
		p.Said, p.After = true, time.Since(introduced)
	}
	release()
	p.Took = time.Since(start)
	p.Version, p.Foreword = g.version, Clean(g.foreword, 200)
	if ctx.Err() != nil && err != nil && !g.odd && g.foreword == "" {
		if g.cutShort {
			p.First = Clean(firstLine(w.in), 120)
		}
		return p, ctx.Err()
	}
	if err == nil && !strings.HasPrefix(g.version, "SSH-2.0-") && !strings.HasPrefix(g.version, "SSH-1.99-") {
		return p, &SSHError{result.FailAlgorithms, fmt.Errorf("the server speaks %s, a version of SSH that is not in use any more", g.version)}
	}
	if err != nil && g.cutShort {
		p.First = Clean(firstLine(w.in[g.end:]), 120) // which is how far it came
		return p, &SSHError{failureOf(err), fmt.Errorf("greeting: %w", err)}
	}
	if err != nil && len(w.in) > 0 {
		if p.Other, p.First = Recognise(w.in), Clean(firstLine(w.in), 120); p.Other.Proto == "ssh" {
			return p, &SSHError{result.FailSSHFormat, fmt.Errorf("the greeting is none that SSH allows: %q", p.First)}
		}
		return p, &SSHError{result.FailSSH, fmt.Errorf("no SSH server greets: %w", p.whoElse())}
	}
	if err != nil {
		return p, &SSHError{failureOf(err), fmt.Errorf("greeting: %w", err)}
	}
	return p, nil
}

// whoElse says what greeted in an SSH server's place.
func (p *SSHPeer) whoElse() error {
	if p.Other.Proto != "other" {
		return fmt.Errorf("what answers speaks %s", strings.ToUpper(p.Other.Proto))
	}
	return fmt.Errorf("what comes begins %q", p.First)
}

// firstLine is the first line of what was said that has something in it.
func firstLine(b []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimLeft(b, "\r\n"), []byte("\n"))
	return string(line[:min(len(line), 512)])
}

// greeting reads until a server has greeted, or will not. What was read stays
// to be read again: the identification and what came after it, or where there
// is none all of it.
func (w *wire) greeting() (greeting, error) {
	var all []byte
	buf := make([]byte, 1024)
	for {
		n, err := w.Conn.Read(buf)
		all = append(all, buf[:n]...)
		g, done := parseGreeting(all)
		if done && g.version != "" {
			w.in = all[g.at:]
			w.offer = append(w.offer, all[g.end:]...)
			return g, nil
		}
		if done || err != nil {
			w.in = all
			if err == nil {
				err = errNotSSH
			}
			return g, err
		}
	}
}

var errNotSSH = errors.New("not SSH")

// greeting is how a server begins: text, and then its identification.
type greeting struct {
	foreword string
	version  string // the identification without its line's end
	at, end  int    // where it stands, and where what comes after it begins
	odd      bool   // this is no SSH server
	cutShort bool   // the identification has begun
}

// parseGreeting looks for a server's identification in what came so far. done
// says that more would change nothing: here it is, or this is no SSH server.
func parseGreeting(b []byte) (g greeting, done bool) {
	for {
		line, rest, whole := bytes.Cut(b[g.end:], []byte("\n"))
		if bytes.HasPrefix(line, []byte("SSH-")) {
			return g.identified(line, whole)
		}
		if !text(line, whole) || g.end+len(line) > maxForeword {
			g.odd = true
			return g, true
		}
		if g.end == 0 && whole {
			if reply220(string(line)) || Recognise(line).Proto != "other" { // somebody else's first line
				g.odd = true
				return g, true
			}
		}
		if !whole {
			return g, false
		}
		g.end = len(b) - len(rest)
		g.at, g.foreword = g.end, strings.TrimSpace(string(b[:g.end]))
	}
}

// identified is a greeting that ends in this line.
func (g greeting) identified(line []byte, whole bool) (greeting, bool) {
	bare := bytes.TrimSuffix(line, []byte("\r"))
	switch {
	case len(line) > maxIdentification || !printable(bare):
		g.odd = true
		return g, true
	case !whole:
		g.cutShort = true
		return g, false
	}
	g.version = string(bare)
	g.end = g.at + len(line) + 1
	return g, true
}

// printable tells whether a line has nothing but what one may be shown: RFC
// 4253 allows no more in an identification.
func printable(line []byte) bool {
	return !bytes.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' })
}

// text tells whether a line may be a server's text before its identification:
// whatever else it is, it is meant for people.
func text(line []byte, whole bool) bool {
	if bytes.ContainsFunc(line, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\r\x1b", r) }) {
		return false
	}
	return !whole || utf8.Valid(line)
}
