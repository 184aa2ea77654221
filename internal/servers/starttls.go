package servers

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
)

// Upgrader is a server in whose protocol TLS is asked for: ftp, smtp, imap,
// pop3, postgres or ldap. It knows no more of it than that takes.
type Upgrader struct {
	Proto  string
	Config *tls.Config

	// Mood is "" for what it should do; none: it has no TLS; declines: it has,
	// and not now; endless: it lists what it can do without an end; injects: it
	// says more in clear after it has agreed; stalls: it says nothing more then;
	// mute: it never says a word.
	Mood string
}

// upgrading is what is said in a protocol: at first, to a wish and to others.
type upgrading struct {
	greeting       string
	list, listed   string // the command for a list of what it can do, and the line for TLS in it
	before, after  string // of that list
	wish, yes, no  string
	unknown, never string // of a line without a meaning; a line of an endless list
}

var upgradings = map[string]upgrading{
	"ftp":  {greeting: "220 FTP server ready", wish: "AUTH TLS", yes: "234 go ahead", no: "431 not now", unknown: "500 what?"},
	"smtp": {"220 mail.test ESMTP", "EHLO", "250-STARTTLS\r\n", "250-mail.test\r\n", "250 SIZE 1000", "STARTTLS", "220 go ahead", "454 TLS not available due to temporary reason", "502 what?", "250-X-MORE\r\n"},
	"imap": {"* OK [CAPABILITY IMAP4rev1] ready", "CAPABILITY", " STARTTLS", "* CAPABILITY IMAP4rev1", "\r\n$ OK done", "STARTTLS", "$ OK go ahead", "$ BAD not now", "$ BAD what?", "* CAPABILITY X-MORE\r\n"},
	"pop3": {greeting: "+OK ready", wish: "STLS", yes: "+OK go ahead", no: "-ERR not now", unknown: "-ERR what?"},
}

// Serve answers one connection.
func (u *Upgrader) Serve(c net.Conn) {
	r := bufio.NewReader(c)
	agreed := false
	switch u.Proto {
	case "postgres":
		agreed = u.postgres(c, r)
	case "ldap":
		agreed = u.ldap(c, r)
	default:
		agreed = u.text(c, r, upgradings[u.Proto])
	}
	if !agreed || u.Mood == "injects" {
		return
	}
	if u.Mood == "stalls" {
		_, _ = io.Copy(io.Discard, c)
		return
	}
	s := tls.Server(c, u.Config)
	defer s.Close()
	if s.Handshake() == nil {
		_, _ = io.Copy(io.Discard, s)
	}
}

func (u *Upgrader) text(c net.Conn, r *bufio.Reader, p upgrading) bool {
	if u.Mood == "mute" {
		_, _ = io.Copy(io.Discard, c)
		return false
	}
	fmt.Fprint(c, p.greeting+"\r\n")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return false
		}
		tag, command, tagged := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if u.Proto != "imap" || !tagged {
			command = strings.TrimRight(line, "\r\n")
		}
		say := func(text string) { fmt.Fprint(c, strings.ReplaceAll(text, "$", tag)+"\r\n") }
		switch {
		case p.list != "" && strings.HasPrefix(command, p.list) && u.Mood == "endless":
			fmt.Fprint(c, p.before+"\r\n")
			for err == nil {
				_, err = fmt.Fprint(c, p.never)
			}
			return false
		case p.list != "" && strings.HasPrefix(command, p.list) && u.Mood == "none":
			say(p.before + p.after)
		case p.list != "" && strings.HasPrefix(command, p.list):
			say(p.before + p.listed + p.after)
		case command == p.wish && u.Mood == "declines":
			say(p.no)
		case command == p.wish && u.Mood == "injects":
			say(p.yes + "\r\n" + p.yes)
			return true
		case command == p.wish && u.Mood != "none":
			say(p.yes)
			return true
		default:
			say(p.unknown)
		}
	}
}

func (u *Upgrader) postgres(c net.Conn, r *bufio.Reader) bool {
	var request [8]byte
	if _, err := io.ReadFull(r, request[:]); err != nil {
		return false
	}
	switch u.Mood {
	case "none":
		_, _ = io.WriteString(c, "N")
		return false
	case "declines":
		_, _ = io.WriteString(c, "EFATAL unsupported frontend protocol\x00")
		return false
	case "injects":
		_, _ = io.WriteString(c, "SR")
		return true
	case "mute":
		_, _ = io.Copy(io.Discard, r)
		return false
	}
	_, _ = io.WriteString(c, "S")
	return true
}

func (u *Upgrader) ldap(c net.Conn, r *bufio.Reader) bool {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return false
	}
	if _, err := io.CopyN(io.Discard, r, int64(head[1])); err != nil {
		return false
	}
	times := 1
	reply := func(code byte, text string) {
		body := append([]byte{0x0a, 1, code, 0x04, 0, 0x04, byte(len(text))}, text...)
		message := append([]byte{0x02, 1, 1, 0x78, byte(len(body))}, body...)
		_, _ = c.Write(bytes.Repeat(append([]byte{0x30, byte(len(message))}, message...), times)) // in one packet
	}
	switch u.Mood {
	case "none":
		reply(2, "unsupported extended operation")
		return false
	case "declines":
		reply(52, "TLS is not set up")
		return false
	case "endless":
		_, _ = c.Write([]byte{0x30, 0x84, 0x7f, 0xff, 0xff, 0xff})
		_, _ = io.Copy(io.Discard, r)
		return false
	case "mute":
		_, _ = io.Copy(io.Discard, r)
		return false
	}
	if u.Mood == "injects" {
		times = 2
	}
	reply(0, "")
	return true
}
