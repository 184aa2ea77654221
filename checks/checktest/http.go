package checktest

import (
	"crypto/tls"
	"fmt"
	"net"

	"netcheck/internal/servers"
)

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
	s := servers.NewSite(0)
	w.sites[portOf(l.Addr())] = s
	w.AtEnd(s.Serve(w.T.Context(), l))
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
	return s.Page(args[1], args[2], args[3:]...)
}
