package dial

import (
	"testing"

	"netcheck/report/result"
)

func TestWhereASweepIsSilent(t *testing.T) {
	hops := func(states ...result.State) []result.Hop {
		var hs []result.Hop
		for i, s := range states {
			hs = append(hs, result.Hop{TTL: i + 1, State: s})
		}
		return hs
	}
	const up, none = result.Expired, result.Filtered
	for _, c := range []struct {
		name string
		hops []result.Hop
		want int
	}{
		{"from the start", hops(none, none), 1},
		{"after two", hops(up, up, none, none), 3},
		{"behind a hop that says nothing", hops(up, none, up, none), 4},
		{"it was answered", hops(up, none, result.Open), 0},
		{"not heard to its end", hops(up, up), 0},
		{"not heard at all", nil, 0},
	} {
		if got := SilentFrom(c.hops); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	ended := hops(up, none, none)
	if got := Joined(ended, hops(none)); len(got) != 3 {
		t.Errorf("silence asked again: %+v", got)
	}
	late := []result.Hop{{TTL: 2, State: up}}
	if got := Joined(ended, late); len(got) != 2 || got[1].State != up {
		t.Errorf("a router that was short of answers: %+v", got)
	}
}

// A sweep asks its silent end again as late as the time allows, and never
// sooner than a router has another answer.
