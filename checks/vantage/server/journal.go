package server

import (
	"context"
	"log/slog"
	"sync/atomic"

	"golang.org/x/time/rate"
)

// journal writes a line for each request. Of those that are refused because
// there are too many, it writes a few: a flood must not fill a disk.
type journal struct {
	log      *slog.Logger
	refusals *rate.Limiter
	untold   *atomic.Int64
}

const (
	refusalsTold  = 5 // a second, of those that are refused
	refusalsBurst = 100
)

func newJournal(l *slog.Logger) journal {
	return journal{l, rate.NewLimiter(refusalsTold, refusalsBurst), new(atomic.Int64)}
}

func (j journal) request(n *note) {
	if n.code != "" && !j.refusals.Allow() {
		j.untold.Add(1)
		return
	}
	all := n.attributes()
	if more := j.untold.Swap(0); more > 0 {
		all = append(all, slog.Int64("refusals_not_told", more))
	}
	j.log.LogAttrs(context.Background(), slog.LevelInfo, "request", all...)
}
