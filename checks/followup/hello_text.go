package followup

import (
	"context"
	"errors"
	"net/netip"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

// asText sends a ClientHello and the end of a plain text request after it: a
// server of plain HTTP, which waits for that, then objects in plain words, and
// one of TLS by a record. That ClientHello came there whose answer it is.
func asText(ctx context.Context, t *engine.Trace, to netip.AddrPort, name string) {
	ctx, cancel := context.WithTimeout(ctx, handshakePatience)
	defer cancel()
	conn, err := t.Network().Connect(ctx, to)
	_ = t.Span(ctx, result.OpHandshake, func(ctx context.Context, s *engine.Step) error {
		about(s, to, "as-text")
		s.Set("tls.client.server_name", name)
		if err != nil {
			return err
		}
		defer conn.Close()
		defer context.AfterFunc(ctx, func() { conn.Close() })()
		if d, ok := ctx.Deadline(); ok {
			_ = conn.SetDeadline(d)
		}
		if _, err := conn.Write(append(clientHello(talk.HelloOptions{ServerName: name, Curves: smallHello}), "\r\n\r\n"...)); err != nil {
			return broken(s, conn, err)
		}
		first := make([]byte, 64)
		n, err := conn.Read(first)
		if err != nil {
			return broken(s, conn, err)
		}
		if p := talk.Recognise(first[:n]); p.Proto == "http" {
			s.Set("network.protocol.name", p.Proto)
			s.Set("tls.first_bytes", talk.Clean(string(first[:n]), len(first)))
			return engine.Failed(result.FailNotTLS, errors.New("the answer is not TLS"))
		}
		return nil
	})
}
