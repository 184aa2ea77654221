//go:build !linux && !windows

package machine

import "errors"

func connections() ([]Connection, error) { return nil, errors.ErrUnsupported }
