package machine

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
)

// Windows keeps two proxy settings. WinINET's, the Internet options, are those
// of each account, for browsers and what a person starts. WinHTTP's, which
// "netsh winhttp" shows, are the machine's, for its services. Both are kept in
// the same form.

// connectionSettings is what the registry has as DefaultConnectionSettings
// (WinINET) and WinHttpSettings (WinHTTP).
type connectionSettings struct {
	flags                    uint32
	server, override, script string
}

// What the flags mean, as in WinInet.h: INTERNET_PER_CONN_FLAGS.
const (
	flagProxy  = 2
	flagScript = 4
	flagDetect = 8
)

// maxSetting is how long a text of a setting may be: a list of exemptions of a
// large company, and more.
const maxSetting = 64 << 10

// parseConnectionSettings reads the value: three numbers of 32 bits (a version,
// how often it was changed, the flags), then the texts, each after its length;
// an older version ends before the script's address.
func parseConnectionSettings(data []byte) (c connectionSettings, ok bool) {
	if len(data) < 12 {
		return c, false
	}
	c.flags = binary.LittleEndian.Uint32(data[8:])
	data = data[12:]
	for i, text := range []*string{&c.server, &c.override, &c.script} {
		if len(data) < 4 {
			return c, i > 0 || c.flags&flagProxy == 0
		}
		n := binary.LittleEndian.Uint32(data)
		if data = data[4:]; n > maxSetting || uint64(n) > uint64(len(data)) {
			return connectionSettings{}, false
		}
		*text, data = strings.TrimRight(string(data[:n]), "\x00"), data[n:]
	}
	return c, true
}

// setting is what the flags say is in use.
func (c connectionSettings) setting(source string, personal bool) ProxySetting {
	s := ProxySetting{Source: source, Personal: personal, Discover: c.flags&flagDetect != 0}
	if c.flags&flagProxy != 0 {
		s.windows(c.server, c.override)
	}
	if c.flags&flagScript != 0 {
		s.Script = c.script
	}
	return s
}

// windows takes over what Windows writes down of proxies. The server is
// "host:port" for all, or "http=host:port;https=host:port;socks=host:port". For
// SOCKS Windows means version 4, netcheck speaks 5 alone, and most servers
// speak both. The exemptions are patterns with stars, and <local> for names
// without a dot.
func (s *ProxySetting) windows(server, override string) {
	named := func(text string) *Proxy {
		u := proxyURL(text)
		if u == nil {
			s.unread = append(s.unread, s.Source)
			return nil
		}
		return &Proxy{URL: u, Source: s.Source, Personal: s.Personal}
	}
	for entry := range strings.FieldsFuncSeq(server, separates) {
		switch scheme, to, ok := strings.Cut(entry, "="); {
		case !ok:
			if p := named(entry); p != nil {
				s.HTTP, s.HTTPS = p, p
			}
		case strings.EqualFold(scheme, "http"):
			s.HTTP = named(to)
		case strings.EqualFold(scheme, "https"):
			s.HTTPS = named(to)
		case strings.EqualFold(scheme, "socks"):
			if !strings.Contains(to, "://") {
				to = "socks5://" + to
			}
			s.Any = named(to)
		}
	}
	for entry := range strings.FieldsFuncSeq(override, separates) {
		if _, host, ok := strings.Cut(entry, "://"); ok {
			entry = host
		}
		s.Exempt = append(s.Exempt, withNetwork(entry))
	}
	s.ExemptSource = s.Source
}

func separates(r rune) bool { return r == ';' || r == ' ' || r == '\t' || r == '\r' || r == '\n' }

// withNetwork is an entry, as a network where it is a pattern such as 192.168.*
// or, on macOS, the beginning of one such as 169.254/16.
func withNetwork(entry string) string {
	if head, bits, ok := strings.Cut(entry, "/"); ok {
		if n := strings.Count(head, "."); n < 3 {
			if p, err := netip.ParsePrefix(head + strings.Repeat(".0", 3-n) + "/" + bits); err == nil {
				return p.String()
			}
		}
		return entry
	}
	parts := strings.Split(entry, ".")
	known := 0
	for known < len(parts) && parts[known] != "*" {
		known++
	}
	if known == 0 || known > 3 || known == len(parts) || len(parts) > 4 {
		return entry
	}
	for _, p := range parts[known:] {
		if p != "*" {
			return entry
		}
	}
	text := strings.Join(parts[:known], ".") + strings.Repeat(".0", 4-known)
	if a, err := netip.ParseAddr(text); err != nil || !a.Is4() {
		return entry
	}
	return text + "/" + strconv.Itoa(8*known)
}
