package checks

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/report/result"
)

// stateOf is what a connect or datagram with this failure showed, in the same
// words as a scan's.
func stateOf(f result.Failure, ev result.Evidence) result.State {
	if icmp := ev.ICMP; icmp != nil {
		if icmp.From == ev.Local {
			return result.Filtered // this system's own word on an address that answers no ARP
		}
		return result.Rejected
	}
	switch f {
	case "":
		return result.Open
	case result.FailRefused:
		return result.Closed
	case result.FailReset, result.FailEOF:
		return result.Reset
	case result.FailConnectTimeout, result.FailTimeout, result.FailNoReply:
		return result.Filtered
	case result.FailProhibited, result.FailICMP, result.FailTTLExceeded, result.FailHostUnreachable, result.FailNetUnreachable:
		return result.Rejected
	}
	return result.Unknown
}

// connect opens a connection as a step, and says what it showed.
func connect(ctx context.Context, t *engine.Trace, to netip.AddrPort) (*dial.Conn, result.Result, error) {
	var conn *dial.Conn
	var r result.Result
	err := t.Step(ctx, result.OpConnect, func(ctx context.Context, s *engine.Step) (err error) {
		conn, r, err = connectIn(ctx, t, s, to, nil)
		return err
	})
	return conn, r, err
}

// connectIn opens a connection within a step. It calls leaves, if there is one,
// when its first packet goes out.
func connectIn(ctx context.Context, t *engine.Trace, s *engine.Step, to netip.AddrPort, leaves func()) (*dial.Conn, result.Result, error) {
	r := result.Result{Address: to.Addr().String(), Proto: "tcp", Ports: strconv.Itoa(int(to.Port()))}
	s.Set("network.peer.address", r.Address)
	s.Set("network.peer.port", int(to.Port()))
	c, err := t.Network().ConnectThen(ctx, to, leaves)
	var ev result.Evidence
	if err == nil {
		r.RTT = result.Duration(c.RTT)
	} else {
		r.Failure = engine.Classify(err)
		if r.Evidence = evidenceOf(err); r.Evidence != nil {
			ev = *r.Evidence
			s.Evidence(ev)
		}
	}
	r.State = stateOf(r.Failure, ev)
	return c, r, err
}

// evidenceOf is what the system told of an error; nil if nothing.
func evidenceOf(err error) *result.Evidence {
	if de, ok := errors.AsType[*dial.Error](err); ok && !de.Evidence.Empty() {
		ev := de.Evidence
		return &ev
	}
	return nil
}

// withTimeout bounds ctx by a time, where there is one.
func withTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}
