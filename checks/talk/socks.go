package talk

import (
	"context"
	"errors"
	"net"
	"net/url"

	"golang.org/x/net/proxy"

	"netcheck/report/result"
)

// Replies of SOCKS5, and two that stand for a login that failed.
const (
	socksForbidden = 2    // not allowed by ruleset (RFC 1928, 6)
	socksRefused   = 5    // the host refuses the connection
	socksNoLogin   = 0xFF // no acceptable methods (RFC 1928, 3)
	socksBadLogin  = -1   // RFC 1929 has no number for it
)

// socksReplies are what a SOCKS5 server may say (RFC 1928, 6).
var socksReplies = map[int]string{
	1: "general failure", socksForbidden: "not allowed by its rules", 3: "network unreachable", 4: "host unreachable",
	5: "connection refused", 6: "TTL expired", 7: "command not supported", 8: "address type not supported",
	socksNoLogin: "it takes no login that was offered", socksBadLogin: "it refuses the user or the password",
}

// OpenSocks asks a SOCKS5 server (RFC 1928) for a way to host:port, by its own
// name resolution, and returns the connection through it. What the server said
// is returned also with an error, if it said anything.
func OpenSocks(ctx context.Context, open func(context.Context) (net.Conn, error), hostport string, user *url.Userinfo) (net.Conn, *Tunnel, error) {
	conn, err := open(ctx)
	if err != nil {
		return nil, nil, err
	}
	heard := &socksTalk{Conn: conn}
	var login *proxy.Auth
	if user != nil {
		password, _ := user.Password()
		login = &proxy.Auth{User: user.Username(), Password: password}
	}
	server, err := proxy.SOCKS5("tcp", "proxy", login, given{heard})
	if err != nil {
		conn.Close()
		return nil, nil, &TunnelError{result.FailOther, err}
	}
	through, err := server.(proxy.ContextDialer).DialContext(ctx, "tcp", hostport)
	if err == nil {
		t := &Tunnel{Reason: "granted"}
		if heard.method() == 2 {
			t.Login = "user and password"
		}
		return through, t, nil
	}
	conn.Close()
	reply, ok := heard.reply()
	switch {
	case ok:
		t := &Tunnel{Reply: reply, Reason: socksReplies[reply]}
		if reply == socksBadLogin {
			t.Login = "user and password"
		}
		return nil, t, refusedBy(t)
	case ctx.Err() == nil && !heard.speaks():
		return nil, nil, &TunnelError{result.FailSocks, errors.New("the proxy does not speak SOCKS5")}
	}
	err = tunnelError(ctx, err)
	if e, ok := errors.AsType[*TunnelError](err); ok && e.Code == result.FailHTTP {
		e.Code = result.FailSocks // it began as SOCKS5, and went on against its rules
	}
	return nil, nil, err
}

// given is a dialer that has its connection already.
type given struct{ conn net.Conn }

func (g given) Dial(string, string) (net.Conn, error) { return g.conn, nil }

func (g given) DialContext(context.Context, string, string) (net.Conn, error) { return g.conn, nil }

// socksTalk keeps the beginning of what a SOCKS5 server says: the library words
// a refusal, and does not tell its number.
type socksTalk struct {
	net.Conn
	said []byte
}

func (s *socksTalk) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	if more := 8 - len(s.said); more > 0 {
		s.said = append(s.said, b[:min(n, more)]...)
	}
	return n, err
}

// method is the login that the server chose (RFC 1928, 3); -1: none.
func (s *socksTalk) method() int {
	if len(s.said) < 2 {
		return -1
	}
	return int(s.said[1])
}

// speaks tells whether what came can be SOCKS5: nothing, or its version.
func (s *socksTalk) speaks() bool { return len(s.said) == 0 || s.said[0] == 5 }

// reply is the refusal's number.
func (s *socksTalk) reply() (int, bool) {
	if !s.speaks() || len(s.said) < 2 {
		return 0, false
	}
	rest := s.said[2:]
	switch s.method() {
	case socksNoLogin:
		return socksNoLogin, true
	case 2: // user and password (RFC 1929)
		if len(rest) < 2 {
			return 0, false
		}
		if rest[1] != 0 {
			return socksBadLogin, true
		}
		rest = rest[2:]
	}
	if len(rest) < 2 || rest[0] != 5 || rest[1] == 0 {
		return 0, false
	}
	return int(rest[1]), true
}
