package talk

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"
	"unicode"

	"netcheck/report/result"
)

// heard is a connection on which everything has been said already: writes go
// nowhere.
type heard struct {
	net.Conn // nil: nothing else is asked of it
	said     io.Reader
}

func (h heard) Read(b []byte) (int, error)       { return h.said.Read(b) }
func (h heard) Write(b []byte) (int, error)      { return len(b), nil }
func (h heard) SetDeadline(time.Time) error      { return nil }
func (h heard) SetReadDeadline(time.Time) error  { return nil }
func (h heard) SetWriteDeadline(time.Time) error { return nil }

// FuzzStartTLS takes whatever a server may say before TLS through every
// protocol: it ends, names what is wrong, shows nothing that a terminal obeys,
// and grants TLS only where no byte is left over.
func FuzzStartTLS(f *testing.F) {
	for _, said := range []string{
		"220 mail ESMTP\r\n250-mail\r\n250-STARTTLS\r\n250 SIZE\r\n220 go\r\n",
		"220 ****\r\n250-mail\r\n250 XXXXXXXA\r\n",
		"220-a\r\n220 b\r\n234 go\r\n", "120 wait\r\n220 x\r\n", "220", "220-\r\n", "\x1b[2J220 x\r\n",
		"* OK [CAPABILITY IMAP4rev1] x\r\n* CAPABILITY STARTTLS\r\nn1 OK\r\nn2 OK\r\n", "* BYE\r\n",
		"+OK\r\n+OK\r\n", "-ERR\r\n", "S", "N", "SX", "E\x00", "SSH-2.0-x\r\n",
		"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", "\x30\x84\x7f\xff\xff\xff", "\x30\x80", "\x30\x03\x02\x01",
	} {
		f.Add([]byte(said))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		for _, p := range StartTLSProtocols() {
			left := strings.NewReader(string(said))
			w := p.Wish(heard{said: left})
			shown, err := w.Greeting(context.Background())
			if err == nil {
				var o Offer
				o, err = w.Ask(context.Background())
				shown += o.Said
				if err == nil && (left.Len() > 0 || !o.Listed) {
					t.Errorf("%s: TLS is granted, with %d bytes to come and %+v", p.Name, left.Len(), o)
				}
			}
			if err != nil {
				shown += err.Error()
				if failureOf(err) == result.FailOther {
					t.Errorf("%s: without a name: %v", p.Name, err)
				}
			}
			if strings.ContainsFunc(shown, unicode.IsControl) {
				t.Errorf("%s: a control character in %q", p.Name, shown)
			}
		}
	})
}

// FuzzWebSocket takes whatever may come over a WebSocket.
func FuzzWebSocket(f *testing.F) {
	for _, said := range []string{"\x8a\x08netcheck\x88\x02\x03\xe8", "\x88\x00", "\x81\x7e\x00\x01a", "\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", "HTTP/1.1 400 \x1b[2J", "\x88\x80abcd", ""} {
		f.Add([]byte(said))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		conn := heard{said: strings.NewReader(string(said))}
		n, err := LeaveWebSocket(context.Background(), conn, conn)
		switch {
		case err == nil && n == 0:
			t.Error("nothing came, and nothing is wrong")
		case err != nil && failureOf(err) == result.FailOther:
			t.Errorf("without a name: %v", err)
		case err != nil && strings.ContainsFunc(err.Error(), unicode.IsControl):
			t.Errorf("a control character in %q", err)
		}
	})
}
