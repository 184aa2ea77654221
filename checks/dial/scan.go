package dial

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"netcheck/report/result"
)

// Port is what one port of a scan showed.
type Port struct {
	Port     uint16
	State    result.State // open, closed, filtered, rejected, unknown (could not be asked)
	Inferred bool         // not answered itself, but covered by the same device's rule
	RTT      time.Duration
	Code     result.Failure
	Evidence result.Evidence
}

// ScanOptions steer a scan.
type ScanOptions struct {
	Progress func(done, total int) // called now and then, never concurrently
}

// Scan connects to many ports of one address at once and says what each
// showed, in the order given. The error is ctx's or a system's that makes a
// scan impossible; what was measured until then is returned with it, the rest
// as unknown.
func (n *Network) Scan(ctx context.Context, addr netip.Addr, ports []uint16, o ScanOptions) ([]Port, error) {
	return nil, errors.New("not built yet")
}
