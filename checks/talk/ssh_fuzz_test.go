package talk

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"
	"time"
	"unicode"
)

// FuzzGreeting takes what a server says first through everything that looks at
// it: as it comes, whole and in two halves, and as its algorithms.
func FuzzGreeting(f *testing.F) {
	for _, s := range []string{
		"", "SSH-2.0-OpenSSH_9.7\r\n", "SSH-2.0-OpenSSH_9.7 Debian-1\n", "SSH-1.99-x\r\n", "SSH-1.5-1.2.33\n", "SSH-", "SSH-2.0-\x1b[2J\n",
		"house rules\r\nand more\r\nSSH-2.0-x\r\n", "\x1b]0;owned\x07\nSSH-2.0-x\r\n", "SSH-2.0-" + strings.Repeat("a", 300),
		strings.Repeat("hello\n", 2000) + "SSH-2.0-x\r\n", "220 mail ESMTP\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "\x15\x03\x03\x00\x02\x02\x28",
		"SSH-2.0-x\r\n\x00\x00\x00\x1c\x04\x14" + strings.Repeat("\x00", 16) + "\x00\x00\x00\x03a,b\x00\x00\x00\x00", "\xff\xfe\n\n\nSSH-2.0-x\n", "\n\n\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		whole, done := parseGreeting(b)
		if done && whole.version != "" {
			if !bytes.HasPrefix(b[whole.at:], []byte(whole.version)) || whole.end > len(b) || whole.end < whole.at {
				t.Errorf("%+v is not there", whole)
			}
			// What came in parts is the same.
			if half, early := parseGreeting(b[:whole.end/2]); early && half.odd {
				t.Errorf("given up after half of a greeting: %+v", half)
			}
			if again, ok := parseGreeting(b[:whole.end]); !ok || again != whole {
				t.Errorf("%+v without what follows, %+v with it", again, whole)
			}
		}
		if !done && len(b) > maxForeword+maxIdentification+1 {
			t.Errorf("more is awaited after %d bytes", len(b))
		}
		if o := parseOffer(b); o != nil {
			for _, list := range [][]string{o.KeyExchange, o.HostKeys, o.Ciphers, o.MACs} {
				harmless(t, list...)
			}
		}
		near, far := net.Pipe()
		go func() {
			_ = far.SetDeadline(time.Now().Add(time.Second))
			_, _ = far.Write(b)
			far.Close()
		}()
		defer near.Close()
		p, err := GreetSSH(context.Background(), near, time.Hour)
		harmless(t, p.Version, p.Foreword, p.First, p.Other.String())
		if err != nil {
			harmless(t, err.Error())
		} else if p.Version == "" {
			t.Error("no error, and no version")
		}
	})
}

func harmless(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if strings.ContainsFunc(s, unicode.IsControl) {
			t.Errorf("a control character in %q", s)
		}
	}
}
