package dial

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"netcheck/report/result"
)

const (
	// most is the largest TTL that there is.
	mostTTL = 255
	// steps is how many parts each round cuts what is left of the range into:
	// three rounds are enough for it all.
	steps = 8
	// unheard is how much longer than the first answer of a round the others
	// may take, beside twice its time: a busy machine's delay.
	unheard = 100 * time.Millisecond
)

// errUnsteady says that connects alike did not end alike.
var errUnsteady = errors.New("connects alike were not answered alike")

// AnswerTTL finds the TTL, or hop limit, with which a port answers a connect,
// by letting the system ignore answers with less. Where packets get lost, or
// several devices answer, that may not agree: then there is no number, but an
// error. It is 0 and errors.ErrUnsupported where the system can't do that.
func (n *Network) AnswerTTL(ctx context.Context, to netip.AddrPort) (ttl int, answer result.State, err error) {
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	const files = 2 * steps * watchCost
	if err := n.limits.files.enter(ctx, files); err != nil {
		return 0, result.Unknown, waited(ctx, to, err)
	}
	defer n.limits.files.leave(files)
	gate := n.limits.handshake(to.Addr())
	if err := gate.enter(ctx, 2*steps); err != nil {
		return 0, result.Unknown, waited(ctx, to, err)
	}
	defer gate.leave(2 * steps)

	b := bisect{n: n, to: to, low: 1, high: mostTTL + 1}
	for b.high-b.low > 1 {
		if err := b.round(ctx); err != nil {
			return 0, result.Unknown, err
		}
	}
	return b.low, b.state, nil
}

// bisect is a search for the highest TTL that an answer is heard with.
type bisect struct {
	n         *Network
	to        netip.AddrPort
	low, high int // heard with low, once a round has passed; not with high
	state     result.State
}

// heard is what a connect came to that ignores answers below a TTL.
type heard struct {
	minTTL int
	state  result.State
	err    *Error
}

// round cuts the range to about an eighth. Its lowest connect is one that is
// answered, which tells how long to wait for the others; the last round makes
// sure of both ends by asking twice.
func (b *bisect) round(ctx context.Context) error {
	width := (b.high - b.low + steps - 1) / steps
	var asks []int
	for t := b.low; t < b.high; t += width {
		asks = append(asks, t)
	}
	last := width == 1
	if last {
		if b.high <= mostTTL {
			asks = append(asks, b.high)
		}
		asks = append(asks, asks...)
	}
	highest, lowest := 0, mostTTL+1 // heard, not heard
	for _, h := range b.ask(ctx, asks) {
		switch {
		case h.err != nil:
			return h.err
		case h.state == result.Filtered:
			lowest = min(lowest, h.minTTL)
			continue
		case b.state != "" && h.state != b.state:
			return &Error{Op: "answer ttl", Addr: b.to, Code: result.FailOther, Err: fmt.Errorf("%w: %s and %s", errUnsteady, b.state, h.state)}
		}
		b.state = h.state
		highest = max(highest, h.minTTL)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case highest == 0:
		return &Error{Op: "answer ttl", Addr: b.to, Code: result.FailConnectTimeout, Err: context.DeadlineExceeded}
	case highest >= lowest, last && highest == b.high:
		return &Error{Op: "answer ttl", Addr: b.to, Code: result.FailOther, Err: errUnsteady}
	}
	b.low, b.high = highest, min(b.high, highest+width)
	return nil
}

// ask makes connects that ignore answers below these TTLs, all at once, and
// waits until those that can be answered must have been.
func (b *bisect) ask(ctx context.Context, minTTLs []int) []heard {
	ctx, cancel := context.WithTimeout(ctx, min(b.n.paths.silence(b.to.Addr()), patience))
	defer cancel()
	all := make([]heard, len(minTTLs))
	start := time.Now()
	var first sync.Once
	var wg sync.WaitGroup
	for i, t := range minTTLs {
		wg.Go(func() {
			all[i] = b.one(ctx, t)
			if all[i].state != result.Filtered || all[i].err != nil {
				first.Do(func() { time.AfterFunc(2*time.Since(start)+unheard, cancel) })
			}
		})
	}
	wg.Wait()
	return all
}

func (b *bisect) one(ctx context.Context, minTTL int) heard {
	h := heard{minTTL: minTTL, state: result.Filtered}
	if r := b.n.limits.pace(b.to.Addr()); r != nil && r.Wait(ctx) != nil {
		return h
	}
	err := b.n.sweepConnect(ctx, b.to, packets{minTTL: minTTL, brief: true})
	switch {
	case err == nil:
		h.state = result.Open
	case err.Evidence.ICMP != nil:
		h.err = err
	case err.Code == result.FailRefused, err.Code == result.FailReset:
		h.state = result.Closed
	case err.Code != result.FailTimeout && err.Code != result.FailConnectTimeout && err.Code != result.FailCanceled:
		h.err = err
	}
	return h
}
