package talk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// WebAnswer is what answered one plain question of a browser's. No more of it
// is kept than tells who that was.
type WebAnswer struct {
	Status   int           // 0: it did not answer by HTTP
	Server   string        // as it calls itself, made harmless
	Location string        // where it sends, without what may be secret in it
	Ahead    time.Duration // of its clock before ours
	Dated    bool          // it said what time it is
	First    string        // how an answer that is not HTTP begins, made harmless
}

// AskWeb asks whoever is at the other end of conn for the host's first page, by
// GET or HEAD, and keeps nothing of it. conn stays the caller's to close. Its
// error is the connection's, if that broke or stalled before the page's end or
// the bound; with it comes what was answered until then, nil if nothing was.
func AskWeb(ctx context.Context, conn net.Conn, method, host string) (*WebAnswer, error) {
	if host == "" || strings.ContainsAny(host, "\r\n ") {
		host = "localhost"
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	defer bound(ctx, conn)()
	tap := &Tap{Conn: conn}
	start := time.Now()
	if _, err := fmt.Fprintf(tap, "%s / HTTP/1.1\r\nHost: %s\r\nUser-Agent: netcheck\r\nAccept: */*\r\nConnection: close\r\n\r\n", method, host); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(bufio.NewReader(io.LimitReader(tap, maxWeb)), &http.Request{Method: method})
	switch seen := tap.Seen(); {
	case err == nil:
	case len(seen) > 0:
		return &WebAnswer{First: Clean(string(seen), 64)}, nil
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, ctx.Err()
	default:
		return nil, err
	}
	defer res.Body.Close()
	a := &WebAnswer{Status: res.StatusCode, Server: Clean(res.Header.Get("Server"), 120)}
	if to, err := url.Parse(res.Header.Get("Location")); err == nil && to.Host != "" {
		a.Location = Clean((&url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path}).String(), 300)
	}
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil && res.Header.Get("Age") == "" {
		// The header has whole seconds.
		a.Ahead, a.Dated = date.Add(500*time.Millisecond).Sub(start.Add(time.Since(start)/2)), true
		a.Ahead = time.Duration(math.Round(a.Ahead.Seconds())) * time.Second
	}
	_, err = io.Copy(io.Discard, res.Body)
	if tap.Total() >= maxWeb {
		err = nil // it was we who cut it
	}
	return a, err
}

// maxWeb bounds what is read of an answer: enough that a way which loses large
// packets loses some.
const maxWeb = 16 << 10
