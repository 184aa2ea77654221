package talk

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"netcheck/report/result"
)

// ednsSize is the datagram that passes every path unfragmented (DNS flag day 2020).
const ednsSize = 1232

// resend is how long a datagram is waited for before it is sent again: longer
// than a healthy resolver takes for a name it must look for, short enough that
// one lost datagram costs little. It doubles each time, as resolvers see many
// impatient clients.
const resend = 400 * time.Millisecond

var buffers = sync.Pool{New: func() any { b := make([]byte, 4096); return &b }}

// query asks by UDP, unless TCP is wished at once.
func (q *question) query(ctx context.Context) (*Answer, error) {
	start := time.Now()
	a := &Answer{Tries: q.before}
	if q.options.TCP {
		return q.overTCP(ctx, a, start)
	}
	m, err := q.askUDP(ctx, a)
	if err != nil {
		return nil, err
	}
	a.RTT = time.Since(start)
	return q.complete(ctx, m, a)
}

func (q *question) overTCP(ctx context.Context, a *Answer, start time.Time) (*Answer, error) {
	m, err := q.askTCP(ctx)
	if err != nil {
		return nil, err
	}
	a.TCP, a.RTT = true, time.Since(start)
	q.read(m, a)
	return a, q.judge(a)
}

// complete makes an answer of what came by UDP, and of what comes by TCP where
// that was not all.
func (q *question) complete(ctx context.Context, m *dns.Msg, a *Answer) (*Answer, error) {
	if !m.Truncated {
		q.read(m, a)
		return a, q.judge(a)
	}
	a.Truncated = true
	full, err := q.overTCP(ctx, a, time.Now())
	if full != nil {
		return full, err
	}
	q.read(m, a) // what the datagram held is better than nothing
	if errors.Is(ctx.Err(), context.Canceled) {
		return a, err
	}
	// The server is there, it told to come by TCP: that is what does not work.
	if e, ok := errors.AsType[*DNSError](err); ok {
		err = e.Err
	}
	return a, q.fail(result.FailDNSTCP, fmt.Errorf("the answer is too long for a datagram, and by TCP: %w", err))
}

// message builds the question anew: each try has an id of its own.
func (q *question) message(edns bool) (*dns.Msg, []byte, error) {
	m := &dns.Msg{
		MsgHdr:   dns.MsgHdr{Id: dns.Id(), RecursionDesired: true, CheckingDisabled: q.options.CheckingDisabled},
		Question: []dns.Question{{Name: q.name, Qtype: q.qtype, Qclass: dns.ClassINET}},
	}
	if edns {
		m.SetEdns0(ednsSize, false)
	}
	b, err := m.Pack()
	if err != nil {
		return nil, nil, q.fail(result.FailDNSFormat, err)
	}
	return m, b, nil
}

// askUDP sends the question until it is answered or ctx is over. From the
// third try on it goes without EDNS, for middleboxes that drop it.
func (q *question) askUDP(ctx context.Context, a *Answer) (*dns.Msg, error) {
	conn, err := q.network.Datagram(ctx, q.server)
	if err != nil && (isTimeout(err) || ctx.Err() != nil) {
		return nil, q.silent(ctx) // the time was over before the system gave a socket
	}
	if err != nil {
		return nil, q.broken(ctx, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(longAgo) })()

	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	var asked []*dns.Msg
	edns := !q.options.PlainUDP
	for wait := resend; ; wait *= 2 {
		edns = edns && q.before+len(asked) < 2
		m, b, err := q.message(edns)
		if err != nil {
			return nil, err
		}
		asked = append(asked, m)
		a.Tries = q.before + len(asked)
		until := time.Now().Add(wait)
		if d, ok := ctx.Deadline(); ok && d.Before(until) {
			until = d
		}
		_ = conn.SetDeadline(until)
		if ctx.Err() != nil { // it ended before the deadline was set
			return nil, q.silent(ctx)
		}
		if _, err := conn.Write(b); err != nil && !isTimeout(err) {
			return nil, q.broken(ctx, err)
		}
		for {
			n, err := conn.Read(*buf)
			if isTimeout(err) {
				break
			}
			if err != nil {
				return nil, q.broken(ctx, err)
			}
			reply := parseReply((*buf)[:n], asked)
			if reply == nil {
				q.misfit = true // a forged or mangled datagram: the genuine one may follow
				continue
			}
			if edns && (reply.Rcode == dns.RcodeFormatError || reply.Rcode == dns.RcodeNotImplemented) {
				edns = false // a server older than EDNS
				break
			}
			return reply, nil
		}
		if ctx.Err() != nil || expired(ctx) {
			return nil, q.silent(ctx)
		}
	}
}

// expired reports whether ctx's deadline has come, even if its timer has not
// fired yet.
func expired(ctx context.Context) bool {
	d, ok := ctx.Deadline()
	return ok && !time.Now().Before(d)
}

// parseReply reads a datagram as the answer to one of the messages asked, or
// returns nil. A datagram that was cut short counts as truncated.
func parseReply(b []byte, asked []*dns.Msg) *dns.Msg {
	m := new(dns.Msg)
	if err := m.Unpack(b); err != nil && !m.Truncated {
		return nil
	}
	for _, q := range asked {
		if answers(m, q) {
			return m
		}
	}
	return nil
}

// answers reports whether m is a response to q. Some servers leave the
// question out of an error.
func answers(m, q *dns.Msg) bool {
	if !m.Response || m.Id != q.Id || m.Opcode != dns.OpcodeQuery {
		return false
	}
	if len(m.Question) == 0 {
		return m.Rcode != dns.RcodeSuccess
	}
	got, want := m.Question[0], q.Question[0]
	return got.Qtype == want.Qtype && got.Qclass == want.Qclass && strings.EqualFold(got.Name, want.Name)
}

// askTCP asks once by TCP.
func (q *question) askTCP(ctx context.Context) (*dns.Msg, error) {
	conn, err := q.network.Connect(ctx, q.server)
	if err != nil {
		return nil, q.broken(ctx, err)
	}
	defer conn.Close()
	defer bound(ctx, conn)()
	m, b, err := q.message(!q.options.PlainUDP)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)); err != nil {
		return nil, q.broken(ctx, err)
	}
	reply, err := readFramed(conn)
	if err != nil {
		return nil, q.broken(ctx, err)
	}
	if got := parseReply(reply, []*dns.Msg{m}); got != nil {
		return got, nil
	}
	return nil, q.fail(result.FailDNSFormat, errors.New("the answer is not to the question"))
}

// readFramed reads one message with its length before it, as DNS by TCP has it.
func readFramed(r io.Reader) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	b := make([]byte, binary.BigEndian.Uint16(length[:])) // 64 KiB at most
	_, err := io.ReadFull(r, b)
	return b, err
}

// silent is the error of a question that nobody answered in time.
func (q *question) silent(ctx context.Context) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return q.fail(result.FailCanceled, ctx.Err())
	case q.misfit:
		return q.fail(result.FailDNSFormat, errors.New("only answers that are not to the question"))
	}
	return q.fail(result.FailDNSTimeout, errors.New("no answer"))
}

// broken is the error of an exchange that the network ended.
func (q *question) broken(ctx context.Context, err error) error {
	var own interface{ Failure() result.Failure }
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return q.fail(result.FailCanceled, ctx.Err())
	case errors.As(err, &own):
		return q.fail(own.Failure(), err)
	case isTimeout(err):
		return q.fail(result.FailDNSTimeout, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return q.fail(result.FailEOF, err)
	}
	return q.fail(failureOf(err), err)
}
