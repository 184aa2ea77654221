package checks

import (
	"testing"
	"time"
)

func TestThrough(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name  string
		tries []try
		want  int
	}{
		{"none", nil, -1},
		{"one", []try{{20 * ms, true}}, 0},
		{"the first, though slower", []try{{200 * ms, true}, {10 * ms, true}}, 0},
		{"the second after the head start", []try{{600 * ms, true}, {10 * ms, true}}, 1},
		{"the first catches up", []try{{255 * ms, true}, {10 * ms, true}}, 0},
		{"refused at once", []try{{1 * ms, false}, {300 * ms, true}}, 1},
		{"silent", []try{{3000 * ms, false}, {10 * ms, true}}, 1},
		{"all dead", []try{{3000 * ms, false}, {1 * ms, false}}, -1},
		{"third", []try{{3000 * ms, false}, {1 * ms, false}, {10 * ms, true}}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := through(c.tries); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
