//go:build unix && !linux && !darwin

package dial

import (
	"errors"

	"netcheck/report/result"
)

// set can't: what such a system's options are called is not known here.
func (p packets) set(uintptr, bool) error { return errors.ErrUnsupported }

func tcpInfo(uintptr) *result.TCPInfo { return nil }
