package servers

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"
)

// Proxy makes tunnels (RFC 9110, 9.3.6), and refuses what it is told to.
type Proxy struct {
	Dial   func(ctx context.Context, hostport string) (net.Conn, error)
	Auth   []string // it wants a login by one of these schemes
	Deny   []string // hosts, or host:port, that it refuses
	Answer int      // it gives this status to everybody; 0: it does its work
}

// Serve answers one connection.
func (p *Proxy) Serve(c net.Conn) {
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return
	}
	refuse := func(status int, more string) {
		page := fmt.Sprintf("<html><head><title>ERROR: %s</title></head><body>proxy1</body></html>", http.StatusText(status))
		fmt.Fprintf(c, "HTTP/1.1 %d %s\r\nVia: 1.1 proxy1 (squid/6.6)\r\n%sContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
			status, http.StatusText(status), more, len(page), page)
	}
	host, _, _ := net.SplitHostPort(r.Host)
	switch {
	case p.Answer != 0:
		refuse(p.Answer, "")
		return
	case len(p.Auth) > 0:
		more := ""
		for _, scheme := range p.Auth {
			more += "Proxy-Authenticate: " + scheme
			if scheme == "Basic" {
				more += ` realm="shop"`
			}
			more += "\r\n"
		}
		refuse(http.StatusProxyAuthRequired, more)
		return
	case r.Method != http.MethodConnect:
		refuse(http.StatusMethodNotAllowed, "")
		return
	case slices.Contains(p.Deny, host), slices.Contains(p.Deny, r.Host):
		refuse(http.StatusForbidden, "X-Squid-Error: ERR_ACCESS_DENIED 0\r\n")
		return
	}
	const patience = 10 * time.Second // of a client, which a proxy need not outlast
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	on, err := p.Dial(ctx, r.Host)
	if err != nil {
		refuse(http.StatusServiceUnavailable, "X-Squid-Error: ERR_CONNECT_FAIL 111\r\n")
		return
	}
	defer on.Close()
	_, _ = io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n")
	Join(c, on)
}

// Join carries what either side says to the other until one has ended.
func Join(a, b net.Conn) {
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(b, a)
		if t, ok := b.(*net.TCPConn); ok {
			_ = t.CloseWrite()
		}
		close(done)
	}()
	_, _ = io.Copy(a, b)
	_ = a.SetReadDeadline(time.Now())
	<-done
}
