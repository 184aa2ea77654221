//go:build !linux && !darwin

package dial

import (
	"net/netip"
	"time"
)

const (
	// shortestGap is the least time between two asks of a port. Windows sends
	// a SYN again after 500 ms even if it was refused, up to twice, and tells
	// of the refusal only then: asking sooner asks what is answered already.
	shortestGap = 500 * time.Millisecond
	// refusalTakes is how much longer than a round trip a refusal may take.
	refusalTakes = 1500 * time.Millisecond
	// mostSockets bounds what one scan holds open: each is a goroutine here.
	mostSockets = 1024
)

func newSockets(to netip.Addr, _ int) (sockets, error) { return newDialers(to), nil }
