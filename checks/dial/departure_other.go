//go:build !linux

package dial

import (
	"context"
	"errors"
	"net/netip"
)

// departs can't be told here: no other system counts what failed to leave for
// a single socket. Windows says so itself, of most firewalls (10013).
func departs(context.Context, netip.AddrPort) (bool, error) { return false, errors.ErrUnsupported }
