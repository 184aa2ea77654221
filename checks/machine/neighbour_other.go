//go:build !linux && !windows

package machine

import "errors"

// neighbours: macOS shows the table among its routes, without what became of
// asking.
func neighbours() ([]Neighbour, error) { return nil, errors.ErrUnsupported }
