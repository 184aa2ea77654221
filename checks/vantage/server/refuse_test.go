package server

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"netcheck/checks/vantage"
)

// TestRefused: what is no request of netcheck's own, straight from whoever is
// to be called, is refused, and nobody is called for it.
func TestRefused(t *testing.T) {
	h := open(t, Options{AllowPrivate: true, Rate: 1e6, Burst: 1e6})
	port, came := counted(t)
	good := `{"ports":[` + itoa(port) + `]}`
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for _, c := range []struct {
		name, body string
		change     func(*http.Request)
		status     int
		code       string
	}{
		{"X-Forwarded-For", good, set("X-Forwarded-For", "8.8.8.8"), 403, vantage.RefusedCaller},
		{"an empty X-Forwarded-For", good, set("X-Forwarded-For", ""), 403, vantage.RefusedCaller},
		{"X-Forwarded-For in another case", good, func(r *http.Request) { r.Header["x-forwarded-for"] = []string{"8.8.8.8"} }, 403, vantage.RefusedCaller},
		{"Forwarded", good, set("Forwarded", "for=8.8.8.8"), 403, vantage.RefusedCaller},
		{"Via", good, set("Via", "1.1 proxy"), 403, vantage.RefusedCaller},
		{"X-Real-IP", good, set("X-Real-IP", "8.8.8.8"), 403, vantage.RefusedCaller},
		{"True-Client-IP", good, set("True-Client-IP", "8.8.8.8"), 403, vantage.RefusedCaller},

		{"GET", good, func(r *http.Request) { r.Method = http.MethodGet }, 405, vantage.RefusedRequest},
		{"PUT", good, func(r *http.Request) { r.Method = http.MethodPut }, 405, vantage.RefusedRequest},
		{"OPTIONS", "", func(r *http.Request) {
			r.Method = http.MethodOptions
			r.Header.Set("Origin", "https://page.example")
			r.Header.Set("Access-Control-Request-Method", "POST")
			r.Header.Set("Access-Control-Request-Headers", "netcheck-vantage,content-type")
		}, 405, vantage.RefusedRequest},
		{"another path", good, func(r *http.Request) { r.URL.Path = "/v1/reach/" }, 404, vantage.RefusedRequest},
		{"no header of ours", good, func(r *http.Request) { r.Header.Del(vantage.Header) }, 400, vantage.RefusedRequest},
		{"a header of another version", good, set(vantage.Header, "2"), 400, vantage.RefusedRequest},
		{"an Origin", good, set("Origin", "https://page.example"), 400, vantage.RefusedRequest},
		{"a form", good, set("Content-Type", "text/plain"), 415, vantage.RefusedRequest},
		{"no type", good, func(r *http.Request) { r.Header.Del("Content-Type") }, 415, vantage.RefusedRequest},

		{"an address", `{"ports":[` + itoa(port) + `],"address":"127.0.0.1"}`, nil, 400, vantage.RefusedRequest},
		{"a host", `{"ports":[` + itoa(port) + `],"host":"localhost"}`, nil, 400, vantage.RefusedRequest},
		{"an ip", `{"ports":[` + itoa(port) + `],"ip":"127.0.0.1"}`, nil, 400, vantage.RefusedRequest},
		{"no port", `{}`, nil, 400, vantage.RefusedRequest},
		{"port 0", `{"ports":[0]}`, nil, 400, vantage.RefusedRequest},
		{"a port beyond", `{"ports":[65536]}`, nil, 400, vantage.RefusedRequest},
		{"a port below", `{"ports":[-1]}`, nil, 400, vantage.RefusedRequest},
		{"a port in words", `{"ports":["22"]}`, nil, 400, vantage.RefusedRequest},
		{"a port twice", `{"ports":[` + itoa(port) + `,` + itoa(port) + `]}`, nil, 400, vantage.RefusedRequest},
		{"six ports", `{"ports":[1,2,3,4,5,` + itoa(port) + `]}`, nil, 403, vantage.RefusedPorts},
		{"another protocol", `{"ports":[` + itoa(port) + `],"proto":"icmp"}`, nil, 400, vantage.RefusedRequest},
		{"two requests", good + good, nil, 400, vantage.RefusedRequest},
		{"not JSON", "ports=1", nil, 400, vantage.RefusedRequest},
		{"nothing", "", nil, 400, vantage.RefusedRequest},
		{"null", "null", nil, 400, vantage.RefusedRequest},
		{"a list", "[]", nil, 400, vantage.RefusedRequest},
		{"a profile that is no id", `{"ports":[` + itoa(port) + `],"profile":"a\nlevel=INFO msg=forged"}`, nil, 400, vantage.RefusedRequest},
		{"a long profile", `{"ports":[` + itoa(port) + `],"profile":"` + strings.Repeat("a", 65) + `"}`, nil, 400, vantage.RefusedRequest},
		{"a huge body", good + strings.Repeat(" ", mostBody), nil, 413, vantage.RefusedRequest},
		{"a huge body of unknown length", good + strings.Repeat(" ", 1<<20), func(r *http.Request) { r.ContentLength = -1 }, 413, vantage.RefusedRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			change := c.change
			if change == nil {
				change = func(*http.Request) {}
			}
			res, b := h.post("", c.body, change)
			if res.StatusCode != c.status || code(t, b) != c.code {
				t.Errorf("%s: %s", res.Status, b)
			}
			for name := range res.Header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("it agrees with pages of others: %s", name)
				}
			}
		})
	}
	if n := came.Load(); n > 0 {
		t.Errorf("it was called %d times", n)
	}
	if res, b := h.post("", good); res.StatusCode != http.StatusOK { // or the cases above prove nothing
		t.Errorf("%s: %s", res.Status, b)
	}
}

func TestAddressThroughProxy(t *testing.T) {
	h := open(t, Options{AllowPrivate: true})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+h.at+vantage.Address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Via", "1.1 proxy")
	if res, b := h.do(h.client(""), r); res.StatusCode != http.StatusForbidden || code(t, b) != vantage.RefusedCaller {
		t.Errorf("%s: %s", res.Status, b)
	}
}

func TestPortList(t *testing.T) {
	port, came := counted(t)
	h := open(t, Options{AllowPrivate: true, Ports: []uint16{port, 9000, 9001, 9002, 9003, 9004, 9005}})
	if res, b := h.post("", `{"ports":[`+itoa(port)+`,22]}`); res.StatusCode != http.StatusForbidden || code(t, b) != vantage.RefusedPorts {
		t.Errorf("%s: %s", res.Status, b)
	}
	if n := came.Load(); n > 0 {
		t.Errorf("it was called %d times", n)
	}
	r := h.ask(vantage.Request{Ports: []uint16{port, 9000, 9001, 9002, 9003, 9004}}) // more than where there is no list
	if len(r.Ports) != 6 || came.Load() != 1 {
		t.Errorf("%+v", r.Ports)
	}
}

func TestToken(t *testing.T) {
	const token = "correct-horse"
	var log bytes.Buffer
	var mu sync.Mutex
	h := open(t, Options{AllowPrivate: true, Token: token, Log: slog.New(slog.NewTextHandler(lockedWriter{&mu, &log}, nil))})
	port, came := counted(t)
	body := `{"ports":[` + itoa(port) + `]}`
	for _, value := range []string{"", token, "Basic " + token, "Bearer", "Bearer ", "Bearer correct-hors", "Bearer " + token + "x"} {
		res, b := h.post("", body, func(r *http.Request) { r.Header.Set(vantage.HeaderToken, value) })
		if res.StatusCode != http.StatusUnauthorized || code(t, b) != vantage.RefusedToken {
			t.Errorf("%q: %s: %s", value, res.Status, b)
		}
	}
	if n := came.Load(); n > 0 {
		t.Errorf("it was called %d times", n)
	}
	if res, b := h.post("", body, func(r *http.Request) { r.Header.Set(vantage.HeaderToken, "Bearer "+token) }); res.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", res.Status, b)
	}
	h.stop()
	if strings.Contains(log.String(), "correct") {
		t.Errorf("the log tells the token: %s", &log)
	}
	if n := strings.Count(log.String(), "\n"); n != 8 {
		t.Errorf("%d lines for 8 requests: %s", n, &log)
	}
}

type lockedWriter struct {
	mu *sync.Mutex
	b  *bytes.Buffer
}

func (w lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

// FuzzRequest: whatever a stranger sends is refused, or is a request within its
// bounds.
func FuzzRequest(f *testing.F) {
	for _, s := range []string{`{"ports":[1]}`, `{"proto":"udp","ports":[1,2,3],"prove":true,"path":true,"profile":"passcom"}`, `{"ports":[65536]}`, `{"Ports":[1],"ports":[2]}`, `{"ports":[1]}{}`, "null", "\x00"} {
		f.Add([]byte(s))
	}
	s, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		q, err := decode(b)
		if err != nil {
			return
		}
		if q.Proto != "tcp" && q.Proto != "udp" || len(q.Ports) == 0 || len(q.Profile) > mostName {
			t.Errorf("%+v", q)
		}
		seen := map[uint16]bool{}
		for _, p := range q.Ports {
			if p == 0 || seen[p] {
				t.Errorf("%+v", q)
			}
			seen[p] = true
		}
		for _, c := range q.Profile {
			if c < '-' || c > 'z' {
				t.Errorf("%q", q.Profile)
			}
		}
		if s.allowed(q) == nil && len(q.Ports) > vantage.MaxPorts {
			t.Errorf("%d ports", len(q.Ports))
		}
	})
}
