package servers

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// Proxy makes tunnels (RFC 9110, 9.3.6), passes requests on (RFC 9112, 3.2.2),
// and refuses what it is told to.
type Proxy struct {
	Dial    func(ctx context.Context, hostport string) (net.Conn, error)
	Auth    []string // it wants a login by one of these schemes
	User    string   // name:password that it lets in by Basic; "": nobody
	Deny    []string // hosts, or host:port, that it refuses
	Answer  int      // it gives this status to everybody; 0: it does its work
	Lazy    bool     // it grants a tunnel before it knows whether anybody is there, as those do that look into TLS
	OnlyTLS bool     // it ends a tunnel in which something else is spoken
	Hangs   bool     // it closes the connection after it has refused
	Locks   int      // after so many wrong logins it denies everything; 0: never

	wrong atomic.Int32 // logins so far
}

// patience is how long a proxy waits for the host: of a client, which it need
// not outlast.
const patience = 10 * time.Second

// Serve answers one connection, request after request.
func (p *Proxy) Serve(c net.Conn) {
	in := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if p.request(c, in, r) || p.Hangs {
			return
		}
	}
}

// request answers one, and tells whether the connection is of no more use.
func (p *Proxy) request(c net.Conn, in *bufio.Reader, r *http.Request) (over bool) {
	refuse := func(status int, more string) bool {
		page := fmt.Sprintf("<html><head><title>ERROR: %s</title></head><body>proxy1</body></html>", http.StatusText(status))
		if p.Hangs {
			more += "Connection: close\r\n"
		}
		fmt.Fprintf(c, "HTTP/1.1 %d %s\r\nVia: 1.1 proxy1 (squid/6.6)\r\n%sContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s",
			status, http.StatusText(status), more, len(page), page)
		return false
	}
	to := r.Host
	if r.Method != http.MethodConnect {
		to = r.URL.Host
		if r.URL.Port() == "" {
			to = net.JoinHostPort(r.URL.Hostname(), "80")
		}
	}
	host, _, _ := net.SplitHostPort(to)
	switch {
	case p.Answer != 0:
		return refuse(p.Answer, "")
	case p.Locks > 0 && int(p.wrong.Load()) > p.Locks:
		return refuse(http.StatusForbidden, "X-Squid-Error: ERR_ACCESS_DENIED 0\r\n")
	case len(p.Auth) > 0 && !p.knows(r):
		if r.Header.Get("Proxy-Authorization") != "" {
			p.wrong.Add(1)
		}
		more := ""
		for _, scheme := range p.Auth {
			more += "Proxy-Authenticate: " + scheme
			if scheme == "Basic" {
				more += ` realm="shop"`
			}
			more += "\r\n"
		}
		return refuse(http.StatusProxyAuthRequired, more)
	case r.Method != http.MethodConnect && r.URL.Host == "":
		return refuse(http.StatusMethodNotAllowed, "")
	case slices.Contains(p.Deny, host), slices.Contains(p.Deny, to):
		return refuse(http.StatusForbidden, "X-Squid-Error: ERR_ACCESS_DENIED 0\r\n")
	}
	if p.Lazy && r.Method == http.MethodConnect {
		_, _ = io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	on, err := p.Dial(ctx, to)
	if err != nil && p.Lazy && r.Method == http.MethodConnect {
		return true
	}
	if err != nil {
		return refuse(http.StatusServiceUnavailable, "X-Squid-Error: ERR_CONNECT_FAIL 111\r\n")
	}
	defer on.Close()
	if r.Method != http.MethodConnect {
		r.Header.Del("Proxy-Authorization")
		if r.Write(on) == nil {
			_, _ = io.Copy(c, on)
		}
		return true
	}
	if !p.Lazy {
		_, _ = io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n")
	}
	if p.OnlyTLS && !beginsTLS(in) {
		return true
	}
	Join(rest{c, in}, on)
	return true
}

// knows tells whether a request bears the login.
func (p *Proxy) knows(r *http.Request) bool {
	return p.User != "" && r.Header.Get("Proxy-Authorization") == "Basic "+base64.StdEncoding.EncodeToString([]byte(p.User))
}

// beginsTLS tells whether the client begins by a TLS handshake.
func beginsTLS(in *bufio.Reader) bool {
	first, err := in.Peek(1)
	return err == nil && first[0] == 22
}

// rest is a connection of which some was read ahead.
type rest struct {
	net.Conn
	in *bufio.Reader
}

func (r rest) Read(b []byte) (int, error) { return r.in.Read(b) }

// CloseWrite ends what is said to the client.
func (r rest) CloseWrite() error {
	if t, ok := r.Conn.(*net.TCPConn); ok {
		return t.CloseWrite()
	}
	return r.Conn.Close()
}

// Join carries what either side says to the other until one has ended.
func Join(a, b net.Conn) {
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(b, a)
		if t, ok := b.(interface{ CloseWrite() error }); ok {
			_ = t.CloseWrite()
		}
		close(done)
	}()
	_, _ = io.Copy(a, b)
	_ = a.SetReadDeadline(time.Now())
	<-done
}
