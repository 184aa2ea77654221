//go:build linux

package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"

	"netcheck/internal/servers"
)

// strangerVerbs are services of others that connect to a shop's line.
func strangerVerbs() []verb {
	return []verb{
		{"echoip", "PLACE ADDRESS PORT [CERTIFICATE]: a service that calls back who asks, and says whether it connected", serve, func(w *World, args []string) error {
			return stranger(w, args, (*servers.Outside).Echoip)
		}},
		{"globalping", "PLACE ADDRESS PORT [CERTIFICATE]: a service that calls whom it is told to", serve, func(w *World, args []string) error {
			return stranger(w, args, (*servers.Outside).Globalping)
		}},
	}
}

func stranger(w *World, args []string, answer func(*servers.Outside, http.ResponseWriter, *http.Request)) error {
	config, args, err := w.secure(args)
	if err != nil {
		return err
	}
	if len(args) != 3 {
		return errors.New("a place, an address and a port")
	}
	o := &servers.Outside{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		return w.Dial(ctx, args[0], network, address)
	}}
	return each(args, func(at netip.AddrPort) error {
		l, err := w.listener(args[0], at)
		if err != nil {
			return err
		}
		s := &http.Server{
			Handler:     http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { answer(o, rw, r) }),
			ReadTimeout: time.Second,
		}
		w.OnClose(func() { s.Close() })
		w.Go(func() { _ = s.Serve(tls.NewListener(l, config)) })
		return nil
	})
}
