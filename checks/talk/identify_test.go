package talk_test

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"
	"unicode"

	"netcheck/checks/checktest"
	"netcheck/checks/talk"
)

func TestIdentify(t *testing.T) {
	for _, c := range []struct {
		name, world, proto, banner string
		first                      bool
	}{
		{"ssh", `greet $port "SSH-2.0-OpenSSH_9.7"`, "ssh", "SSH-2.0-OpenSSH_9.7", true},
		{"ssh after a text", "greet $port \"no entry\\r\\nSSH-2.0-x\"", "ssh", "SSH-2.0-x", true},
		{"ftp", `greet $port "220 ProFTPD Server (shop)"`, "ftp", "220 ProFTPD Server (shop)", true},
		{"smtp", `greet $port "220 mail.shop.test ESMTP Postfix"`, "smtp", "220 mail.shop.test ESMTP Postfix", true},
		{"pop3", `greet $port "+OK ready"`, "pop3", "+OK ready", true},
		{"imap", `greet $port "* OK IMAP4rev1"`, "imap", "* OK IMAP4rev1", true},
		{"something", `greet $port "hello there"`, "other", "hello there", true},
		{"hostile", "greet $port \"220 \\x1b[2JFTP\\u202e\"", "ftp", "220 FTP", true},
		{"tls", "tls $port good", "tls", "CN=localhost", false},
		{"tls that wants another version", "tls-bytes $port 15030100020246", "tls", "", false},
		{"http", "http $port\npage $port / 200 Server=till/1", "http", "HTTP/1.1 200", false},
		{"silence", "silent $port", "silent", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := checktest.NewWorld(t)
			w.Build(c.world)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			redial := func(ctx context.Context) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "tcp", w.Expand("127.0.0.1:$port"))
			}
			p, err := talk.Identify(ctx, dialTCP(t, w.Expand("127.0.0.1:$port")), talk.IdentifyOptions{Redial: redial, ServerName: "shop.test", Patience: 200 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			if p.Proto != c.proto || p.First != c.first || c.banner != "" && !strings.Contains(p.Banner, c.banner) {
				t.Errorf("got %q, %q, spoke first: %v", p.Proto, p.Banner, p.First)
			}
		})
	}
}

// A web server may complain of a ClientHello without a status line: it is who
// it is for those who ask as it expects.
func TestIdentifyAfterComplaint(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			b := make([]byte, 4096)
			n, _ := c.Read(b)
			if strings.HasPrefix(string(b[:n]), "GET / HTTP/1.") {
				io.WriteString(c, "HTTP/1.0 200 OK\r\nServer: SimpleHTTP/0.6\r\n\r\n")
			} else {
				io.WriteString(c, "<!DOCTYPE HTML>\n<p>Bad request version</p>\n")
			}
			c.Close()
		}
	}()
	redial := func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
	}
	p, err := talk.Identify(t.Context(), dialTCP(t, l.Addr().String()), talk.IdentifyOptions{Redial: redial, Patience: 100 * time.Millisecond})
	if err != nil || p.Proto != "http" || !strings.Contains(p.Banner, "HTTP/1.0 200") {
		t.Errorf("got %v, %v", p, err)
	}
}

func TestIdentifyBroken(t *testing.T) {
	w := checktest.NewWorld(t)
	w.Build("close $port")
	redial := func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", w.Expand("127.0.0.1:$port"))
	}
	p, err := talk.Identify(t.Context(), dialTCP(t, w.Expand("127.0.0.1:$port")), talk.IdentifyOptions{Redial: redial, Patience: time.Second})
	if err == nil {
		t.Errorf("got %v of a connection that was closed at once", p)
	}
}

func TestRecognise(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "silent",
		"SSH-1.99-old\n":                 "ssh",
		"HTTP/1.1 200 OK\r\nServer: x\r": "http",
		"\x16\x03\x03\x00\x7a\x02":       "tls",
		"\x15\x03\x01\x00\x02\x02\x46":   "tls",
		"\xff\xfb\x01\xff\xfb\x03":       "telnet",
		"RFB 003.008\n":                  "vnc",
		"220 welcome\r\n":                "other", // FTP and SMTP begin alike
		"421 FTP service not available":  "ftp",
		"554 ESMTP no":                   "smtp",
		"220ftp":                         "other",
		"\x00\x00\x00":                   "other",
	} {
		if got := talk.Recognise([]byte(in)).Proto; got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func FuzzRecognise(f *testing.F) {
	for _, s := range []string{"SSH-2.0-x\r\n", "220 ftp \x1b[2J", "HTTP/1.1 200 OK\r\nServer: \x9b\u202e\r\n\r\n", "\x16\x03\x03", "\xff\xfb\x01", "* OK"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p := talk.Recognise(b)
		if p.Proto == "" {
			t.Error("no protocol")
		}
		if strings.ContainsFunc(p.String(), unicode.IsControl) || len([]rune(p.Banner)) > 120 {
			t.Errorf("%q", p.Banner)
		}
	})
}
