package checks

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
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

// standinShows is within what time a stand-in says that it is one to who says
// nothing on this machine.
const standinShows = 600 * time.Millisecond

// unmask looks whether what listens here in the service's place is a stand-in,
// where its program is not known to be another. A service hears nothing of it
// but a connection.
func (v *inboundView) unmask(ctx context.Context) (poser netip.AddrPort) {
	l := v.here
	known := l.process != "" && !l.owned && !sameProgram(l.process, ownProgram())
	if known || l.elsewhere || l.post != nil || !l.serves() || !l.address.IsValid() || !v.check.service() || v.check.proto() != "tcp" {
		return poser
	}
	ctx, cancel := context.WithTimeout(ctx, standinShows)
	defer cancel()
	to := netip.AddrPortFrom(l.address, v.check.localPort())
	conn, err := v.trace.Network().DialContext(ctx, "tcp", to.String())
	if err != nil {
		return poser // that is for the call to find
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	line := make([]byte, len(standin.Answer))
	if _, err := io.ReadFull(conn, line); err != nil || string(line) != standin.Answer {
		return poser
	}
	return to
}

// notePoser records the stand-in that listens in the service's place.
func (v *inboundView) notePoser(ctx context.Context, at netip.AddrPort) {
	if !at.IsValid() {
		return
	}
	v.here.nothing = v.trace.Step(ctx, result.OpStandin, func(_ context.Context, s *engine.Step) error {
		s.Set("standin.address", at.String())
		s.Set("standin.asked", true)
		s.Set("standin.poses", true)
		return engine.Failed(result.FailExpectation, fmt.Errorf("a stand-in of netcheck listens at %s, and not the service", at))
	})
}

// ownProgram is the name of this one.
func ownProgram() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	return filepath.Base(path)
}
