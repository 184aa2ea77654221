package talk

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"netcheck/report/result"
)

// Whoever cuts the connection at our first line does so while we write and read:
// which of both hears of it is chance, and neither is told that time was over.
func TestSSHCutAtOurLine(t *testing.T) {
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
			_, _ = io.WriteString(c, "SSH-2.0-cuts\r\n")
			_, _ = io.ReadFull(c, make([]byte, len(identification)+2))
			_ = c.(*net.TCPConn).SetLinger(0)
			c.Close()
		}
	}()
	const rarely = 8 // a system tells of a reset once: whoever asks after another hears of an end
	ends := 0
	for range 400 {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		p, err := GreetSSH(ctx, conn, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		s := p.Handshake(SSHOptions{})
		_, err = s.Exchange(ctx)
		s.Close()
		cancel()
		var own *SSHError
		if errors.As(err, &own) && own.Code == result.FailEOF && ends < rarely {
			ends++
			continue
		}
		if !errors.As(err, &own) || own.Code != result.FailReset {
			t.Fatalf("%v (%s), wanted a reset", err, failureOf(err))
		}
	}
}
