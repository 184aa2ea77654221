package server

import (
	"context"
	"log/slog"
	"sync/atomic"

	"golang.org/x/time/rate"

	"netcheck/checks/vantage"
)

// journal writes a line for each request that had somebody called. Of the rest,
// which may be many, it writes a few: a flood must not fill a disk.
type journal struct {
	log    *slog.Logger
	rest   *rate.Limiter
	untold *atomic.Int64
}

const (
	restTold  = 5 // a second, of those that had nobody called
	restBurst = 100
)

func newJournal(l *slog.Logger) journal {
	return journal{l, rate.NewLimiter(restTold, restBurst), new(atomic.Int64)}
}

func (j journal) request(n *note) {
	if (n.code != "" || n.path != vantage.Reach) && !j.rest.Allow() {
		j.untold.Add(1)
		return
	}
	all := n.attributes()
	if more := j.untold.Swap(0); more > 0 {
		all = append(all, slog.Int64("others_not_told", more))
	}
	j.log.LogAttrs(context.Background(), slog.LevelInfo, "request", all...)
}
