package talk

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestAskWeb(t *testing.T) {
	day := time.Now().Add(-48 * time.Hour).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
	tests := map[string]struct {
		says   string
		closes bool
		want   WebAnswer // Ahead: to the hour
		err    error
	}{
		"a page":          {says: "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 2\r\n\r\nok", want: WebAnswer{Status: 200, Server: "nginx"}},
		"a clock":         {says: "HTTP/1.1 404 Not Found\r\nDate: " + day + "\r\nContent-Length: 0\r\n\r\n", want: WebAnswer{Status: 404, Ahead: -48 * time.Hour, Dated: true}},
		"a cache's clock": {says: "HTTP/1.1 200 OK\r\nDate: " + day + "\r\nAge: 5\r\nContent-Length: 0\r\n\r\n", want: WebAnswer{Status: 200}},
		"a redirect":      {says: "HTTP/1.1 302 Found\r\nLocation: http://u:secret@login.test/a?token=secret\r\nContent-Length: 0\r\n\r\n", want: WebAnswer{Status: 302, Location: "http://login.test/a"}},
		"a terminal's":    {says: "HTTP/1.1 200 OK\r\nServer: a\x1b[2Jb\r\nContent-Length: 0\r\n\r\n", closes: true, want: WebAnswer{First: "HTTP/1.1 200 OK Server: ab Content-Length: 0"}},
		"not HTTP":        {says: "SSH-2.0-x\r\n", closes: true, want: WebAnswer{First: "SSH-2.0-x"}},
		"an endless page": {says: "HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("x", maxWeb), want: WebAnswer{Status: 200}},
		"half a page":     {says: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", closes: true, want: WebAnswer{Status: 200}, err: io.ErrUnexpectedEOF},
		"nothing":         {closes: true, err: io.ErrUnexpectedEOF},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ours, theirs := net.Pipe()
			defer ours.Close()
			go func() {
				_, _ = theirs.Read(make([]byte, 4096))
				_, _ = io.WriteString(theirs, test.says)
				if test.closes {
					theirs.Close()
				}
			}()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			got, err := AskWeb(ctx, ours, "GET", "a.test")
			theirs.Close()
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if got == nil {
				got = &WebAnswer{}
			}
			got.Ahead = got.Ahead.Round(time.Hour)
			if *got != test.want {
				t.Errorf("got %+v\nwant %+v", *got, test.want)
			}
		})
	}
}
