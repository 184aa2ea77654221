package dial

import (
	"slices"

	"netcheck/report/result"
)

// SilentFrom is the TTL from which on a sweep that was heard to its end met
// nobody; 0 if it met whoever answers for the port.
func SilentFrom(hops []result.Hop) int {
	from := 1
	for _, h := range hops {
		switch h.State {
		case result.Expired:
			from = h.TTL + 1
		case result.Open, result.Closed, result.Rejected:
			return 0
		}
	}
	if len(hops) == 0 || from > hops[len(hops)-1].TTL {
		return 0
	}
	return from
}

// Joined is a sweep with what its end met when it was asked again. If that was
// somebody, the silence that followed tells nothing.
func Joined(hops, more []result.Hop) []result.Hop {
	if len(more) == 0 || more[0].State == result.Filtered {
		return hops
	}
	return append(Nearer(hops, more[0].TTL), more[0])
}

// Nearer are the hops nearer than a TTL.
func Nearer(hops []result.Hop, ttl int) []result.Hop {
	return slices.DeleteFunc(slices.Clone(hops), func(h result.Hop) bool { return h.TTL >= ttl })
}
