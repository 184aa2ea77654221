package talk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"netcheck/checks/dial"
	"netcheck/report/result"
)

// Protocols that a line's own devices speak, and one that a server beyond it
// does.
const (
	NATPMP = "nat-pmp"
	PCP    = "pcp"
	UPnP   = "upnp"
	STUN   = "stun"
)

// WANQuestion is who is asked for the line's address, and about what port.
type WANQuestion struct {
	Gateway netip.Addr     // this machine's own; without an IPv4 gateway only STUN is left
	STUN    netip.AddrPort // a server outside; none: it is not asked
	Proto   string         // tcp or udp
	Port    uint16         // 0: a mapping is not asked for
}

// WANAnswer is what one protocol told, or why it told nothing: few gateways
// speak any of them, and that is no defect.
type WANAnswer struct {
	Protocol string
	Gateway  netip.Addr     // who answered, or was asked
	Address  netip.Addr     // the gateway's own towards the internet; of STUN: whence the question came
	Device   string         // what it calls itself, made harmless
	None     bool           // it says that it has no address: what most gateways run says so of a private one
	Mapping  netip.AddrPort // where it says that it leads the port by itself, if UPnP made it do so
	RTT      time.Duration
	Err      error
}

// wanTime bounds all of it: a gateway is a millisecond away, and answers a
// multicast within the second that it is given.
const wanTime = 1500 * time.Millisecond

// wanMore is how long the others are awaited when one protocol has told the
// address already.
const wanMore = 300 * time.Millisecond

// WAN asks the gateway, by each protocol that one may speak, for its address
// towards the internet, all beside each other. It only ever asks: it makes no
// mapping, and none that is there it ends. Who had no time to answer, since
// another one was quicker, is left out.
func WAN(ctx context.Context, network *dial.Network, q WANQuestion) []WANAnswer {
	ctx, cancel := context.WithTimeout(ctx, wanTime)
	defer cancel()
	asks := []func(context.Context, *dial.Network, WANQuestion) WANAnswer{}
	if q.Gateway = q.Gateway.Unmap(); q.Gateway.Is4() {
		asks = append(asks, askNATPMP, askPCP, askUPnP)
	}
	if q.STUN.IsValid() {
		asks = append(asks, askSTUN)
	}
	answers := make([]WANAnswer, len(asks))
	enough, told := context.WithCancelCause(ctx)
	defer told(nil)
	var wg sync.WaitGroup
	var soon sync.Once
	for i, ask := range asks {
		wg.Go(func() {
			start := time.Now()
			a := ask(enough, network, q)
			a.RTT, a.None = time.Since(start), a.Protocol != STUN && errors.Is(a.Err, errNone)
			if answers[i] = a; a.Address.IsValid() && a.Protocol != STUN {
				soon.Do(func() { time.AfterFunc(wanMore, func() { told(errTold) }) })
			}
		})
	}
	wg.Wait()
	late := context.Cause(enough) == errTold
	var all []WANAnswer
	for _, a := range answers {
		if a.Err == nil || !late || !cutShort(a.Err) {
			all = append(all, a)
		}
	}
	return all
}

var errTold = errors.New("another protocol has told it")

// cutShort tells of an error whether it may be only that the time was over.
func cutShort(err error) bool {
	switch failureOf(err) {
	case result.FailNoReply, result.FailTimeout, result.FailConnectTimeout, result.FailCanceled:
		return true
	}
	return false
}

// WANError is an answer of the gateway's that is none, or its silence.
type WANError struct {
	Code result.Failure
	Err  error
}

// errNone is that the gateway says that it has no address.
var errNone = errors.New("it has no address itself")

func (e *WANError) Error() string           { return e.Err.Error() }
func (e *WANError) Unwrap() error           { return e.Err }
func (e *WANError) Failure() result.Failure { return e.Code }

func noWAN(format string, words ...any) error {
	return &WANError{result.FailReply, fmt.Errorf(format, words...)}
}

// Datagrams are repeated as NAT-PMP does it (RFC 6886, 3.1).
const (
	wanResend    = 250 * time.Millisecond // doubled each time
	wanMisfits   = 64                     // datagrams that are no answer: then it is a flood
	wanDatagram  = 1100                   // PCP's longest (RFC 6887, 7); the others' answers are shorter
	portNATPMP   = 5351                   // of NAT-PMP and PCP alike
	portSSDP     = 1900
	mostWANError = 120 // runes of what a device says
)

// askDatagram sends a question to one address, again and again until what comes
// back is an answer to it, as understood tells, or ctx is over. The question is
// made when the socket is there: some tell this machine's address.
func askDatagram(ctx context.Context, network *dial.Network, to netip.AddrPort, question func(local netip.Addr) []byte, understood func([]byte) bool) error {
	conn, err := network.Datagram(ctx, to)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(longAgo) })()
	local, _ := conn.LocalAddr().(*net.UDPAddr)
	ask := question(local.AddrPort().Addr().Unmap())
	buf := make([]byte, wanDatagram)
	misfits := 0
	end, _ := ctx.Deadline()
	for wait := wanResend; ; wait *= 2 {
		_ = conn.SetDeadline(soonest(end, time.Now().Add(wait)))
		if ctx.Err() != nil { // it ended before the deadline was set
			return unanswered(ctx, misfits)
		}
		if _, err := conn.Write(ask); err != nil && !isTimeout(err) {
			return err
		}
		for misfits < wanMisfits {
			n, err := conn.Read(buf)
			if isTimeout(err) {
				break
			}
			if err != nil {
				return err
			}
			if understood(buf[:n]) {
				return nil
			}
			misfits++
		}
		if ctx.Err() != nil || !time.Now().Before(end) || misfits == wanMisfits {
			return unanswered(ctx, misfits)
		}
	}
}

func unanswered(ctx context.Context, misfits int) error {
	switch {
	case context.Cause(ctx) == context.Canceled:
		return &WANError{result.FailCanceled, context.Canceled}
	case misfits > 0:
		return noWAN("only answers that are not to the question")
	}
	return &WANError{result.FailNoReply, errors.New("no answer")}
}
