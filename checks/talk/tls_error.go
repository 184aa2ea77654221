package talk

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"

	"netcheck/report/result"
)

// firstBytes remembers how the other side began, to tell what it is if it is
// not TLS.
type firstBytes struct {
	net.Conn
	got [64]byte
	n   int
}

func (f *firstBytes) Read(b []byte) (int, error) {
	n, err := f.Conn.Read(b)
	if f.n < len(f.got) {
		f.n += copy(f.got[f.n:], b[:n])
	}
	return n, err
}

func (f *firstBytes) seen() []byte { return f.got[:f.n] }

// explain makes a *TLSError of a handshake's error.
func (f *firstBytes) explain(ctx context.Context, err error, h *Hello) *TLSError {
	e := &TLSError{Alert: -1, Err: err, Since: h.Duration}
	record, isRecord := errors.AsType[tls.RecordHeaderError](err)
	number, isAlert := Alert(err)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Code = result.FailCanceled
	case f.n > 0 && !looksTLS(f.seen()):
		e.Code, e.Err = result.FailNotTLS, errors.New("the answer is not TLS")
		e.Raw = append([]byte(nil), f.seen()...)
		e.First = Clean(string(e.Raw), len(f.got))
	case isAlert:
		e.Alert, e.Code = number, alertFailure(number, h.Wanted)
	case isRecord && record.Conn != nil:
		e.Code = result.FailNotTLS
	case f.oldVersion():
		e.Code, e.Err = result.FailTLSVersion, errors.New("the server speaks no version later than SSL 3.0")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.Code = result.FailEOF
	case isTimeout(err), errors.Is(err, context.DeadlineExceeded):
		e.Code = result.FailTimeout
	default:
		e.Code = failureOf(err)
		if e.Code == result.FailOther && f.n > 0 {
			e.Code = result.FailTLSAlert // TLS, but not as crypto/tls understands it: our side sent an alert
		}
	}
	return e
}

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
func (f *firstBytes) oldVersion() bool {
	b := f.seen()
	return len(b) >= 11 && b[0] == recordHandshake && b[5] == serverHello && binary.BigEndian.Uint16(b[9:]) < tls.VersionTLS10
}
