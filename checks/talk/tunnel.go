package talk

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"netcheck/report/result"
)

// Tunnel is what a proxy said to the wish for a way to a host.
type Tunnel struct {
	Status  int
	Reason  string   // the words beside the status
	Schemes []string // the logins that it takes, of a 407, such as Negotiate
	Via     string   // as it calls itself, in Via or Server
	Page    string   // the beginning of the page that it sent in place of a tunnel, as text
}

// maxTunnelAnswer bounds a proxy's answer: header and what is read of a page.
const maxTunnelAnswer = 64 << 10

// RequestTunnel asks a proxy, at the other end of conn, for a tunnel to
// host:port (RFC 9110, 9.3.6). user is the proxy's own, nil for none; it is
// sent as Basic and never returned. An answer of any status is no error. What
// is no HTTP is one: its Failure says so.
func RequestTunnel(ctx context.Context, conn net.Conn, hostport string, user *url.Userinfo) (*Tunnel, error) {
	defer bound(ctx, conn)()
	var b strings.Builder
	fmt.Fprintf(&b, "CONNECT %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: netcheck\r\n", hostport, hostport)
	if user != nil {
		password, _ := user.Password()
		fmt.Fprintf(&b, "Proxy-Authorization: Basic %s\r\n", base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)))
	}
	b.WriteString("\r\n")
	if _, err := io.WriteString(conn, b.String()); err != nil {
		return nil, tunnelError(ctx, err)
	}
	limited := &io.LimitedReader{R: conn, N: maxTunnelAnswer}
	r, err := http.ReadResponse(bufio.NewReader(limited), &http.Request{Method: http.MethodConnect})
	if err != nil {
		return nil, tunnelError(ctx, err)
	}
	defer r.Body.Close()
	t := &Tunnel{Status: r.StatusCode, Via: Clean(r.Header.Get("Via"), 100)}
	_, reason, _ := strings.Cut(r.Status, " ")
	t.Reason = Clean(reason, 100)
	if t.Via == "" {
		t.Via = Clean(r.Header.Get("Server"), 100)
	}
	for _, v := range r.Header.Values("Proxy-Authenticate") {
		if scheme := schemeOf(v); scheme != "" && !slices.Contains(t.Schemes, scheme) && len(t.Schemes) < 8 {
			t.Schemes = append(t.Schemes, scheme)
		}
	}
	if t.Status/100 != 2 {
		page, _ := io.ReadAll(io.LimitReader(r.Body, 8<<10)) // what came in time will do
		t.Page = title(string(page))
	}
	return t, nil
}

// schemeOf is the login's kind that a challenge begins with.
func schemeOf(challenge string) string {
	scheme, _, _ := strings.Cut(strings.TrimSpace(challenge), " ")
	scheme = strings.TrimSuffix(scheme, ",")
	if strings.ContainsAny(scheme, "=\"") {
		return ""
	}
	return Clean(scheme, 32)
}

// title is a page's title, else nothing: a page is for browsers.
func title(page string) string {
	low := strings.ToLower(page)
	from := strings.Index(low, "<title")
	if from < 0 || len(low) != len(page) {
		return ""
	}
	open := strings.IndexByte(low[from:], '>')
	if open < 0 {
		return ""
	}
	from += open + 1
	to := strings.Index(low[from:], "</title")
	if to < 0 {
		return ""
	}
	return Clean(page[from:from+to], 120)
}

// TunnelError is a proxy that gave no answer, or none that is HTTP.
type TunnelError struct {
	Code result.Failure
	Err  error
}

func (e *TunnelError) Error() string           { return Clean(fmt.Sprintf("ask for a tunnel: %v", e.Err), 300) }
func (e *TunnelError) Unwrap() error           { return e.Err }
func (e *TunnelError) Failure() result.Failure { return e.Code }

func tunnelError(ctx context.Context, err error) error {
	code := result.FailHTTP
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		code = result.FailCanceled
	case isTimeout(err), ctx.Err() != nil:
		code = result.FailTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		code = result.FailEOF
	default:
		if f := failureOf(err); f != result.FailOther {
			code = f
		}
	}
	return &TunnelError{code, err}
}
