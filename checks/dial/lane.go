package dial

import (
	"sync"
	"time"
)

// lane gives the scans of a run turns to ask alone, far enough apart that a
// device that limits its ICMP errors has one for each. The zero lane is ready
// to use.
type lane struct {
	mu   sync.Mutex
	next time.Time
}

// turn is the first free time from then on; it is taken.
func (l *lane) turn(from time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next.After(from) {
		from = l.next
	}
	l.next = from.Add(aloneEvery)
	return from
}
