package checks

import (
	"slices"

	"netcheck/checks/dial"
)

// quickSample is how many ports of a range --quick asks, where the profile
// gives no number of its own.
const quickSample = 32

// sampleOf chooses n of the ports: the preferred ones, both ends, and an even
// spread in between, always the same. The answer is ascending.
func sampleOf(ports, prefer []uint16, n int) []uint16 {
	all := slices.Clone(ports)
	slices.Sort(all)
	if n >= len(all) {
		return all
	}
	chosen := map[uint16]bool{}
	for _, p := range prefer {
		if _, ok := slices.BinarySearch(all, p); ok {
			chosen[p] = true
		}
	}
	// Spread as many as are left to choose; one that is preferred already
	// leaves its place to nobody, which keeps the spread even.
	spread := max(n-len(chosen), 2)
	for i := range spread {
		chosen[all[i*(len(all)-1)/(spread-1)]] = true
	}
	var picked []uint16
	for _, p := range all {
		if chosen[p] {
			picked = append(picked, p)
		}
	}
	return picked
}

// borders lists the ports to ask next: the middle of every gap whose ends
// answered differently. asked must be ascending by port.
func borders(ports []uint16, asked []dial.Port) []uint16 {
	all := slices.Clone(ports)
	slices.Sort(all)
	var next []uint16
	for i := range len(asked) - 1 {
		a, b := asked[i], asked[i+1]
		if a.State == b.State {
			continue
		}
		low, _ := slices.BinarySearch(all, a.Port)
		high, _ := slices.BinarySearch(all, b.Port)
		if high-low > 1 {
			next = append(next, all[(low+high)/2])
		}
	}
	return next
}
