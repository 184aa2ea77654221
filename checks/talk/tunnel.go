package talk

import (
	"bufio"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/Azure/go-ntlmssp"

	"netcheck/checks/dial"
	"netcheck/report/result"
)

// Tunnel is what a proxy said to the wish for a way to a host.
type Tunnel struct {
	Status  int      // of HTTP; 0: it speaks SOCKS
	Reply   int      // of SOCKS (RFC 1928, 6), 255 where it takes none of our logins, -1 where it refuses one
	Reason  string   // the words beside the status, or what the reply means
	Schemes []string // the logins that it takes, of a 407, such as Negotiate
	Login   string   // the one that was used, at last
	Via     string   // as it calls itself, in Via or Server
	Squid   string   // what Squid calls its error
	Page    string   // the beginning of the page that it sent in place of a tunnel, as text
}

// granted tells whether there is a way.
func (t *Tunnel) granted() bool { return t.Status/100 == 2 || t.Status == 0 && t.Reply == 0 }

// String is what it said, for a reader.
func (t *Tunnel) String() string {
	switch {
	case t.Status != 0:
		return strings.TrimSpace(fmt.Sprintf("%d %s", t.Status, t.Reason))
	case t.Reply < 0:
		return t.Reason
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", t.Reply, t.Reason))
}

// Closed tells whether the proxy says that the host itself refused: 111 is
// ECONNREFUSED where Squid mostly runs.
func (t *Tunnel) Closed() bool {
	return t.Status == 0 && t.Reply == socksRefused || t.Squid == "ERR_CONNECT_FAIL 111"
}

// maxTunnelAnswer bounds a proxy's answer: header and what is read of a page.
const maxTunnelAnswer = 64 << 10

// OpenTunnel asks an HTTP proxy for a tunnel to host:port (RFC 9110, 9.3.6) and
// returns the connection through it. open connects to the proxy, and is called
// once more where it hangs up after it has asked for a login. user is the
// proxy's own, nil for none: it is given when it is asked for, as NTLM where
// the proxy takes that and as Basic otherwise, and never returned. What the
// proxy said is returned also with an error, if it said anything.
func OpenTunnel(ctx context.Context, open func(context.Context) (net.Conn, error), hostport string, user *url.Userinfo) (net.Conn, *Tunnel, error) {
	conn, err := open(ctx)
	if err != nil {
		return nil, nil, err
	}
	c := &connecting{conn: conn, hostport: hostport, hide: dial.Secrets(user)}
	t, err := c.ask(ctx, "")
	if err != nil || t.Status != http.StatusProxyAuthRequired || user == nil {
		return c.end(t, err)
	}
	schemes := t.Schemes
	for _, scheme := range LoginsFor(schemes) {
		if c.over {
			c.conn.Close()
			if c.conn, err = open(ctx); err != nil {
				return nil, t, err
			}
			c.over = false
		}
		var said *Tunnel
		if said, err = c.login(ctx, scheme, user); said == nil {
			return c.end(nil, err)
		}
		t = said
		if t.Schemes == nil && t.Status == http.StatusProxyAuthRequired {
			t.Schemes = schemes
		}
		if t.Login = scheme; !errors.Is(err, ErrUnanswered) {
			break // the password is given away no further where it was refused once
		}
		t.Login = "unanswered"
	}
	return c.end(t, err)
}

// ErrUnanswered is a challenge that leaves the login untried.
var ErrUnanswered = &TunnelError{result.FailProxyAuth, errors.New("the proxy's NTLM challenge is of a kind that netcheck can't answer")}

// LoginsFor are the schemes to use of those that a proxy takes. NTLM goes
// first: it does not give the password away.
func LoginsFor(schemes []string) (known []string) {
	for _, k := range []string{"NTLM", "Basic"} {
		if slices.ContainsFunc(schemes, func(s string) bool { return strings.EqualFold(s, k) }) {
			known = append(known, k)
		}
	}
	return known
}

// connecting is the talk with an HTTP proxy on one connection.
type connecting struct {
	conn     net.Conn
	hostport string
	over     bool // the proxy takes no further request
	early    []byte
	token    string // the proxy's side of an NTLM login
	hide     []string
}

// end hands the connection on where there is a way, and closes it where not.
func (c *connecting) end(t *Tunnel, err error) (net.Conn, *Tunnel, error) {
	if err == nil && t.granted() {
		return &resumed{c.conn, c.early}, t, nil
	}
	c.conn.Close()
	if err == nil {
		err = refusedBy(t)
	}
	return nil, t, err
}

// login asks with the user's name and password.
func (c *connecting) login(ctx context.Context, scheme string, user *url.Userinfo) (*Tunnel, error) {
	first, err := ProxyLogin(scheme, user, "")
	if err != nil {
		return nil, &TunnelError{result.FailOther, err}
	}
	t, err := c.ask(ctx, first)
	if scheme == "Basic" || err != nil || t.Status != http.StatusProxyAuthRequired || c.over || c.token == "" {
		return t, err
	}
	proof, err := ProxyLogin(scheme, user, c.token)
	if err != nil {
		c.over = true
		return t, err
	}
	return c.ask(ctx, proof)
}

// ProxyLogin is what to say to a proxy that takes logins by the scheme: Basic
// is said at once; of NTLM there is a first word, and one that answers the
// proxy's challenge. Its error is ErrUnanswered.
func ProxyLogin(scheme string, user *url.Userinfo, challenge string) (string, error) {
	name := user.Username()
	password, _ := user.Password()
	var word []byte
	var err error
	switch {
	case scheme == "Basic":
		word = []byte(name + ":" + password)
	case challenge == "":
		word, err = ntlmssp.NewNegotiateMessage("", "")
	default:
		var said []byte
		if said, err = base64.StdEncoding.DecodeString(challenge); err == nil {
			word, err = ntlmssp.NewAuthenticateMessage(said, name, password, nil)
		}
	}
	if err != nil {
		return "", ErrUnanswered
	}
	return scheme + " " + base64.StdEncoding.EncodeToString(word), nil
}

// ProxyChallenge is the challenge of NTLM among a proxy's demands; "" if there
// is none.
func ProxyChallenge(demands []string) string {
	for _, v := range demands {
		if scheme, challenge, ok := strings.Cut(strings.TrimSpace(v), " "); ok && strings.EqualFold(scheme, "NTLM") {
			return strings.TrimSpace(challenge)
		}
	}
	return ""
}

// clean makes text harmless, and free of the login.
func (c *connecting) clean(s string, limit int) string { return Clean(dial.Hide(s, c.hide), limit) }

// ask sends one request and reads what is said to it.
func (c *connecting) ask(ctx context.Context, login string) (*Tunnel, error) {
	defer bound(ctx, c.conn)()
	var b strings.Builder
	fmt.Fprintf(&b, "CONNECT %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: netcheck\r\n", c.hostport, c.hostport)
	if login != "" {
		fmt.Fprintf(&b, "Proxy-Authorization: %s\r\n", login)
	}
	b.WriteString("\r\n")
	if _, err := io.WriteString(c.conn, b.String()); err != nil {
		return nil, tunnelError(ctx, err)
	}
	limited := &io.LimitedReader{R: c.conn, N: maxTunnelAnswer}
	ended := &ending{r: limited}
	buffered := bufio.NewReader(ended)
	r, err := http.ReadResponse(buffered, &http.Request{Method: http.MethodConnect})
	if err != nil {
		if limited.N <= 0 { // it was we who ended it
			return nil, &TunnelError{result.FailHTTPFormat, errors.New("the proxy's answer has a header without end")}
		}
		if ended.err == nil { // it quotes what came
			err = errors.New(dial.Hide(err.Error(), c.hide))
		}
		return nil, tunnelError(ctx, cmp.Or(ended.err, err)) // the library calls a line malformed that breaks off
	}
	defer r.Body.Close()
	t := &Tunnel{Status: r.StatusCode, Via: c.clean(r.Header.Get("Via"), 100)}
	t.Squid = c.clean(r.Header.Get("X-Squid-Error"), 100)
	_, reason, _ := strings.Cut(r.Status, " ")
	t.Reason = c.clean(reason, 100)
	if t.Via == "" {
		t.Via = c.clean(r.Header.Get("Server"), 100)
	}
	for _, v := range r.Header.Values("Proxy-Authenticate") {
		scheme := schemeOf(dial.Hide(v, c.hide))
		if scheme != "" && !slices.Contains(t.Schemes, scheme) && len(t.Schemes) < 8 {
			t.Schemes = append(t.Schemes, scheme)
		}
	}
	c.token = ProxyChallenge(r.Header.Values("Proxy-Authenticate"))
	if t.granted() {
		c.early, _ = buffered.Peek(buffered.Buffered()) // of the host, which speaks first
		return t, nil
	}
	page, err := io.ReadAll(io.LimitReader(r.Body, 8<<10)) // what came in time will do
	t.Page = title(dial.Hide(string(page), c.hide))
	_, more := r.Body.Read(make([]byte, 1))
	c.over = r.Close || err != nil || more != io.EOF
	return t, nil
}

// ending keeps the error by which a reader ended.
type ending struct {
	r   io.Reader
	err error
}

func (e *ending) Read(b []byte) (int, error) {
	n, err := e.r.Read(b)
	if err != nil {
		e.err = err
	}
	return n, err
}

// resumed is a connection of which something was read already.
type resumed struct {
	net.Conn
	early []byte
}

func (r *resumed) Read(b []byte) (int, error) {
	if len(r.early) == 0 {
		return r.Conn.Read(b)
	}
	n := copy(b, r.early)
	r.early = r.early[n:]
	return n, nil
}

// refusedBy is the error of a proxy that gave no way.
func refusedBy(t *Tunnel) error {
	code := result.FailProxyError
	switch {
	case t.Status == http.StatusProxyAuthRequired, t.Status == 0 && (t.Reply == socksNoLogin || t.Reply == socksBadLogin),
		t.Status == http.StatusUnauthorized && t.Login != "": // Tinyproxy, to a wrong password
		code = result.FailProxyAuth
	case t.Status/100 == 4, t.Status == 0 && t.Reply == socksForbidden:
		code = result.FailProxyDenied
	}
	return &TunnelError{code, errors.New("the proxy said " + t.String())}
}

// schemeOf is the login's kind that a challenge begins with.
func schemeOf(challenge string) string {
	scheme, _, _ := strings.Cut(strings.TrimSpace(challenge), " ")
	scheme = strings.TrimSuffix(scheme, ",")
	if strings.ContainsAny(scheme, "=\"") {
		return ""
	}
	return Clean(scheme, 32)
}

// title is a page's title, else nothing: a page is for browsers.
func title(page string) string {
	low := strings.ToLower(page)
	from := strings.Index(low, "<title")
	if from < 0 || len(low) != len(page) {
		return ""
	}
	open := strings.IndexByte(low[from:], '>')
	if open < 0 {
		return ""
	}
	from += open + 1
	to := strings.Index(low[from:], "</title")
	if to < 0 {
		return ""
	}
	return Clean(page[from:from+to], 120)
}

// TunnelError is a proxy that gave no answer, or none that is HTTP.
type TunnelError struct {
	Code result.Failure
	Err  error
}

func (e *TunnelError) Error() string           { return Clean(fmt.Sprintf("ask for a tunnel: %v", e.Err), 300) }
func (e *TunnelError) Unwrap() error           { return e.Err }
func (e *TunnelError) Failure() result.Failure { return e.Code }

func tunnelError(ctx context.Context, err error) error {
	code := result.FailHTTP
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		code = result.FailCanceled
	case isTimeout(err), ctx.Err() != nil:
		code = result.FailTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		code = result.FailEOF
	default:
		if f := failureOf(err); f != result.FailOther {
			code = f
		}
	}
	return &TunnelError{code, err}
}
