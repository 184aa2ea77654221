package checks

import (
	"bufio"
	"context"
	"io"
	"net/netip"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/standin"
	"netcheck/report/result"
)

// sameStandin asks the stand-in to which the calls are forwarded what the
// helper asked of whoever it reached: it alone can give the same answer.
func (v *inboundView) sameStandin(ctx context.Context) (same bool) {
	if !v.here.address.IsValid() {
		return false
	}
	to := netip.AddrPortFrom(v.here.address, v.check.localPort())
	_ = v.trace.Step(ctx, result.OpStandin, func(ctx context.Context, s *engine.Step) error {
		s.Set("standin.address", to.String())
		s.Set("standin.asked", true)
		said, err := askStandin(ctx, v.trace, v.check.proto(), to, v.port.Challenge)
		proof, ok := standin.Proof(said)
		same = err == nil && ok && proof == v.port.Answer
		s.Set("standin.same", same)
		return nil // that a service answers otherwise is no failure
	})
	return same
}

// maxStandin is more than a stand-in's answer has.
const maxStandin = 100

// askStandin asks a nonce of whoever listens there, and returns the line or
// datagram that is said to it.
func askStandin(ctx context.Context, t *engine.Trace, proto string, to netip.AddrPort, nonce string) (string, error) {
	conn, err := t.Network().DialContext(ctx, proto, to.String())
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if d, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(d)
	}
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	if _, err := io.WriteString(conn, standin.Ask(nonce)); err != nil {
		return "", err
	}
	if proto == "udp" {
		b := make([]byte, maxStandin)
		n, err := conn.Read(b)
		return string(b[:n]), err
	}
	return bufio.NewReaderSize(io.LimitReader(conn, maxStandin), maxStandin).ReadString('\n')
}
