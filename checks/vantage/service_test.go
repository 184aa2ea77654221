package vantage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"netcheck/report/result"
)

// directly dials without TLS, to this machine alone.
func directly(ctx context.Context, to Server) (net.Conn, error) {
	if to.Host != "127.0.0.1" || to.Secure {
		return nil, fmt.Errorf("%s is not asked by a test", to.Host)
	}
	return new(net.Dialer).DialContext(ctx, "tcp", to.hostPort())
}

// service is a server on loopback that answers as a test says, and its address
// under a scheme.
func service(t *testing.T, scheme string, answer http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return scheme + "+" + s.URL
}

func helper(t *testing.T, address string, o Options) Helper {
	t.Helper()
	o.Dial = directly
	h, err := Open(address, o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// says answers everything with a status and a body.
func says(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestServiceAddress(t *testing.T) {
	for address, why := range map[string]string{
		"echoip+https://ifconfig.example":                "",
		"ECHOIP+HTTPS://ifconfig.example:8443":           "",
		"echoip+http://127.0.0.1:8080":                   "",
		"echoip+http://192.168.1.4":                      "",
		"globalping:":                                    "",
		"globalping+https://globalping.example":          "",
		"globalping+http://localhost:8080":               "",
		"echoip+http://ifconfig.example":                 "write echoip+https://",
		"globalping+http://globalping.example":           "write globalping+https://",
		"echoip+https://":                                "no host",
		"echoip+https://user:secret@ifconfig.example":    "must not hold a user",
		"echoip+https://ifconfig.example/port/22":        "without a path",
		"echoip+https://ifconfig.example?ip=192.0.2.1":   "without a path",
		"globalping:9.9.9.9":                             "stands alone",
		"globalping://globalping.example":                "stands alone",
		"globalping+https://globalping.example#sha256:x": "a pin is",
		"echoip:": "begins with",
	} {
		_, err := Open(address, Options{Dial: directly})
		if why == "" && err != nil || why != "" && (err == nil || !strings.Contains(err.Error(), why)) {
			t.Errorf("%s: %v, want %q", address, err, why)
		}
	}
}

// What a service may say instead of what it was asked for: none of it is
// believed, all of it ends, and a report may hold the words.
func TestServiceMisbehaves(t *testing.T) {
	for name, test := range map[string]struct {
		answer  http.HandlerFunc
		failure result.Failure
		after   time.Duration
	}{
		"a page":             {says(200, "<html>\x1b[2JWelcome</html>", "Content-Type", "text/html"), result.FailNotVantage, 0},
		"another JSON":       {says(200, `{"status": "ok"}`), result.FailNotVantage, 0},
		"two values":         {says(200, `{"ip": "203.0.113.9", "port": 8080, "reachable": true} {}`), result.FailNotVantage, 0},
		"nothing":            {says(200, ``), result.FailNotVantage, 0},
		"huge":               {says(200, `{"ip": "`+strings.Repeat("9", 1<<20)+`"}`), result.FailNotVantage, 0},
		"a redirect":         {says(302, ``, "Location", "https://elsewhere.example/"), result.FailNotVantage, 0},
		"too often":          {says(429, `{"error": {"type": "rate_limit_exceeded", "message": "API rate limit exceeded."}}`, "Retry-After", "40"), result.FailVantageRefused, 40 * time.Second},
		"too often, a reset": {says(429, ``, "X-RateLimit-Reset", "90"), result.FailVantageRefused, 90 * time.Second},
		"too often, forever": {says(429, ``, "Retry-After", "9999999"), result.FailVantageRefused, 24 * time.Hour},
		"forbidden":          {says(403, ``), result.FailVantageRefused, 0},
		"no token":           {says(401, `{}`), result.FailVantageRefused, 0},
		"busy":               {says(503, ``), result.FailVantageRefused, 0},
		"a faulty request":   {says(422, `{"error": {"message": "No suitable \u001b]0;probes\u0007 found."}}`), result.FailVantageRefused, 0},
		"no such page":       {says(410, ``), result.FailNotVantage, 0},
	} {
		for _, scheme := range []string{"echoip", "globalping"} {
			t.Run(scheme+", "+name, func(t *testing.T) {
				t.Parallel()
				h := helper(t, service(t, scheme, test.answer), Options{})
				_, err := h.Call(t.Context(), Request{Ports: []uint16{8080}, Target: shop})
				failed, ok := errors.AsType[interface {
					error
					Failure() result.Failure
				}](err)
				if !ok || failed.Failure() != test.failure {
					t.Fatalf("error %v, want the failure %s", err, test.failure)
				}
				if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) {
					t.Errorf("%q obeys the server", err)
				}
				if refused, ok := errors.AsType[*RefusedError](err); ok && refused.After != test.after {
					t.Errorf("again after %s, want %s", refused.After, test.after)
				}
			})
		}
	}
}

// A service that drips, or says nothing, holds nobody longer than wanted.
func TestServiceIsSlow(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"silent": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then is it seen that the client hung up
			<-r.Context().Done()
		},
		"drips": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, " "); err != nil {
					return
				}
				_ = http.NewResponseController(w).Flush()
			}
		},
	} {
		for _, scheme := range []string{"echoip", "globalping"} {
			t.Run(scheme+", "+name, func(t *testing.T) {
				t.Parallel()
				h := helper(t, service(t, scheme, answer), Options{})
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				start := time.Now()
				_, err := h.Call(ctx, Request{Ports: []uint16{8080}, Target: shop})
				if err == nil || time.Since(start) > 2*time.Second {
					t.Errorf("after %s: %v", time.Since(start), err)
				}
			})
		}
	}
}

// A service that is not asked by UDP, or about many ports, is not asked at all.
func TestServiceIsNotAsked(t *testing.T) {
	var asked atomic.Int32
	answer := func(http.ResponseWriter, *http.Request) { asked.Add(1) }
	for name, r := range map[string]Request{
		"udp":        {Proto: "udp", Ports: []uint16{8080}, Target: shop},
		"six ports":  {Ports: []uint16{1, 2, 3, 4, 5, 6}, Target: shop},
		"not a port": {Target: shop},
	} {
		for _, scheme := range []string{"echoip", "globalping"} {
			if _, err := helper(t, service(t, scheme, answer), Options{}).Call(t.Context(), r); err == nil {
				t.Errorf("%s, %s: no error", scheme, name)
			}
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("asked %d times", n)
	}
}

// A token goes to the service that it is for, and to no other.
func TestServiceToken(t *testing.T) {
	for scheme, want := range map[string]string{"echoip": "", "globalping": "Bearer sesame"} {
		var got atomic.Value
		h := helper(t, service(t, scheme, func(w http.ResponseWriter, r *http.Request) {
			got.Store(r.Header.Get("Authorization"))
			w.WriteHeader(http.StatusTeapot)
		}), Options{Token: "sesame"})
		if _, err := h.Call(t.Context(), Request{Ports: []uint16{8080}, Target: shop}); err == nil {
			t.Errorf("%s: no error", scheme)
		}
		if got.Load() != want {
			t.Errorf("%s was sent %q, want %q", scheme, got.Load(), want)
		}
	}
	for address, want := range map[string]string{
		"https://vantage.example": TokenVariable, "GLOBALPING:": GlobalpingToken, "globalping+https://h.example": GlobalpingToken, "echoip+https://h.example": "",
	} {
		if got := TokenVariableOf(address); got != want {
			t.Errorf("%s: token in %q, want %q", address, got, want)
		}
	}
}
