package talk_test

import (
	"context"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"

	"netcheck/checks/talk"
)

// FuzzTunnel: whatever a proxy says, by CONNECT or by SOCKS, it ends in time,
// in a way or in an error with a name, and nothing that it said can harm a
// terminal.
func FuzzTunnel(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 OK\r\n\r\nSSH-2.0-x\r\n",
		"HTTP/1.1 407 Login\r\nProxy-Authenticate: NTLM TlRMTVNTUAACAAAA\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\nHTTP/1.1 407 Login\r\nProxy-Authenticate: NTLM TlRMTVNTUAACAAAABgAGADgAAAAGgokCk5Iv3wAAAAAAAAAAAAAAAAAAAAA=\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 403 \x1b[31m\r\nVia: \u202e\r\nContent-Type: text/html\r\n\r\n<title>\x9b</title>",
		"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
		"\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50hello", "\x05\x02\x01\x00\x05\x02\x00\x03\x05hello\x00\x50", "\x05\xff", "\x05\x02\x01\x01", "\x04\x5a",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, said string) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		open := func(context.Context) (net.Conn, error) {
			near, far := net.Pipe()
			go func() { // a pipe waits for who reads: requests are thrown away meanwhile
				b := make([]byte, 4<<10)
				for {
					if _, err := far.Read(b); err != nil {
						return
					}
				}
			}()
			go func() {
				_, _ = far.Write([]byte(said))
				far.Close()
			}()
			return near, nil
		}
		for name, ask := range map[string]func(context.Context, func(context.Context) (net.Conn, error), string, *url.Userinfo) (net.Conn, *talk.Tunnel, error){
			"CONNECT": talk.OpenTunnel, "SOCKS": talk.OpenSocks,
		} {
			conn, tunnel, err := ask(ctx, open, "shop.test:443", url.UserPassword("me", "s3ntinel"))
			if conn != nil {
				conn.Close()
			}
			if (conn == nil) == (err == nil) {
				t.Fatalf("%s: neither a way nor an error, or both: %v", name, err)
			}
			words := ""
			if tunnel != nil {
				words = strings.Join(append(tunnel.Schemes, tunnel.Reason, tunnel.Via, tunnel.Page, tunnel.Login), " ")
			}
			if err != nil {
				words += err.Error()
			}
			if strings.ContainsFunc(words, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
				t.Fatalf("%s: %q", name, words)
			}
			if strings.Contains(words, "s3ntinel") && !strings.Contains(said, "s3ntinel") {
				t.Fatalf("%s: the password is in %q", name, words)
			}
		}
		if ctx.Err() != nil {
			t.Fatal("it did not end in time")
		}
	})
}
