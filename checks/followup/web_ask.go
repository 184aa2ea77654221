package followup

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// asking is how a page is asked for.
type asking struct {
	scheme, method string
}

// By TLS no certificate counts: what is asked is no secret, and the answer
// proves nothing by itself. Only the header is asked for, unless it is the
// answer's size that may matter.
var (
	plainly  = asking{"http", http.MethodHead}
	securely = asking{"https", http.MethodHead}
)

// lookWeb asks by TLS wherever the port is not the one of plain HTTP.
func lookWeb(ctx context.Context, t *engine.Trace, s result.Subject) error {
	how := securely
	if s.Port == 80 {
		how = plainly
	}
	if to, ok := endpoint(s); ok {
		how.ask(ctx, t, to, s.Host, "", dial.ConnectOptions{})
	}
	return nil
}

// again asks a server that did not answer once more, the same way and in small
// segments.
func (a asking) again(ctx context.Context, t *engine.Trace, s result.Subject) error {
	to, ok := endpoint(s)
	if !ok {
		return nil
	}
	a.method = http.MethodGet
	var both sync.WaitGroup
	both.Go(func() { a.ask(ctx, t, to, s.Host, "repeat", dial.ConnectOptions{}) })
	both.Go(func() { a.ask(ctx, t, to, s.Host, "segments", dial.ConnectOptions{MaxSegment: smallSegment}) })
	both.Wait()
	return nil
}

// lookGreeting asks a port whose greeting never came by the protocols that
// filters let through.
func lookGreeting(ctx context.Context, t *engine.Trace, s result.Subject) error {
	to, ok := endpoint(s)
	if !ok {
		return nil
	}
	var both sync.WaitGroup
	both.Go(func() { plainly.ask(ctx, t, to, s.Host, "plain", dial.ConnectOptions{}) })
	both.Go(func() { greet(ctx, t, to, "tls", dial.ConnectOptions{}, talk.HelloOptions{ServerName: s.Host}) })
	both.Wait()
	return nil
}

// ask asks an address for a host's first page, as a step that says what was
// different about it. What the system can't do is left out.
func (a asking) ask(ctx context.Context, t *engine.Trace, to netip.AddrPort, host, variant string, o dial.ConnectOptions) {
	ctx, cancel := context.WithTimeout(ctx, handshakePatience)
	defer cancel()
	conn, err := connectWith(ctx, t, to, o)
	if errors.Is(err, errors.ErrUnsupported) {
		return
	}
	_ = t.Span(ctx, result.OpRequest, func(ctx context.Context, s *engine.Step) error {
		about(s, to, variant)
		s.Set("server.address", host)
		s.Set("url.full", a.scheme+"://"+net.JoinHostPort(host, strconv.Itoa(int(to.Port())))+"/")
		if err != nil {
			return err
		}
		defer conn.Close()
		var over net.Conn = conn
		if a.scheme == "https" {
			hello, err := talk.Handshake(ctx, conn, talk.HelloOptions{ServerName: host})
			if err != nil {
				return broken(s, conn, err)
			}
			over = hello.Conn
		}
		said, err := talk.AskWeb(ctx, over, a.method, host)
		if said != nil {
			note(s, said)
		}
		switch {
		case err != nil:
			return broken(s, conn, err)
		case said.Status == 0:
			return engine.Failed(result.FailHTTP, errors.New("the answer is not HTTP"))
		}
		return nil
	})
}

// note records who answered.
func note(s *engine.Step, a *talk.WebAnswer) {
	if a.First != "" {
		s.Set("http.first_bytes", a.First)
	}
	if a.Status != 0 {
		s.Set("http.response.status_code", a.Status)
	}
	if a.Server != "" {
		s.Set("http.response.header.server", a.Server)
	}
	if a.Location != "" {
		s.Set("http.response.header.location", a.Location)
	}
	if a.Dated {
		s.Set("http.date_offset_s", a.Ahead.Seconds())
	}
}
