package servers

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// FTP is a server with one user, one directory and its files. It keeps nothing
// and lets nobody write.
type FTP struct {
	User, Password string
	Directory      string // that can be entered; "": any
	Files          []FTPFile

	TLS      *tls.Config // for AUTH TLS, or from the first byte
	Implicit bool
	Strict   bool // USER in clear is refused
	Reuse    bool // data connections must go on with the control connection's session
	Forgets  bool // and TLS is to have none to go on with

	Listen func() (net.Listener, error) // for a data connection
	Named  netip.Addr                   // the address that PASV names; not valid: its own
	Lacks  []string                     // commands that it does not know
	Style  string                       // of LIST: unix, or dos
	Zone   time.Duration                // that LIST's times are ahead of UTC

	// Says is what it says in place of its own reply to a command, or at
	// GREETING, or at the END of a listing; "hang up" ends the connection,
	// "silence" is none, and "endless" is a reply without end.
	Says map[string]string
	mu   sync.Mutex // of Says and Files, once it serves: a stranger's connect may come before a case is complete
	// Data is what is wrong with its data connections: refused, first-refused,
	// second-refused, silent, drip, endless, long-line.
	Data string
}

// Say has it say something in place of its own words.
func (s *FTP) Say(place, words string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Says[place] = words
}

func (s *FTP) told(place string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	words, ok := s.Says[place]
	return words, ok
}

// Keep gives it a file.
func (s *FTP) Keep(f FTPFile) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Files = append(s.Files, f)
}

func (s *FTP) kept() []FTPFile {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.Files)
}

// FTPFile is a file or a folder.
type FTPFile struct {
	Name string
	Time time.Time
	Dir  bool
}

// Option sets what a word says: user=NAME, password=WORD, directory=NAME,
// named=ADDRESS, lacks=VERB,VERB, style=dos, zone=DURATION, data=FAULT,
// implicit, strict, reuse, forgets. It tells whether there is such a word.
func (s *FTP) Option(word string) (known bool, err error) {
	key, v, _ := strings.Cut(word, "=")
	switch key {
	case "user":
		s.User = v
	case "password":
		s.Password = v
	case "directory":
		s.Directory = v
	case "named":
		s.Named, err = netip.ParseAddr(v)
	case "lacks":
		s.Lacks = strings.Split(v, ",")
	case "style":
		s.Style = v
	case "zone":
		s.Zone, err = time.ParseDuration(v)
	case "data":
		s.Data = v
	case "implicit":
		s.Implicit = true
	case "strict":
		s.Strict = true
	case "reuse":
		s.Reuse = true
	case "forgets":
		s.Forgets = true
	default:
		return false, nil
	}
	return true, err
}

// Serve answers one control connection.
func (s *FTP) Serve(c net.Conn) {
	if s.Implicit {
		t := tls.Server(c, s.config())
		defer t.Close()
		c = t
	}
	v := &ftpVisit{server: s, conn: c, secure: s.Implicit}
	defer v.closeData()
	if !v.say("GREETING", "220 FTP server ready.") {
		return
	}
	v.lines = bufio.NewReader(c)
	for {
		line, err := v.lines.ReadString('\n')
		if err != nil {
			return
		}
		verb, arg, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if verb = strings.ToUpper(verb); !v.answer(verb, arg) {
			return
		}
	}
}

// config is the TLS of one connection.
func (s *FTP) config() *tls.Config {
	if !s.Forgets {
		return s.TLS // whose keys for sessions are the same for all connections
	}
	c := s.TLS.Clone()
	c.SessionTicketsDisabled = true
	return c
}

// ftpVisit is one client's session.
type ftpVisit struct {
	server   *FTP
	conn     net.Conn
	lines    *bufio.Reader
	secure   bool
	sealed   bool
	known    bool // logged in
	listener net.Listener
	offers   int // of ports
}

// say replies, by what the server is told to say in that place if there is
// such a thing. It tells whether the conversation goes on.
func (v *ftpVisit) say(place, reply string) bool {
	if told, ok := v.server.told(place); ok {
		reply = told
	}
	switch reply {
	case "hang up":
		return false
	case "silence":
		return true
	case "endless":
		for {
			if _, err := io.WriteString(v.conn, strings.Repeat("220-and on\r\n", 100)); err != nil {
				return false
			}
		}
	}
	_, err := io.WriteString(v.conn, reply+"\r\n")
	return err == nil
}

func (v *ftpVisit) closeData() {
	if v.listener != nil {
		v.listener.Close()
		v.listener = nil
	}
}

// answer answers a command, and tells whether the conversation goes on.
func (v *ftpVisit) answer(verb, arg string) bool {
	s := v.server
	for _, l := range s.Lacks {
		if l == verb {
			return v.say(verb, "500 Unknown command.")
		}
	}
	if _, told := s.told(verb); told {
		return v.say(verb, "")
	}
	switch verb {
	case "AUTH":
		return v.startTLS()
	case "USER":
		if s.Strict && !v.secure {
			return v.say(verb, "530 Non-anonymous sessions must use encryption.")
		}
		v.known = arg == s.User
		return v.say(verb, "331 Please specify the password.")
	case "PASS":
		if v.known = v.known && arg == s.Password; !v.known {
			return v.say(verb, "530 Login incorrect.")
		}
		return v.say(verb, "230 Login successful.")
	case "FEAT":
		return v.say(verb, v.features())
	case "PBSZ":
		return v.say(verb, "200 PBSZ set to 0.")
	case "PROT":
		v.sealed = arg == "P" && v.secure
		return v.say(verb, "200 PROT now set.")
	case "QUIT":
		v.say(verb, "221 Goodbye.")
		return false
	}
	if !v.known {
		return v.say(verb, "530 Please login with USER and PASS.")
	}
	switch verb {
	case "CWD":
		if s.Directory != "" && arg != s.Directory {
			return v.say(verb, "550 Failed to change directory.")
		}
		return v.say(verb, "250 Directory successfully changed.")
	case "EPSV", "PASV":
		return v.passive(verb)
	case "LIST", "MLSD":
		return v.list(verb == "MLSD")
	case "MDTM":
		for _, f := range s.kept() {
			if f.Name == arg {
				return v.say(verb, "213 "+f.Time.UTC().Format("20060102150405"))
			}
		}
		return v.say(verb, "550 Could not get file modification time.")
	}
	return v.say(verb, "500 Unknown command.")
}

func (v *ftpVisit) startTLS() bool {
	if v.server.TLS == nil {
		return v.say("AUTH", "502 Command not implemented.")
	}
	if !v.say("AUTH", "234 Proceed with negotiation.") {
		return false
	}
	t := tls.Server(v.conn, v.server.config())
	if t.Handshake() != nil {
		return false
	}
	v.conn, v.secure = t, true
	v.lines.Reset(t)
	return true
}

func (v *ftpVisit) features() string {
	has := func(verb string) bool {
		for _, l := range v.server.Lacks {
			if l == verb {
				return false
			}
		}
		return true
	}
	var b strings.Builder
	b.WriteString("211-Features:\r\n")
	if v.server.TLS != nil {
		b.WriteString(" AUTH TLS\r\n PBSZ\r\n PROT\r\n")
	}
	if has("MLSD") {
		b.WriteString(" MLST type*;size*;modify*;\r\n")
	}
	b.WriteString(" UTF8\r\n211 End")
	return b.String()
}

func (v *ftpVisit) passive(verb string) bool {
	v.closeData()
	l, err := v.server.Listen()
	if err != nil {
		return v.say(verb, "421 No port.")
	}
	v.listener = l
	at := netip.MustParseAddrPort(l.Addr().String())
	v.offers++
	if d := v.server.Data; d == "refused" || d == "first-refused" && v.offers == 1 || d == "second-refused" && v.offers == 2 {
		v.closeData()
	}
	if verb == "EPSV" {
		return v.say(verb, "229 Entering Extended Passive Mode (|||"+strconv.Itoa(int(at.Port()))+"|)")
	}
	a := at.Addr().Unmap()
	if v.server.Named.IsValid() {
		a = v.server.Named
	}
	port := at.Port()
	return v.say(verb, fmt.Sprintf("227 Entering Passive Mode (%s,%d,%d).", strings.ReplaceAll(a.String(), ".", ","), port>>8, port&255))
}
