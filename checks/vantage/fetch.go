package vantage

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"netcheck/checks/talk"
	"netcheck/report/result"
)

// maxAnswer bounds what is read of an answer, header and all: five ports with
// two paths of 40 hops each are below it.
const maxAnswer = 128 << 10

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
	came   time.Time     // its last byte
	took   time.Duration // from the request's last byte until then
}

// fetch is one request on a connection of its own, and its answer: no redirect
// is followed, nothing is kept, and all ends with ctx.
func (o Options) fetch(ctx context.Context, to Server, method, path string, header http.Header, body []byte) (*answer, error) {
	conn, err := o.Dial(ctx, to)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if d, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(d)
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		_ = conn.SetDeadline(time.Unix(1, 0))
	})
	defer func() {
		if !stop() {
			<-ended
		}
	}()
	a, err := exchange(conn, to, method, path, header, body)
	if err == nil {
		return a, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err() // and not the deadline by which it ended
	}
	if late, ok := errors.AsType[net.Error](err); ok && late.Timeout() {
		return nil, context.DeadlineExceeded // a moment before ctx says so
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		err = op.Err // without the ports, which no two runs share
	}
	return nil, err
}

func exchange(conn io.ReadWriter, to Server, method, path string, header http.Header, body []byte) (*answer, error) {
	u, err := url.Parse(path)
	if err != nil {
		return nil, err
	}
	u.Scheme, u.Host = "https", to.hostPort()
	req := &http.Request{Method: method, URL: u, Host: to.hostPort(), Header: header.Clone(), ContentLength: int64(len(body)), Close: true}
	req.Header.Set("User-Agent", "netcheck")
	req.Header.Set("Accept", "application/json")
	if len(body) > 0 {
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	if err := req.Write(conn); err != nil {
		return nil, err
	}
	start := time.Now()
	heard := &counted{r: io.LimitReader(conn, maxAnswer)}
	res, err := http.ReadResponse(bufio.NewReader(heard), req)
	if err != nil {
		return nil, heard.explain(err)
	}
	defer res.Body.Close()
	a := &answer{status: res.StatusCode, header: res.Header}
	a.body, err = io.ReadAll(res.Body)
	if heard.n >= maxAnswer {
		return nil, &ForeignError{Status: a.status, What: fmt.Sprintf("its answer has more than %d bytes", maxAnswer)}
	}
	if err != nil {
		return nil, heard.explain(err)
	}
	a.came = time.Now()
	a.took = a.came.Sub(start)
	return a, nil
}

// counted notes how much was read, and by what it ended.
type counted struct {
	r   io.Reader
	n   int64
	err error
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	c.err = err
	return n, err
}

// explain tells a connection that ended from one on which no HTTP was spoken.
func (c *counted) explain(err error) error {
	switch {
	case c.n >= maxAnswer:
	case c.err != nil && !errors.Is(c.err, io.EOF):
		return c.err // which a reader takes for the text's fault
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return err
	}
	return &ForeignError{What: "what it answers is not HTTP"}
}

// RefusedError is what a helper says that does not do what it was asked.
type RefusedError struct {
	Refusal
	After time.Duration // until it may be asked again; 0: it does not say
}

func (e *RefusedError) Error() string {
	text := "the helper outside refuses"
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.After > 0 {
		text += fmt.Sprintf(" (again in %s)", e.After)
	}
	return text
}

// Failure names it.
func (e *RefusedError) Failure() result.Failure { return result.FailVantageRefused }

// ForeignError is said of a server that is no helper.
type ForeignError struct {
	Status int    // of its HTTP answer; 0: there was none
	What   string // made harmless
}

func (e *ForeignError) Error() string { return "what answers is no helper of netcheck: " + e.What }

// Failure names it.
func (e *ForeignError) Failure() result.Failure { return result.FailNotVantage }

func (a *answer) foreign(err error) error {
	return &ForeignError{Status: a.status, What: talk.Clean(err.Error(), 200)}
}

// maxAfter is the longest wait that anybody is told of.
const maxAfter = 24 * time.Hour

// refusal is the error of an answer that has a status other than 200.
func (a *answer) refusal() error {
	var r Refusal
	if err := decode(a.body, &r); err != nil || r.Code == "" {
		text := fmt.Sprintf("it answers with status %d", a.status)
		if t := talk.Clean(a.header.Get("Content-Type"), 60); t != "" {
			text += " and " + t
		}
		return a.foreign(errors.New(text))
	}
	e := &RefusedError{Refusal: Refusal{Code: talk.Clean(r.Code, 20), Message: talk.Clean(r.Message, 200)}}
	if n, err := strconv.Atoi(a.header.Get("Retry-After")); err == nil && n > 0 {
		e.After = min(time.Duration(min(n, 1<<20))*time.Second, maxAfter)
	}
	return e
}
