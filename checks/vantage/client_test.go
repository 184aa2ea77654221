package vantage

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"netcheck/internal/servers"
	"netcheck/report/result"
)

func TestAddress(t *testing.T) {
	const pin = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for address, want := range map[string]struct {
		server Server
		why    string // a part of what is said of a wrong one
	}{
		"https://vantage.example.com":           {Server{"vantage.example.com", 443, true, ""}, ""},
		"HTTPS://vantage.example.com:8443/":     {Server{"vantage.example.com", 8443, true, ""}, ""},
		"https://[2001:db8::1]#" + pin:          {Server{"2001:db8::1", 443, true, pin}, ""},
		"http://192.168.1.5":                    {Server{"192.168.1.5", 80, false, ""}, ""},
		"https://vantage.example.com#" + b64Pin: {Server{"vantage.example.com", 443, true, pin}, ""},

		"vantage.example.com":                  {why: "begins with https://"},
		"":                                     {why: "begins with https://"},
		"wss://vantage.example.com":            {why: "begins with https://"},
		"https://":                             {why: "no host"},
		"https://:443":                         {why: "no host"},
		"https://vantage.example.com/v1/reach": {why: "without a path"},
		"https://vantage.example.com?token=secret": {why: "without a path"},
		"https://vantage.example.com:0":            {why: `"0" is not a port`},
		"https://vantage.example.com:https":        {why: "not the address"},
		"https://till:secret@vantage.example.com":  {why: TokenVariable},
		"https://till:sec%ret@vantage.example.com": {why: TokenVariable},
		"https://vantage.example.com#secret":       {why: "64 hex digits"},
		"http://vantage.example.com#" + pin:        {why: "only with https://"},
		"https://" + strings.Repeat("a", 1000):     {why: "at most"},
	} {
		h, err := Open(address, Options{})
		switch {
		case want.why == "" && err != nil:
			t.Errorf("%s: %v", address, err)
		case want.why == "":
			if got := h.(*client).Server(); got != want.server {
				t.Errorf("%s: %+v", address, got)
			}
		case err == nil || !strings.Contains(err.Error(), want.why):
			t.Errorf("%s: said %v", address, err)
		case strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "sec%ret"):
			t.Errorf("%s: what may be a secret is shown: %v", address, err)
		}
	}
}

const b64Pin = "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

// What is said to a helper on the way to which anybody can read is told as such.
func TestDiscloses(t *testing.T) {
	for address, want := range map[string]string{
		"https://vantage.example.com": "vantage.discloses",
		"http://192.168.1.5":          "vantage.discloses",
		"http://localhost:8080":       "vantage.discloses",
		"http://vantage.example.com":  "vantage.discloses.clear",
		"http://203.0.113.5":          "vantage.discloses.clear",
	} {
		h, err := Open(address, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Discloses(); got != want {
			t.Errorf("%s: %s, wanted %s", address, got, want)
		}
	}
}

// A call is a POST that no web page can send, with the token where there is
// one; the token never goes where it could be read, and is not shown when the
// helper says it back.
func TestCall(t *testing.T) {
	const token = "sesame-4711"
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		want := `{"ports":[8080],"prove":true,"profile":"shop"}`
		if r.Method != http.MethodPost || r.URL.Path != Reach || r.Header.Get(Header) != Version || r.Header.Get("Content-Type") != "application/json" || string(b) != want {
			t.Errorf("asked %s %s %v %s", r.Method, r.URL.Path, r.Header, b)
		}
		if r.Header.Get(HeaderToken) == "Bearer "+token {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"code": "token", "error": "not `+token+`"}`)
			return
		}
		_, _ = io.WriteString(w, `{`+caller+`, "ports": [{"port": 8080, "state": "open"}]}`)
	}))
	defer s.Close()
	r := Request{Ports: []uint16{8080}, Prove: true, Profile: "shop"}
	got, err := helper(t, s.URL, Options{}).Call(t.Context(), r)
	if err != nil || len(got.Ports) != 1 || got.Ports[0].State != result.Open {
		t.Errorf("%+v %v", got, err)
	}
	_, err = helper(t, s.URL, Options{Token: token}).Call(t.Context(), r)
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Code != RefusedToken || strings.Contains(err.Error(), token) {
		t.Errorf("said %v", err)
	}
	far, err := Open("http://vantage.example.com", Options{Token: token, Dial: func(context.Context, Server) (net.Conn, error) {
		t.Error("somebody was asked")
		return nil, net.ErrClosed
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := far.Call(t.Context(), r); !errors.As(err, &refused) || refused.Code != RefusedClear {
		t.Errorf("a token in clear: %v", err)
	}
}

// A helper that says the token back, however it is written, has it shown to
// nobody.
func TestSaysTokenBack(t *testing.T) {
	const token = "sesame-4711"
	for name, body := range map[string]string{
		"refusing":           `{"code": "token", "error": "not sesame-4711"}`,
		"as the code":        `{"code": "sesame-4711", "error": "no"}`,
		"escaped":            `{"code": "token", "error": "not \u0073\u0065same-4711"}`,
		"hidden":             `{"code": "token", "error": "not ses\u001b[1mame-\u200b4711"}`,
		"as an address":      `{"caller": {"address": "\u0073esame-4711"}}`,
		"as a time":          `{` + caller[:len(caller)-len(`"2026-11-22T05:00:00Z"`)] + `"\u0073esame-4711"}`,
		"in a router's name": `{` + caller + `, "ports": [{"port": 8080, "state": "rejected", "icmp": {"from": "192.0.2.1", "type": 3, "code": 13, "name": "\u0073esame-4711"}}]}`,
	} {
		for _, status := range []int{http.StatusOK, http.StatusForbidden} {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", r.Header.Get(HeaderToken))
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			}))
			got, err := helper(t, s.URL, Options{Token: token}).Call(t.Context(), Request{Ports: []uint16{8080}})
			s.Close()
			if refused, ok := errors.AsType[*RefusedError](err); ok && strings.Contains(refused.Code, token) {
				t.Errorf("%s, status %d: the code is %s", name, status, refused.Code)
			}
			if err == nil || strings.Contains(err.Error(), token) {
				t.Errorf("%s, status %d: %+v, %v", name, status, got, err)
			}
		}
	}
}

// Whatever answers in a helper's place is named, bounded in time and size, and
// shows nothing that a terminal obeys.
func TestHostileAnswers(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\n"
	for name, c := range map[string]struct {
		says    string
		endless string // said again and again after that
		want    result.Failure
	}{
		"nothing":                {"", "", result.FailEOF},
		"half a header":          {head, "", result.FailEOF},
		"an endless header":      {head, "X: y\r\n", result.FailNotVantage},
		"an endless line":        {head + "X: ", "y", result.FailNotVantage},
		"an endless body":        {head + "\r\n", "{}", result.FailNotVantage},
		"endless chunks":         {head + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", result.FailNotVantage},
		"chunks that are none":   {head + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "", result.FailNotVantage},
		"a body cut short":       {head + "Content-Length: 100\r\n\r\n{", "", result.FailEOF},
		"a greeting":             {"220 mail ESMTP\r\n", "", result.FailNotVantage},
		"not a byte of sense":    {"\x00\xff\x1b]0;x\x07\r\n\r\n", "", result.FailNotVantage},
		"HTML":                   {head + "Content-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", "", result.FailNotVantage},
		"a page that is missing": {"HTTP/1.1 404 \x1b[2J\r\nContent-Type: \x1b[2J\r\nContent-Length: 0\r\n\r\n", "", result.FailNotVantage},
		"go on":                  {"HTTP/1.1 100 Continue\r\n\r\n", "", result.FailNotVantage},
		"a redirect":             {"HTTP/1.1 301 Moved\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n", "", result.FailNotVantage},
		"a deep nest":            {head + "\r\n", "[", result.FailNotVantage},
		"a refusal":              {"HTTP/1.1 429 Slow\r\nRetry-After: 99999999999\r\nContent-Length: 38\r\n\r\n" + `{"code": "rate", "error": "\u001b[2J"}`, "", result.FailVantageRefused},
		"silence":                {"", "silence", result.FailTimeout},
		"a drip":                 {head, "slowly", result.FailTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			over := make(chan struct{})
			stop := servers.Connections(l, func(conn net.Conn) {
				_, _ = conn.Read(make([]byte, 1<<12))
				_, err := io.WriteString(conn, c.says)
				switch c.endless {
				case "":
				case "silence":
					<-over
				case "slowly":
					for ; err == nil; _, err = io.WriteString(conn, "x") {
						select {
						case <-over:
							return
						case <-time.After(10 * time.Millisecond):
						}
					}
				default:
					more := strings.Repeat(c.endless, 1000)
					for ; err == nil; _, err = io.WriteString(conn, more) {
					}
				}
			})
			defer stop()
			defer close(over)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err = helper(t, "http://"+l.Addr().String(), Options{}).Where(ctx)
			if got := failureOf(err); got != c.want {
				t.Errorf("%s (%v), wanted %s", got, err, c.want)
			}
			if err != nil && strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("a terminal obeys %q", err)
			}
		})
	}
}

// failureOf is the failure that the engine would make of an error.
func failureOf(err error) result.Failure {
	var own interface{ Failure() result.Failure }
	switch {
	case errors.As(err, &own):
		return own.Failure()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return result.FailEOF
	case errors.Is(err, context.DeadlineExceeded):
		return result.FailTimeout
	}
	return result.FailOther
}

// FuzzAnswer takes whatever may answer through the reading of it.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
	f.Add([]byte("HTTP/1.1 429 Slow\r\nRetry-After: 5\r\n\r\n{\"code\": \"rate\", \"error\": \"later\"}"))
	f.Add([]byte("HTTP/1.1 302 Found\r\nLocation: //x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, said []byte) {
		a, err := exchange(heard{strings.NewReader(string(said))}, Server{Host: "a.test", Port: 443}, http.MethodGet, Address, http.Header{}, nil)
		if err != nil {
			return
		}
		if len(a.body) > maxAnswer {
			t.Fatalf("%d bytes were read", len(a.body))
		}
		for _, err := range []error{a.refusal(), a.foreign(errors.New(string(a.body)))} {
			if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) {
				t.Fatalf("a terminal obeys %q", err)
			}
		}
	})
}

// heard is a connection on which everything has been said already.
type heard struct{ io.Reader }

func (heard) Write(b []byte) (int, error) { return len(b), nil }
