package talk_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netcheck/checks/talk"
	"netcheck/report/result"
)

// saying is a proxy that says this to the requests on a connection, one after
// the other, and hangs up unless its last word is silence. What it was asked is
// sent on.
func saying(t *testing.T, answers ...string) (open func(context.Context) (net.Conn, error), asked <-chan *http.Request) {
	t.Helper()
	requests := make(chan *http.Request, 8)
	var mu sync.Mutex // of answers: the client may come anew before the last connection has ended
	next := func() (answer string, last bool) {
		mu.Lock()
		defer mu.Unlock()
		if len(answers) == 0 {
			return "", true
		}
		if answer = answers[0]; answer != "silence" {
			answers = answers[1:]
		}
		return answer, len(answers) == 0
	}
	return func(context.Context) (net.Conn, error) {
		near, far := net.Pipe()
		t.Cleanup(func() { near.Close(); far.Close() })
		go func() {
			in := bufio.NewReader(far)
			for last := false; !last; {
				r, err := http.ReadRequest(in)
				if err != nil {
					break
				}
				requests <- r
				var answer string
				if answer, last = next(); answer == "silence" {
					return
				}
				_, _ = far.Write([]byte(answer))
				switch {
				case answer == "HTTP/1.1 200 Conn":
					return
				case answer == "", strings.Contains(answer, "Connection: close"):
					far.Close()
					return
				}
			}
			far.Close()
		}()
		return near, nil
	}, requests
}

func TestOpenTunnel(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		want         *talk.Tunnel
		failure      result.Failure // "": there is a way
	}{
		{"a way", "HTTP/1.1 200 Connection established\r\n\r\n", &talk.Tunnel{Status: 200, Reason: "Connection established"}, ""},
		{
			"a login", "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: Basic realm=\"a, b\"\r\nProxy-Authenticate: Basic realm=\"c\"\r\nVia: 1.1 proxy.test (squid)\r\nContent-Length: 0\r\n\r\n",
			&talk.Tunnel{Status: 407, Reason: "Proxy Authentication Required", Schemes: []string{"Negotiate", "Basic"}, Via: "1.1 proxy.test (squid)"}, result.FailProxyAuth,
		},
		{
			"no way", "HTTP/1.0 403 Forbidden\r\nServer: squid\r\n\r\n<html><TITLE>Access \x1b[31mdenied</TITLE>",
			&talk.Tunnel{Status: 403, Reason: "Forbidden", Via: "squid", Page: "Access denied"}, result.FailProxyDenied,
		},
		{"a page without end", "HTTP/1.1 503 No\r\nContent-Length: 9000000\r\n\r\nshort", &talk.Tunnel{Status: 503, Reason: "No"}, result.FailProxyError},
		{"no HTTP", "SSH-2.0-OpenSSH\r\n\r\n", nil, result.FailHTTP},
		{"a header without end", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 100<<10), nil, result.FailHTTPFormat},
		{"it hangs up", "", nil, result.FailEOF},
		{"silence", "silence", nil, result.FailTimeout},
		{"silence in the first line", "HTTP/1.1 200 Conn", nil, result.FailTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			open, _ := saying(t, c.answer)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			conn, got, err := talk.OpenTunnel(ctx, open, "shop.test:443", nil)
			if (conn != nil) != (c.failure == "") {
				t.Errorf("connection %v", conn)
			}
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

// TestOpenTunnelLogsIn: a login is given when it is asked for, on a new
// connection where the proxy closes the first; and what the host says at once
// is not lost.
func TestOpenTunnelLogsIn(t *testing.T) {
	const wants = "HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n"
	for _, c := range []struct{ name, first string }{
		{"on the same connection", wants + "\r\n"},
		{"on a new one", wants + "Connection: close\r\n\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			open, asked := saying(t, c.first, "HTTP/1.1 200 OK\r\n\r\nSSH-2.0-early\r\n")
			conn, said, err := talk.OpenTunnel(t.Context(), open, "[2001:db8::1]:8443", url.UserPassword("me", "secret"))
			if err != nil {
				t.Fatal(err)
			}
			if said.Login != "Basic" {
				t.Errorf("login by %q", said.Login)
			}
			early := make([]byte, 9)
			if _, err := io.ReadFull(conn, early); err != nil || string(early) != "SSH-2.0-e" {
				t.Errorf("the host says %q (%v)", early, err)
			}
			for _, want := range []string{"", "Basic bWU6c2VjcmV0"} {
				r := <-asked
				if r.Method != http.MethodConnect || r.Host != "[2001:db8::1]:8443" || r.RequestURI != "[2001:db8::1]:8443" {
					t.Errorf("asked %s %s for %s", r.Method, r.RequestURI, r.Host)
				}
				if got := r.Header.Get("Proxy-Authorization"); got != want {
					t.Errorf("login %q, want %q", got, want)
				}
			}
		})
	}
}

// TestOpenTunnelKnowsARefusedLogin: whether the refusal of a login is a 407 or,
// as of Tinyproxy, a 401. To who gave none a 401 is no proxy's word.
func TestOpenTunnelKnowsARefusedLogin(t *testing.T) {
	const wants, refuses = "HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 401 Unauthorized\r\nServer: tinyproxy/1.11.1\r\n\r\n"
	for _, c := range []struct {
		name    string
		answers []string
		want    result.Failure
	}{
		{"after a login", []string{wants, refuses}, result.FailProxyAuth},
		{"at once", []string{refuses}, result.FailProxyDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			open, _ := saying(t, c.answers...)
			_, said, err := talk.OpenTunnel(t.Context(), open, "shop.test:443", url.UserPassword("me", "wrong"))
			if e, ok := errors.AsType[*talk.TunnelError](err); !ok || e.Code != c.want || said.Status != http.StatusUnauthorized {
				t.Errorf("%+v, %v, want %s", said, err, c.want)
			}
		})
	}
}

// TestOpenTunnelAnswersNoOldNTLM: a challenge that can't be answered leaves the
// other login that the proxy takes.
func TestOpenTunnelAnswersNoOldNTLM(t *testing.T) {
	const old = "TlRMTVNTUAACAAAAAAAAADAAAAACggAAASNFZ4mrze8AAAAAAAAAAAAAAAAAAAAA" // no target information: NTLMv1
	challenge := func(schemes ...string) string {
		return "HTTP/1.1 407 Login\r\nProxy-Authenticate: " + strings.Join(schemes, "\r\nProxy-Authenticate: ") + "\r\nContent-Length: 0\r\n\r\n"
	}
	open, asked := saying(t, challenge("NTLM", `Basic realm="x"`), challenge("NTLM "+old), "HTTP/1.1 200 OK\r\n\r\n")
	_, said, err := talk.OpenTunnel(t.Context(), open, "shop.test:443", url.UserPassword("me", "secret"))
	if err != nil || said.Login != "Basic" {
		t.Errorf("%+v, %v", said, err)
	}
	for _, want := range []string{"", "NTLM", "Basic"} {
		if scheme, _, _ := strings.Cut((<-asked).Header.Get("Proxy-Authorization"), " "); scheme != want {
			t.Errorf("login by %q, want %q", scheme, want)
		}
	}
	open, _ = saying(t, challenge("NTLM"), challenge("NTLM "+old))
	_, said, err = talk.OpenTunnel(t.Context(), open, "shop.test:443", url.UserPassword("me", "secret"))
	if e, ok := errors.AsType[*talk.TunnelError](err); !ok || e.Code != result.FailProxyAuth || said.Login != "unanswered" {
		t.Errorf("%+v, %v", said, err)
	}
}
