package engine

import (
	"context"
	"sync"
	"time"
)

// moment is how much longer the other ways of a check may take once it has
// passed by one: as long as it takes a system to send an unanswered SYN a second
// time and have it answered, so that silence until then is no slip.
const moment = 2 * time.Second

// limited is a context whose deadline is set while it is in use: what waits for
// an answer then ends as by any deadline, in silence and not cut short.
type limited struct {
	context.Context // the parent
	inner           context.Context
	end             context.CancelFunc
	once            sync.Once
}

func newLimited(parent context.Context) *limited {
	l := &limited{Context: parent}
	l.inner, l.end = context.WithCancel(parent)
	return l
}

// after ends it in a while, unless it is to end already.
func (l *limited) after(d time.Duration) {
	l.once.Do(func() {
		timer := time.AfterFunc(d, l.end)
		context.AfterFunc(l.inner, func() { timer.Stop() })
	})
}

// Done is closed at the deadline, or when the parent is over.
func (l *limited) Done() <-chan struct{} { return l.inner.Done() }

// Err tells the deadline from the parent's end.
func (l *limited) Err() error {
	if l.inner.Err() == nil {
		return nil
	}
	if err := l.Context.Err(); err != nil {
		return err
	}
	return context.DeadlineExceeded
}
