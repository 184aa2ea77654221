package server

import (
	"context"
	"net"
)

// Listen opens the helper's port such that it sees of its callers what their
// first packet tells, where the system shows that.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	lc := net.ListenConfig{Control: keepArrival}
	lc.SetMultipathTCP(false) // whose sockets don't keep the SYN
	return lc.Listen(ctx, "tcp", address)
}
