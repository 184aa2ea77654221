package talk_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netcheck/checks/talk"
	"netcheck/report/result"
)

// saying is a proxy's end of a connection that takes a request and says this.
// What it was asked is sent on.
func saying(t *testing.T, answer string) (net.Conn, <-chan *http.Request) {
	t.Helper()
	near, far := net.Pipe()
	asked := make(chan *http.Request, 1)
	t.Cleanup(func() { near.Close(); far.Close() })
	go func() {
		r, err := http.ReadRequest(bufio.NewReader(far))
		if err != nil {
			close(asked)
			return
		}
		asked <- r
		if answer != "silence" {
			_, _ = far.Write([]byte(answer))
			far.Close()
		}
	}()
	return near, asked
}

func TestRequestTunnel(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		want         *talk.Tunnel
		failure      result.Failure
	}{
		{"a way", "HTTP/1.1 200 Connection established\r\n\r\n", &talk.Tunnel{Status: 200, Reason: "Connection established"}, ""},
		{
			"a login", "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: Basic realm=\"a, b\"\r\nProxy-Authenticate: Basic realm=\"c\"\r\nVia: 1.1 proxy.test (squid)\r\nContent-Length: 0\r\n\r\n",
			&talk.Tunnel{Status: 407, Reason: "Proxy Authentication Required", Schemes: []string{"Negotiate", "Basic"}, Via: "1.1 proxy.test (squid)"}, "",
		},
		{
			"no way", "HTTP/1.0 403 Forbidden\r\nServer: squid\r\n\r\n<html><TITLE>Access \x1b[31mdenied</TITLE>",
			&talk.Tunnel{Status: 403, Reason: "Forbidden", Via: "squid", Page: "Access denied"}, "",
		},
		{"a page without end", "HTTP/1.1 503 No\r\nContent-Length: 9000000\r\n\r\nshort", &talk.Tunnel{Status: 503, Reason: "No"}, ""},
		{"no HTTP", "SSH-2.0-OpenSSH\r\n\r\n", nil, result.FailHTTP},
		{"a header without end", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 100<<10), nil, result.FailEOF},
		{"it hangs up", "", nil, result.FailEOF},
		{"silence", "silence", nil, result.FailTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, _ := saying(t, c.answer)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			got, err := talk.RequestTunnel(ctx, conn, "shop.test:443", nil)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			failure := result.Failure("")
			if e, ok := errors.AsType[*talk.TunnelError](err); ok {
				failure = e.Code
			}
			if failure != c.failure {
				t.Errorf("%q (%v), want %q", failure, err, c.failure)
			}
		})
	}
}

func TestRequestTunnelAsks(t *testing.T) {
	conn, asked := saying(t, "HTTP/1.1 200 OK\r\n\r\n")
	if _, err := talk.RequestTunnel(t.Context(), conn, "[2001:db8::1]:8443", url.UserPassword("me", "secret")); err != nil {
		t.Fatal(err)
	}
	r := <-asked
	if r.Method != http.MethodConnect || r.Host != "[2001:db8::1]:8443" || r.RequestURI != "[2001:db8::1]:8443" {
		t.Errorf("asked %s %s for %s", r.Method, r.RequestURI, r.Host)
	}
	if got := r.Header.Get("Proxy-Authorization"); got != "Basic bWU6c2VjcmV0" {
		t.Errorf("login %q", got)
	}
}
