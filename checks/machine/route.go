//go:build linux || windows

package machine

import (
	"cmp"
	"net/netip"
	"slices"
)

// route is a default route.
type route struct {
	via    []netip.Addr
	metric uint32
}

// sorted puts the preferred route first.
func sorted(rs []route) []route {
	slices.SortStableFunc(rs, func(a, b route) int { return cmp.Compare(a.metric, b.metric) })
	return rs
}
