//go:build !linux && !windows

package machine

import "errors"

func connections(uint16) ([]Connection, error) { return nil, errors.ErrUnsupported }
