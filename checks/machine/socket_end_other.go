//go:build !linux

package machine

import (
	"errors"
	"net/netip"
)

func holdsOtherEnd(netip.AddrPort) (bool, error) { return false, errors.ErrUnsupported }
