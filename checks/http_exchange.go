package checks

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync/atomic"
	"time"

	"netcheck/checks/engine"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

const (
	maxBody   = 64 << 10 // of an answer's body, as sent and once decoded
	maxHeader = 64 << 10 // of an answer's header
)

// httpAnswer is what came back.
type httpAnswer struct {
	status int
	header http.Header
	body   string
	cut    error  // the body broke off there
	doubt  string // why a WebSocket that was opened may be of no use
}

// exchange sends a request over the connection that was opened for it, and
// reads the answer.
func exchange(ctx context.Context, t *engine.Trace, s *engine.Step, r request, at *arrival) (*httpAnswer, error) {
	if t.Env.Timeout > 0 {
		var cancel context.CancelFunc
		limit := t.Env.Timeout
		if at.asked {
			limit *= 2 // for the proxy, and for what lies beyond
		}
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	s.Set("server.address", at.result.Host)
	notePeer(s, at)
	line := newLine(at, r.hide)
	conn, err := line.transport.NewClientConn(ctx, r.url.Scheme, net.JoinHostPort(r.url.Hostname(), at.result.Ports))
	if err != nil {
		return nil, line.explain(ctx, s, at, err)
	}
	defer conn.Close()
	var firstByte atomic.Int64
	start := time.Now()
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotFirstResponseByte: func() { firstByte.CompareAndSwap(0, int64(time.Since(start))) },
	})
	req, err := newRequest(traced, r)
	if err != nil {
		return nil, engine.Failed(result.FailHTTP, err)
	}
	if at.asked {
		if err := r.logIn(conn, req, at.proxy.URL.User); err != nil {
			if !errors.Is(err, talk.ErrUnanswered) {
				err = line.explain(ctx, s, at, err)
			}
			return nil, err
		}
	}
	res, err := conn.RoundTrip(req)
	received := time.Now()
	if err != nil {
		return nil, line.explain(ctx, s, at, err)
	}
	defer res.Body.Close()
	s.Set("http.response.status_code", res.StatusCode)
	s.Set("http.time.connect_ms", millis(at.try.took))
	if at.hello != nil {
		s.Set("http.time.handshake_ms", millis(at.hello.Duration))
	}
	s.Set("network.protocol.version", strings.TrimPrefix(strings.TrimSuffix(fmt.Sprintf("%d.%d", res.ProtoMajor, res.ProtoMinor), ".0"), "HTTP/"))
	if ttfb := firstByte.Load(); ttfb > 0 {
		s.Set("http.time.first_byte_ms", millis(time.Duration(ttfb)))
	}
	noteHeader(s, r, res.Header)
	if offset, ok := clockOffset(res.Header, start, received); ok {
		s.Set("http.date_offset_s", offset)
	}
	a := &httpAnswer{status: res.StatusCode, header: res.Header}
	if r.key != "" && a.status == http.StatusSwitchingProtocols {
		if body, ok := res.Body.(io.ReadWriter); ok && upgraded(a, r.key, r.hide) == nil {
			a.doubt, err = takeLeave(ctx, t, at, body)
		}
		return a, err
	}
	a.body, a.cut = readBody(res)
	s.Set("http.response.body.size", len(a.body))
	s.Set("http.time.exchange_ms", millis(time.Since(start)))
	if a.cut != nil && a.body == "" && ctx.Err() != nil {
		return nil, line.explain(ctx, s, at, a.cut)
	}
	return a, nil // a body that breaks off is judged by what came of it
}

// line is a transport that has one connection, which is open already.
type line struct {
	transport *http.Transport
	tap       *talk.Tap // what came in place of an answer; of HTTP/2 nothing
	hide      hidden
}

func newLine(at *arrival, hide hidden) *line {
	l := &line{tap: &talk.Tap{Conn: at.conn}, hide: hide}
	l.transport = &http.Transport{
		Proxy: nil, DisableCompression: true, MaxResponseHeaderBytes: maxHeader, MaxIdleConnsPerHost: 1,
		DialContext:    func(context.Context, string, string) (net.Conn, error) { return l.tap, nil },
		DialTLSContext: func(context.Context, string, string) (net.Conn, error) { return l.tap, nil },
		Protocols:      new(http.Protocols),
	}
	l.transport.Protocols.SetHTTP1(true)
	if at.asked {
		l.transport.Proxy = http.ProxyURL(bare(at.proxy))
	}
	switch {
	case at.hello == nil:
	case at.hello.ALPN == "h2":
		l.transport.Protocols.SetHTTP2(true)
		l.transport.DialTLSContext = func(context.Context, string, string) (net.Conn, error) { return at.hello.Conn, nil }
	default:
		l.tap = &talk.Tap{Conn: at.hello.Conn}
	}
	return l
}

// ended is the error that ended the connection, if it has ended.
func (l *line) ended(at *arrival) error {
	if at.hello != nil {
		return at.hello.Ended()
	}
	return l.tap.Ended()
}

// explain names the error of an exchange. What ended the connection says more
// than what the library made of it.
func (l *line) explain(ctx context.Context, s *engine.Step, at *arrival, err error) error {
	told := l.told(ctx, s, at, err)
	if ev := brokenOff(at.conn, engine.Classify(told), err); ev != nil {
		s.Evidence(*ev)
	}
	return told
}

// told is the error as explained.
func (l *line) told(ctx context.Context, s *engine.Step, at *arrival, err error) error {
	text := errors.New(l.hide.clean(err.Error(), 300))
	if ctx.Err() != nil {
		return engine.Failed(engine.Classify(ctx.Err()), ctx.Err())
	}
	f := engine.Classify(err)
	ended := l.ended(at)
	if f == result.FailOther && ended != nil {
		f = engine.Classify(ended)
	}
	n, isAlert := talk.Alert(err)
	if !isAlert {
		n, isAlert = talk.Alert(ended)
	}
	if isAlert {
		s.Set("tls.alert", n)
		s.Set("tls.alert_name", tls.AlertError(n).Error())
		if f = result.FailTLSAlert; at.hello != nil {
			f = at.hello.AlertFailure(n)
		}
	}
	if at.hello != nil && at.hello.Wanted && !at.hello.Given && ended != nil {
		// Its alert may be lost when it hangs up before our request is read.
		return engine.Failed(result.FailTLSClientCert, fmt.Errorf("the server asked for a client certificate and then hung up: %w", text))
	}
	if at.hello != nil && at.hello.Wanted && at.hello.Given && (f == result.FailReset || f == result.FailEOF) && len(l.tap.Seen()) == 0 {
		// So may its alert about the one that it was given.
		return engine.Failed(result.FailTLSClientRefused, fmt.Errorf("the server was given the client certificate and then hung up: %w", text))
	}
	if f != result.FailOther && f != result.FailEOF {
		return engine.Failed(f, text)
	}
	seen := l.tap.Seen()
	if len(seen) > 0 {
		s.Set("http.first_bytes", l.hide.clean(string(seen), 64))
	}
	switch p := talk.Recognise(seen); {
	case p.Proto == "http" && f == result.FailEOF:
		return engine.Failed(f, errors.New("the server closed the connection in the middle of its answer"))
	case p.Proto == "http":
		return engine.Failed(result.FailHTTPFormat, l.broken(err))
	case len(seen) > 0 && p.Proto != "other":
		s.Set("network.protocol.name", p.Proto)
		return engine.Failed(result.FailHTTP, errors.New(l.hide.clean("the answer is not HTTP but "+p.String(), 300)))
	case len(seen) > 0:
		return engine.Failed(result.FailHTTP, errors.New("the answer is not HTTP"))
	case f == result.FailEOF:
		return engine.Failed(f, text)
	}
	return engine.Failed(result.FailHTTPFormat, text) // of HTTP/2: agreed on, and not kept to
}

// broken says which rule an answer that is HTTP breaks.
func (l *line) broken(err error) error {
	_, isLine := errors.AsType[textproto.ProtocolError](err)
	switch {
	case l.tap.Total() >= maxHeader:
		return errors.New("the answer's header is longer than 64 KiB")
	case isLine:
		return errors.New("the answer's header has a line that is none")
	}
	return errors.New("the answer begins as HTTP, and goes on against its rules")
}

// noteHeader records the headers that tell who answered.
func noteHeader(s *engine.Step, r request, h http.Header) {
	for _, name := range []string{"Server", "Via", "Proxy-Authenticate", "WWW-Authenticate", "Content-Type", "Upgrade"} {
		if v := h.Values(name); len(v) > 0 {
			s.Set("http.response.header."+strings.ToLower(name), r.hide.clean(schemes(name, v), 120))
		}
	}
	if h.Get("Location") != "" {
		if to, err := location(&httpAnswer{header: h}, r.url); err == nil {
			s.Set("http.response.header.location", shownURL(to))
		}
	}
}

// schemes keeps of a demand for credentials only their kinds: what follows may
// be a token.
func schemes(name string, values []string) string {
	if !strings.HasSuffix(name, "-Authenticate") {
		return values[0]
	}
	var kinds []string
	for _, v := range values {
		kind, _, _ := strings.Cut(v, " ")
		kinds = append(kinds, kind)
	}
	return strings.Join(kinds, ", ")
}

// clockOffset is how far the server's clock is ahead of ours, in seconds. The
// Date header has whole seconds, and a cache's answer an old one.
func clockOffset(h http.Header, sent, received time.Time) (float64, bool) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil || h.Get("Age") != "" {
		return 0, false
	}
	middle := sent.Add(received.Sub(sent) / 2)
	return math.Round(date.Add(500*time.Millisecond).Sub(middle).Seconds()) + 0, true // + 0: no -0
}

// readBody reads the beginning of a body, decoded if it is coded, within
// bounds on both sides of the decoding.
func readBody(res *http.Response) (string, error) {
	sent := &io.LimitedReader{R: res.Body, N: maxBody}
	var r io.Reader = sent
	switch strings.ToLower(res.Header.Get("Content-Encoding")) {
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			return "", err
		}
		r = z
	case "deflate":
		r = flate.NewReader(r)
	}
	b, err := io.ReadAll(io.LimitReader(r, maxBody))
	if sent.N <= 0 {
		err = nil // it was we who cut it
	}
	return string(b), err
}

func millis(d time.Duration) float64 { return math.Round(float64(d)/1e4) / 100 }
