package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"netcheck/checks/vantage"
	"netcheck/checks/vantage/server"
	"netcheck/profiles"
	"netcheck/profiles/value"
)

// vantageMemory is where a helper begins to save memory: what two thousand
// connections need, and some.
const vantageMemory = 256 << 20

// vantage opens all that the helper listens to, says so in a line, and serves
// until it is told to stop.
func (s *streams) vantage(ctx context.Context, v *outside) error {
	if s.getenv("GOGC") == "" && s.getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(100) // it runs for months, not for seconds
		debug.SetMemoryLimit(vantageMemory)
	}
	v.o.Log = slog.New(slog.NewTextHandler(s.err, nil))
	certificate, err := s.certify(v)
	if err != nil {
		return err
	}
	v.o.TLS = certificate.config
	h, err := server.New(v.o)
	if err != nil {
		return usagef("%v", err)
	}
	all, ctx := errgroup.WithContext(ctx)
	l, err := server.Listen(ctx, v.listen)
	if err != nil {
		return cantListen("listen", err)
	}
	defer l.Close()
	line := fmt.Sprintf("listening on %s (%s); %s", l.Addr(), certificate.what, v.allows())
	if v.stun != "" {
		c, err := net.ListenPacket("udp", v.stun)
		if err != nil {
			return cantListen("stun", err)
		}
		line += fmt.Sprintf("; STUN on %s", c.LocalAddr())
		all.Go(func() error { return h.ServeSTUN(ctx, c.(*net.UDPConn)) })
	}
	if v.metrics != "" {
		m, err := net.Listen("tcp", v.metrics)
		if err != nil {
			return cantListen("metrics", err)
		}
		h.Avoid(m.Addr())
		line += fmt.Sprintf("; metrics on http://%s/metrics", m.Addr())
		all.Go(func() error { return serveMetrics(ctx, m, h.Metrics()) })
	}
	s.message("netcheck vantage: %s", line)
	all.Go(func() error { return h.Serve(ctx, l) })
	if err := all.Wait(); err != nil {
		return usagef("%v", err)
	}
	return nil // to be stopped is how its work ends
}

// cantListen words why a port could not be opened.
func cantListen(flag string, err error) error {
	e := usagef("--%s: %v", flag, err)
	if strings.Contains(err.Error(), "permission") {
		return e.withHint("a port below 1024 needs a right: netcheck vantage --print systemd gives it to a service")
	}
	return e
}

// serveMetrics answers Prometheus until ctx ends.
func serveMetrics(ctx context.Context, l net.Listener, metrics http.Handler) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	hs := &http.Server{Handler: mux, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 8 << 10}
	stop := context.AfterFunc(ctx, func() { hs.Close() })
	defer stop()
	if err := hs.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// vantageToken is what shops must have; "" where they need nothing.
func (s *streams) vantageToken(file string) (string, error) {
	if file == "" {
		file = s.getenv(vantage.TokenVariable + "_FILE")
	}
	if file == "" {
		return s.getenv(vantage.TokenVariable), nil
	}
	b, err := readBounded(file)
	if err != nil {
		return "", usagef("can't read the token in %s: %v", file, reason(err))
	}
	if b = bytes.TrimSpace(b); len(b) == 0 {
		return "", usagef("there is no token in %s", file)
	}
	return string(b), nil
}

// vantagePorts are those that may be asked for.
func (s *streams) vantagePorts(ctx context.Context, list, refs []string) ([]uint16, error) {
	all, err := parsePorts(list)
	if err != nil {
		return nil, err
	}
	for _, ref := range refs {
		p, err := s.load(ctx, ref, false)
		if err != nil {
			return nil, err
		}
		ports := publicPorts(p)
		if len(ports) == 0 && len(list) == 0 {
			return nil, usagef("--profile %s: it names no public port; each shop has its own", ref).withHint("name them by --ports, such as --ports 8080,9000-9999")
		}
		all = append(all, ports...)
	}
	return all, nil
}

// publicPorts are the ports that a profile wants to be reachable from outside,
// as far as it says so itself: as a number, or as a parameter's default.
func publicPorts(p *profiles.Profile) []uint16 {
	var all []uint16
	for _, c := range p.Declared {
		if c.Kind != "inbound" {
			continue
		}
		text := fmt.Sprint(c.Fields["public_port"])
		for _, param := range p.Params {
			if text == "${"+param.Name+"}" && param.Default != nil {
				text = fmt.Sprint(param.Default)
			}
		}
		ports, err := value.ParsePorts(text)
		if err != nil || len(ports) != 1 || ports[0].First != ports[0].Last {
			continue // what only a shop knows
		}
		all = append(all, ports[0].First)
	}
	return all
}
