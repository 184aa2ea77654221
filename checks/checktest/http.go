package checktest

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
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

// site is what a world's web server has.
type site struct {
	mu    sync.Mutex
	pages map[string]page
}

type page struct {
	status int
	header http.Header
	body   string
	wait   time.Duration
	method string // that it wants; "" for any
	needs  string // a header that it wants, as Name=Value
}

// httpVerb starts a web server: http PORT. Pages that no page verb gives it
// are not found.
func httpVerb(w *World, args []string) error {
	args, address, err := on(args, 1)
	if err != nil {
		return err
	}
	l, err := w.Listen(args[0], address)
	if err != nil {
		return err
	}
	w.serveSite(l)
	return nil
}

// httpsVerb is the same over TLS, with the variants of tls: https PORT VARIANT….
func httpsVerb(w *World, args []string) error {
	l, config, err := w.listenTLS(args)
	if err != nil {
		return err
	}
	if len(config.NextProtos) == 0 {
		config.NextProtos = []string{"h2", "http/1.1"}
	}
	w.serveSite(tls.NewListener(l, config))
	return nil
}

func (w *World) serveSite(l net.Listener) {
	s := &site{pages: map[string]page{}}
	w.sites[portOf(l.Addr())] = s
	server := &http.Server{
		Handler: s, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return w.T.Context() },
	}
	w.Go(func() { _ = server.Serve(l) })
	w.AtEnd(func() { server.Close() })
}

// pageVerb adds a page: page PORT PATH STATUS [Header=Value]… [body=TEXT]
// [repeat=COUNT] [gzip] [wait=DURATION] [method=POST] [needs=Header=Value].
func pageVerb(w *World, args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("wanted a port, a path and a status")
	}
	number, err := port(args[0])
	if err != nil {
		return err
	}
	s := w.sites[number]
	if s == nil {
		return fmt.Errorf("no web server on %s", args[0])
	}
	p := page{header: http.Header{}}
	if p.status, err = strconv.Atoi(args[2]); err != nil {
		return err
	}
	for _, a := range args[3:] {
		key, val, _ := strings.Cut(a, "=")
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
		default:
			p.header.Add(key, val)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[args[1]] = p
	return nil
}

// ServeHTTP answers by the page of the path.
func (s *site) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	p, ok := s.pages[r.URL.Path]
	s.mu.Unlock()
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	name, value, _ := strings.Cut(p.needs, "=")
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
