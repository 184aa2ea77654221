package servers

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// openSocket opens a WebSocket (RFC 6455) for who asks for one, and answers
// 426 to who does not. It answers a Ping and a Close; wrong-key, it proves
// nothing; mute, it never says a frame; garbage, it says what is none; hang-up,
// it leaves at the first frame.
func openSocket(out http.ResponseWriter, r *http.Request, how string) {
	key := r.Header.Get("Sec-WebSocket-Key")
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") || !strings.EqualFold(r.Header.Get("Connection"), "upgrade") || r.Header.Get("Sec-WebSocket-Version") != "13" || key == "" {
		out.Header().Set("Upgrade", "websocket")
		out.WriteHeader(http.StatusUpgradeRequired)
		return
	}
	conn, rw, err := http.NewResponseController(out).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	if how == "wrong-key" {
		key = "x"
	}
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]))
	if how == "garbage" {
		fmt.Fprint(rw, "HTTP/1.1 400 \x1b[2J\r\n\r\n")
	}
	if rw.Flush() != nil {
		return
	}
	switch how {
	case "mute", "garbage":
		_, _ = io.Copy(io.Discard, rw)
	case "hang-up":
		_, _, _ = readFrame(rw.Reader)
	default:
		answerFrames(rw)
	}
}

// answerFrames answers each Ping by a Pong and a Close by a Close.
func answerFrames(rw *bufio.ReadWriter) {
	for {
		op, payload, err := readFrame(rw.Reader)
		if err != nil {
			return
		}
		if op == 9 {
			op = 10
		}
		_, _ = rw.Write(append([]byte{0x80 | op, byte(len(payload))}, payload...))
		if rw.Flush() != nil || op == 8 {
			return
		}
	}
}

// readFrame reads a client's frame, which is masked and here a short one.
func readFrame(r io.Reader) (op byte, payload []byte, err error) {
	var head [6]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	payload = make([]byte, head[1]&0x7f)
	if _, err := io.ReadFull(r, payload); err != nil || len(payload) > 125 || head[1]&0x80 == 0 {
		return 0, nil, fmt.Errorf("not a short masked frame: %w", err)
	}
	for i := range payload {
		payload[i] ^= head[2+i%4]
	}
	return head[0] & 0x0f, payload, nil
}
