package talk

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"

	"netcheck/report/result"
)

// Tap is a connection that remembers how the other side began, to tell what it
// is if it is not what was expected, and by which error the connection ended,
// which libraries above it may lose.
type Tap struct {
	net.Conn
	got   [64]byte
	n     atomic.Int32
	total atomic.Int64
	ended atomic.Pointer[error]
}

func (t *Tap) Read(b []byte) (int, error) {
	n, err := t.Conn.Read(b)
	t.total.Add(int64(n))
	if have := t.n.Load(); n > 0 && int(have) < len(t.got) {
		t.n.Store(have + int32(copy(t.got[have:], b[:n])))
	}
	t.note(err)
	return n, err
}

func (t *Tap) Write(b []byte) (int, error) {
	n, err := t.Conn.Write(b)
	t.note(err)
	return n, err
}

// note keeps the first error that the other side or the way is to blame for.
func (t *Tap) note(err error) {
	if err != nil && !isTimeout(err) && !errors.Is(err, net.ErrClosed) {
		t.ended.CompareAndSwap(nil, &err)
	}
}

// Ended returns the error by which the other side or the way ended the
// connection, or nil.
func (t *Tap) Ended() error {
	if err := t.ended.Load(); err != nil {
		return *err
	}
	return nil
}

// Seen returns the first bytes that were read, 64 at most.
func (t *Tap) Seen() []byte { return t.got[:t.n.Load()] }

// Total returns how many bytes were read.
func (t *Tap) Total() int64 { return t.total.Load() }

// explain makes a *TLSError of a handshake's error.
func (t *Tap) explain(ctx context.Context, err error, h *Hello) *TLSError {
	e := &TLSError{Alert: -1, Err: err, Since: h.Duration, Got: t.Total()}
	record, isRecord := errors.AsType[tls.RecordHeaderError](err)
	number, isAlert := Alert(err)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Code = result.FailCanceled
	case len(t.Seen()) > 0 && !looksTLS(t.Seen()):
		e.Code, e.Err = result.FailNotTLS, errors.New("the answer is not TLS")
		e.Raw = append([]byte(nil), t.Seen()...)
		e.First = Clean(string(e.Raw), len(t.got))
	case isAlert:
		e.Alert, e.Code = number, h.AlertFailure(number)
	case isRecord && record.Conn != nil:
		e.Code = result.FailNotTLS
	case t.oldVersion():
		e.Code, e.Err = result.FailTLSVersion, errors.New("the server speaks no version later than SSL 3.0")
	case h.Wanted && (hungUp(err) || failureOf(err) == result.FailReset):
		missed := h.certificateMissed(err)
		e.Code, e.Err = missed.Code, missed.Err
	case hungUp(err):
		e.Code = result.FailEOF
	case isTimeout(err), errors.Is(err, context.DeadlineExceeded):
		e.Code = result.FailTimeout
	default:
		e.Code = failureOf(err)
		if e.Code == result.FailOther && len(t.Seen()) > 0 {
			e.Code = result.FailTLSFormat // our side broke it off
		}
	}
	return e
}

// certificateMissed is how a server ended the connection that asked for a
// client certificate and does not like what it got, or that it got none: some
// object by an alert, others hang up without a word.
func (h *Hello) certificateMissed(err error) *TLSError {
	if h.Given {
		return &TLSError{Code: result.FailTLSClientRefused, Alert: -1, Err: fmt.Errorf("the server took the client certificate and then hung up: %w", err)}
	}
	return &TLSError{Code: result.FailTLSClientCert, Alert: -1, Err: fmt.Errorf("the server asked for a client certificate and then hung up: %w", err)}
}

func hungUp(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// looksTLS reports whether b begins like a TLS record: handshake or alert,
// version 3.x.
func looksTLS(b []byte) bool {
	return (b[0] == recordHandshake || b[0] == recordAlert) && (len(b) < 2 || b[1] == 3)
}

const (
	recordAlert     = 21
	recordHandshake = 22
	serverHello     = 2
)

// oldVersion reports whether the server chose a version before TLS 1.0: the
// version is in the record's header, and again in the ServerHello.
func (t *Tap) oldVersion() bool {
	b := t.Seen()
	return len(b) >= 11 && b[0] == recordHandshake && b[5] == serverHello && binary.BigEndian.Uint16(b[9:]) < tls.VersionTLS10
}
