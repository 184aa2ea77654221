package servers

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Site is what a web server has: pages by path, or by host and path. What it
// has not is not found, or what the page of * says.
type Site struct {
	mu    sync.Mutex
	pages map[string]page
	ahead time.Duration
}

type page struct {
	status int
	header http.Header
	body   string
	wait   time.Duration
	method string // that it wants; "" for any
	needs  string // a header that it wants, as Name=Value
	login  string // user and password that it wants, as user:password
	socket string // how it opens a WebSocket; "" for not at all
}

// NewSite makes a site without pages, whose clock is so far ahead.
func NewSite(ahead time.Duration) *Site { return &Site{pages: map[string]page{}, ahead: ahead} }

// Page adds a page: its path, or host and path, or *; its status, and words:
// Header=Value body=TEXT repeat=COUNT gzip wait=DURATION method=POST
// needs=Header=Value login=USER:PASSWORD websocket[=wrong-key|mute|garbage|
// hang-up].
func (s *Site) Page(path, status string, words ...string) (err error) {
	p := page{header: http.Header{}}
	if p.status, err = strconv.Atoi(status); err != nil {
		return err
	}
	for _, w := range words {
		key, val, ok := strings.Cut(w, "=")
		switch key {
		case "body":
			p.body = val
		case "repeat":
			n, err := strconv.Atoi(val)
			if err != nil {
				return err
			}
			p.body = strings.Repeat(p.body, n)
		case "gzip":
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = io.WriteString(z, p.body)
			_ = z.Close()
			p.body = b.String()
			p.header.Set("Content-Encoding", "gzip")
		case "wait":
			if p.wait, err = time.ParseDuration(val); err != nil {
				return err
			}
		case "method":
			p.method = val
		case "needs":
			p.needs = val
		case "login":
			p.login = val
		case "websocket":
			p.socket = cmp.Or(val, "open")
		default:
			if !ok {
				return fmt.Errorf("%s is not known", w)
			}
			p.header.Add(key, val)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[path] = p
	return nil
}

// Serve answers on a listener until stop is called; requests end with ctx.
func (s *Site) Serve(ctx context.Context, l net.Listener) (stop func()) {
	server := &http.Server{
		Handler: s, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	var wg sync.WaitGroup
	wg.Go(func() { _ = server.Serve(l) })
	return func() {
		server.Close()
		wg.Wait()
	}
}

func (s *Site) find(r *http.Request) (page, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	for _, key := range []string{host + r.URL.Path, r.URL.Path, "*"} {
		if p, ok := s.pages[key]; ok {
			return p, true
		}
	}
	return page{}, false
}

// ServeHTTP answers by the page of the path.
func (s *Site) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	if s.ahead != 0 {
		out.Header().Set("Date", time.Now().Add(s.ahead).UTC().Format(http.TimeFormat))
	}
	p, ok := s.find(r)
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	name, value, _ := strings.Cut(p.needs, "=")
	user, password, _ := r.BasicAuth()
	switch {
	case !ok:
		http.NotFound(out, r)
		return
	case p.method != "" && r.Method != p.method:
		out.WriteHeader(http.StatusMethodNotAllowed)
		return
	case p.needs != "" && r.Header.Get(name) != value && string(body) != p.needs:
		out.WriteHeader(http.StatusBadRequest)
		return
	case p.login != "" && user+":"+password != p.login:
		if out.Header().Get("WWW-Authenticate") == "" {
			out.Header().Set("WWW-Authenticate", cmp.Or(p.header.Get("WWW-Authenticate"), `Basic realm="shop"`))
		}
		out.WriteHeader(http.StatusUnauthorized)
		return
	case p.socket != "":
		openSocket(out, r, p.socket)
		return
	}
	select {
	case <-time.After(p.wait):
	case <-r.Context().Done():
		return
	}
	for k, vs := range p.header {
		out.Header()[http.CanonicalHeaderKey(k)] = vs
	}
	out.WriteHeader(p.status)
	_, _ = io.WriteString(out, p.body)
}
