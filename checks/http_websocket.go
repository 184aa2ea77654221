package checks

import (
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/profiles/value"
	"netcheck/report/result"
)

// upgrades tells whether a URL is to be opened as a WebSocket.
func (c *httpCheck) upgrades(u *url.URL) bool {
	return c.WebSocket || strings.HasPrefix(u.Scheme, "ws")
}

func (c *httpCheck) validateUpgrade(wrong func(field, hint, format string, args ...any)) {
	if !slices.ContainsFunc(c.urls(), func(u value.URL) bool { return u.URL != nil && c.upgrades(u.URL) }) {
		return
	}
	switch {
	case c.method() != http.MethodGet:
		wrong("method", "", "a WebSocket is asked for by GET")
	case c.Send != nil && c.Send.Body != "":
		wrong("send", "", "a WebSocket's request has no body")
	case !anyStatus(c.Status):
		wrong("status", "leave it out", "a WebSocket's answer is 101")
	case c.Follow > 0:
		wrong("follow", "write the URL where it leads", "a WebSocket is not looked for elsewhere")
	case c.ExpectBody.Regexp != nil:
		wrong("expect_body", "", "a WebSocket's answer has no body")
	}
}

// secure tells whether a URL means TLS.
func secure(u *url.URL) bool { return u.Scheme == "https" || u.Scheme == "wss" }

// overHTTP is a URL as HTTP's own, which net/http knows.
func overHTTP(u *url.URL) *url.URL {
	h := *u
	h.Scheme = strings.Replace(u.Scheme, "ws", "http", 1)
	return &h
}

// newKey is what a server proves by that it has read this very request (RFC
// 6455, 4.1).
func newKey() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.StdEncoding.EncodeToString(b[:])
}

// askUpgrade makes a request one for a WebSocket.
func askUpgrade(req *http.Request, key string) {
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "websocket")
	req.Header.Set("Sec-WebSocket-Version", "13")
	req.Header.Set("Sec-WebSocket-Key", key)
}

// upgraded says what is wrong with an answer to that; nil if the WebSocket is
// open (RFC 6455, 4.2.2).
func upgraded(a *httpAnswer, key string, hide hidden) error {
	by := ""
	if via := a.header.Get("Via"); via != "" {
		by = ", by way of " + hide.clean(via, 80)
	}
	if redirects(a.status) {
		return engine.Failed(result.FailRedirect, errors.New("the server sends elsewhere, and a WebSocket does not go there"))
	}
	switch a.status {
	case http.StatusSwitchingProtocols:
	case http.StatusOK, http.StatusNoContent, http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusUpgradeRequired, http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		// What a server says that was not asked for a WebSocket, or has none.
		return engine.Failed(result.FailUpgrade, fmt.Errorf("the answer to the WebSocket's upgrade is %d%s, as if none was asked for; expected 101", a.status, by))
	default:
		return engine.Failed(result.FailStatus, fmt.Errorf("the server answered %d to the WebSocket's upgrade, expected 101", a.status))
	}
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // RFC 6455 has it so
	switch {
	case !strings.EqualFold(a.header.Get("Upgrade"), "websocket"):
		return engine.Failed(result.FailUpgrade, errors.New("the answer is 101, but does not switch to WebSocket"))
	case a.header.Get("Sec-WebSocket-Accept") != base64.StdEncoding.EncodeToString(sum[:]):
		return engine.Failed(result.FailUpgrade, errors.New("the answer is 101, but not to this request: its Sec-WebSocket-Accept is wrong"))
	}
	return nil
}

// framePatience is how long the answer to a Ping and a Close may take: one
// round trip and a server that is busy.
const framePatience = 3 * time.Second

// takeLeave says goodbye over a WebSocket that was opened, as a step. That frames
// come back shows that nobody on the way lets the upgrade pass and then no more.
// It returns why that is in doubt, and as an error what is wrong for certain.
func takeLeave(ctx context.Context, t *engine.Trace, at *arrival, body io.ReadWriter) (doubt string, err error) {
	var conn net.Conn = at.conn
	if at.hello != nil {
		conn = at.hello.Conn
	}
	ctx, cancel := context.WithTimeout(ctx, framePatience)
	defer cancel()
	err = t.Step(ctx, result.OpUpgraded, func(ctx context.Context, s *engine.Step) error {
		s.Set("server.address", at.result.Host)
		notePeer(s, at)
		n, err := talk.LeaveWebSocket(ctx, conn, body)
		s.Set("websocket.frames", n)
		return err
	})
	switch f := engine.Classify(err); {
	case err == nil:
	case f == result.FailTimeout || f == result.FailEOF || f == result.FailReset:
		return "the WebSocket was opened, but nothing came back over it", nil
	}
	return "", err
}
