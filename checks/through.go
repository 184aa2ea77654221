package checks

import "time"

// try is a connect to one of a host's addresses.
type try struct {
	took time.Duration
	ok   bool
}

// headStart is how long a client waits for one address before it tries the
// next one beside it (RFC 8305, section 5).
const headStart = 250 * time.Millisecond

// through returns which of the tries, in the order of their addresses, a
// client by RFC 8305 would end up with, or -1. All of them were made at the
// same time; the client's would begin one after the other.
func through(tries []try) int {
	best, soonest := -1, time.Duration(0)
	begin := time.Duration(0)
	for i, t := range tries {
		if best >= 0 && begin >= soonest {
			break // connected before this one's turn
		}
		end := begin + t.took
		if t.ok && (best < 0 || end < soonest) {
			best, soonest = i, end
		}
		begin += headStart
		if !t.ok && end < begin {
			begin = end // a refusal lets the next one begin at once
		}
	}
	return best
}
