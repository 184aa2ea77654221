package talk

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"

	"netcheck/report/result"
)

// Opcodes of RFC 6455, section 5.2.
const (
	frameText   = 0x1
	frameBinary = 0x2
	frameClose  = 0x8
	framePing   = 0x9
	framePong   = 0xA
)

// maxFrames bounds what is read of a WebSocket that is being left.
const maxFrames = 64 << 10

// LeaveWebSocket sends a Ping and a Close over a WebSocket and reads until the
// server has closed it too, as it must. One frame of whatever kind shows that
// frames come through: n counts them, and with one what ends it is no error.
// body is the WebSocket, and conn what it goes over.
func LeaveWebSocket(ctx context.Context, conn net.Conn, body io.ReadWriter) (n int, err error) {
	defer bound(ctx, conn)()
	goodbye := append(maskedFrame(framePing, []byte("netcheck")), maskedFrame(frameClose, binary.BigEndian.AppendUint16(nil, 1000))...)
	if _, err := body.Write(goodbye); err != nil {
		return 0, frameError(ctx, err)
	}
	r := bufio.NewReader(io.LimitReader(body, maxFrames))
	for {
		op, err := skipFrame(r)
		if own, ok := errors.AsType[*FrameError](err); ok {
			return n, own
		}
		switch {
		case err != nil && n > 0:
			return n, nil
		case err != nil:
			return n, frameError(ctx, err)
		}
		if n++; op == frameClose {
			return n, nil
		}
	}
}

// maskedFrame is a short frame as a client sends it.
func maskedFrame(op byte, payload []byte) []byte {
	var mask [4]byte
	_, _ = rand.Read(mask[:]) // never fails
	frame := append([]byte{0x80 | op, 0x80 | byte(len(payload))}, mask[:]...)
	for i, b := range payload {
		frame = append(frame, b^mask[i%len(mask)])
	}
	return frame
}

// skipFrame reads a server's frame and tells its opcode. What breaks the rules
// is a *FrameError.
func skipFrame(r *bufio.Reader) (op byte, err error) {
	head, err := r.Peek(2)
	if err != nil {
		return 0, err
	}
	op, size := head[0]&0x0f, uint64(head[1]&0x7f)
	known := op <= frameBinary || op >= frameClose && op <= framePong
	if head[0]&0x70 != 0 || head[1]&0x80 != 0 || !known { // no extension was agreed on, and a server does not mask
		begin, _ := r.Peek(min(r.Buffered(), 32))
		return op, &FrameError{fmt.Errorf("the WebSocket was opened, and what came over it is no frame: %q", Clean(string(begin), 32))}
	}
	_, _ = r.Discard(2)
	switch size {
	case 126:
		var b [2]byte
		_, err = io.ReadFull(r, b[:])
		size = uint64(binary.BigEndian.Uint16(b[:]))
	case 127:
		var b [8]byte
		_, err = io.ReadFull(r, b[:])
		size = binary.BigEndian.Uint64(b[:])
	}
	if err != nil {
		return op, err
	}
	_, err = r.Discard(int(min(size, maxFrames))) // no more is ever read
	return op, err
}

// FrameError is what came over a WebSocket and is no frame, or why nothing came.
type FrameError struct{ Err error }

func (e *FrameError) Error() string { return Clean(e.Err.Error(), 200) }
func (e *FrameError) Unwrap() error { return e.Err }

// Failure says which.
func (e *FrameError) Failure() result.Failure {
	if f := failureOf(e.Err); f != result.FailOther {
		return f
	}
	return result.FailHTTPFormat
}

func frameError(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return &FrameError{err}
}
