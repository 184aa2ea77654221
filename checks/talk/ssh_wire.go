package talk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"

	"netcheck/report/result"
)

// wire is a connection of which the beginning was read already, and which
// gives out no more than it is allowed to.
type wire struct {
	net.Conn
	in   []byte       // read, and not given out yet
	left atomic.Int64 // bytes that may still come

	mu    sync.Mutex
	said  bool   // our line is out
	offer []byte // the beginning of what came after the greeting: the server's algorithms
	broke error  // how it ended: what the other side, or the way there, did
	ended bool   // we gave it up, which ends what is under way as well
}

// errFlood is that more came than anybody needs.
var errFlood = &SSHError{result.FailSSHFormat, errors.New("more came than any server sends")}

// introduce says our line, once.
func (w *wire) introduce() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.said {
		return nil
	}
	w.said = true
	_, err := w.Conn.Write([]byte(identification + "\r\n"))
	return err
}

// Write leaves our line out where it was said before: the library begins with
// it.
func (w *wire) Write(b []byte) (int, error) {
	if bytes.Equal(b, []byte(identification+"\r\n")) {
		return len(b), w.introduce()
	}
	n, err := w.Conn.Write(b)
	w.breaks(err)
	return n, err
}

// breaks keeps how the connection broke. Which of reading and writing hears of
// a reset is chance: the other one hears of an end, and whoever reads while the
// library gives up of a time that was never over.
func (w *wire) breaks(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil || w.ended && errors.Is(err, os.ErrDeadlineExceeded) {
		return
	}
	if w.broke == nil || errors.Is(w.broke, io.EOF) && failureOf(err) == result.FailReset && !errors.Is(err, syscall.EPIPE) {
		w.broke = err
	}
}

// maxOffer is how much of a server's algorithms is kept (RFC 4253, 6.1: as long
// as a packet may be).
const maxOffer = 35000

func (w *wire) Read(b []byte) (int, error) {
	if len(w.in) > 0 {
		n := copy(b, w.in)
		w.in = w.in[n:]
		return n, nil
	}
	n, err := w.Conn.Read(b)
	if w.left.Add(-int64(n)) < 0 && err == nil {
		err = errFlood
	}
	w.mu.Lock()
	w.offer = append(w.offer, b[:min(n, maxOffer-len(w.offer))]...)
	w.mu.Unlock()
	w.breaks(err)
	return n, err
}

// Close ends all reading and writing, and leaves the connection there: what the
// system knows of it is evidence. The library closes what it gives up.
func (w *wire) Close() error {
	w.mu.Lock()
	w.ended = true
	w.mu.Unlock()
	return w.SetDeadline(longAgo)
}

// broken is how it ended; nil if it has not, or if it was given up.
func (w *wire) broken() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.broke
}

// Linger says no more, once the greeting came, and returns how the other side
// ends the connection before ctx is over; nil if it does not.
func (p *SSHPeer) Linger(ctx context.Context) error {
	defer bound(ctx, p.wire.Conn)()
	p.wire.in = nil
	_, err := io.Copy(io.Discard, p.wire)
	switch {
	case ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded):
		return nil
	case err == nil:
		err = io.EOF
	}
	return &SSHError{failureOf(err), err}
}
