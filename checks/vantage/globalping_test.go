package vantage

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"netcheck/report/result"
)

// What one machine says of its connect, in the service's words.
const (
	gotThrough = `{"status": "finished", "rawOutput": "…", "resolvedAddress": "203.0.113.9", "resolvedHostname": "203.0.113.9", "timings": [{"rtt": 24.2}], "stats": {"min": 24.2, "max": 24.2, "avg": 24.2, "total": 1, "loss": 0, "rcv": 1, "drop": 0}}`
	quicker    = `{"status": "finished", "rawOutput": "…", "resolvedAddress": "203.0.113.9", "timings": [{"rtt": 8.5}], "stats": {"min": 8.5, "max": 8.5, "avg": 8.5, "total": 1, "loss": 0, "rcv": 1, "drop": 0}}`
	silence    = `{"status": "finished", "rawOutput": "No reply from 203.0.113.9 (203.0.113.9) on port 8080: tcp_conn=1", "resolvedAddress": "203.0.113.9", "timings": [], "stats": {"min": null, "max": null, "avg": null, "total": 1, "loss": 100, "rcv": 0, "drop": 1}}`
	refusal    = `{"status": "failed", "rawOutput": "PING 203.0.113.9 (203.0.113.9) on port 8080.\nconnect ECONNREFUSED 203.0.113.9:8080", "resolvedAddress": "203.0.113.9"}`
	noRoute    = `{"status": "failed", "rawOutput": "connect ENETUNREACH 203.0.113.9:8080", "resolvedAddress": "203.0.113.9"}`
	offline    = `{"status": "offline", "rawOutput": "This probe is currently offline. Please try again later."}`
	elsewhere  = `{"status": "finished", "resolvedAddress": "192.0.2.1", "stats": {"min": 1, "total": 1, "rcv": 1}}`
)

func measured(results ...string) string {
	for i, r := range results {
		results[i] = `{"probe": {"continent": "EU", "country": "IT", "city": "Milan", "asn": 64500, "network": "Example", "tags": [], "resolvers": []}, "result": ` + r + `}`
	}
	return `{"id": "nzGzfAGL7sZfUs3c", "type": "ping", "status": "finished", "target": "203.0.113.9", "probesCount": 3, "results": [` + strings.Join(results, ",") + `]}`
}

func TestMeasurement(t *testing.T) {
	for name, test := range map[string]struct {
		body  string
		state result.State
	}{
		"all got through":         {measured(gotThrough, gotThrough, gotThrough), result.Open},
		"one got through":         {measured(silence, silence, gotThrough), result.Open},
		"silence for all":         {measured(silence, silence, silence), result.Filtered},
		"silence, one away":       {measured(silence, offline, silence), result.Filtered},
		"refused":                 {measured(refusal, refusal, refusal), result.Closed},
		"at odds":                 {measured(refusal, silence, silence), result.Unknown},
		"one alone is refused":    {measured(refusal), result.Unknown},
		"one alone hears nothing": {measured(silence, offline, noRoute), result.Unknown},
		"one alone got through":   {measured(quicker), result.Open},
		"about another address":   {measured(elsewhere, elsewhere, elsewhere), result.Unknown},
		"no results":              {measured(), result.Unknown},
		"refused elsewhere":       {measured(strings.ReplaceAll(refusal, "D 203", "D 103"), refusal), result.Unknown},
	} {
		p, done, err := parseMeasurement([]byte(test.body), shop)
		if err != nil || !done || p.State != test.state || p.Unreached != (name == "at odds") {
			t.Errorf("%s: %s, done %v, %v; want %s", name, p.State, done, err, test.state)
		}
	}
	if p, _, _ := parseMeasurement([]byte(measured(gotThrough, quicker)), shop); time.Duration(p.RTT) != 8500*time.Microsecond {
		t.Errorf("took %s, want the quickest", time.Duration(p.RTT))
	}
	for name, body := range map[string]string{
		"not a measurement":        `{}`,
		"more machines than asked": measured(gotThrough, gotThrough, gotThrough, gotThrough),
		"garbage":                  "\x00\x01",
		"a text for a number":      `{"status": "finished", "results": [{"result": {"status": "finished", "stats": {"rcv": "1"}}}]}`,
	} {
		if p, done, err := parseMeasurement([]byte(body), shop); err == nil {
			t.Errorf("%s: %+v, done %v", name, p, done)
		}
	}
}

// api speaks as Globalping does: a measurement is accepted, and is whole at the
// third look.
type api struct {
	mu      sync.Mutex
	ordered []measurement
	looks   int
	never   bool
	results []string
}

func (s *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/v1/measurements" && r.Header.Get("Content-Type") == "application/json" && r.UserAgent() != "":
		var m measurement
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		s.ordered = append(s.ordered, m)
		w.Header().Set("Location", "https://elsewhere.example/v1/measurements/x") // which is not followed
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, `{"id": "nzGzfAGL7sZfUs3%c", "probesCount": 3}`, 'a'+len(s.ordered))
	case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/v1/measurements/nzGzfAGL7sZfUs3"):
		if s.looks++; s.looks%3 != 0 || s.never {
			fmt.Fprint(w, `{"id": "nzGzfAGL7sZfUs3c", "status": "in-progress", "results": [{"result": {"status": "in-progress", "rawOutput": ""}}]}`)
			return
		}
		fmt.Fprint(w, measured(append([]string(nil), s.results...)...))
	default:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"error": {"type": "not_found", "message": "Couldn't find the requested item."}}`)
	}
}

func soon(h Helper) Helper {
	h.(*globalping).every = time.Millisecond
	return h
}

func TestGlobalping(t *testing.T) {
	s := &api{results: []string{gotThrough, silence, gotThrough}}
	h := soon(helper(t, service(t, "globalping", s.ServeHTTP), Options{}))
	if _, err := h.Where(t.Context()); !errors.Is(err, ErrNoAddress) {
		t.Errorf("where: %v", err)
	}
	reply, err := h.Call(t.Context(), Request{Ports: []uint16{8080, 443}, Target: shop})
	if err != nil {
		t.Fatal(err)
	}
	if reply.Caller.Address.IsValid() || len(reply.Ports) != 2 || reply.Ports[0].State != result.Open || reply.Ports[1].Port != 443 {
		t.Errorf("%+v", reply)
	}
	ping := func(port uint16) measurement {
		return measurement{Type: "ping", Target: "203.0.113.9", Limit: 3, Options: measurementOptions{Protocol: "TCP", Port: port, Packets: 1}}
	}
	if diff := cmp.Diff([]measurement{ping(8080), ping(443)}, s.ordered); diff != "" {
		t.Errorf("it was asked otherwise (-want +got):\n%s", diff)
	}
}

// Whom to call is not guessed.
func TestGlobalpingNeedsAnAddress(t *testing.T) {
	s := new(api)
	h := soon(helper(t, service(t, "globalping", s.ServeHTTP), Options{}))
	if _, err := h.Call(t.Context(), Request{Ports: []uint16{8080}}); err == nil || len(s.ordered) != 0 {
		t.Errorf("%v, and asked %d times", err, len(s.ordered))
	}
}

func TestGlobalpingNeverEnds(t *testing.T) {
	s := &api{never: true}
	h := soon(helper(t, service(t, "globalping", s.ServeHTTP), Options{}))
	_, err := h.Call(t.Context(), Request{Ports: []uint16{8080}, Target: shop})
	if refused, ok := errors.AsType[*RefusedError](err); !ok || refused.Code != RefusedBusy || s.looks != globalpingLooks {
		t.Errorf("%v, after %d looks", err, s.looks)
	}
}

// An id is a part of a path that is asked for next.
func TestGlobalpingID(t *testing.T) {
	for _, id := range []string{"", "../../v2", "a b", "a?limit=1", strings.Repeat("a", 65), "a\\r\\nHost: x"} {
		h := helper(t, service(t, "globalping", says(202, `{"id": "`+id+`"}`)), Options{})
		_, err := h.Call(t.Context(), Request{Ports: []uint16{8080}, Target: shop})
		if _, ok := errors.AsType[*ForeignError](err); !ok {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// The service asks to be left alone for half a second after each answer.
func TestGlobalpingIsPatient(t *testing.T) {
	h, err := Open("globalping:", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if every := h.(*globalping).every; every < 500*time.Millisecond {
		t.Errorf("looks every %s", every)
	}
}

func FuzzMeasurement(f *testing.F) {
	for _, results := range [][]string{{gotThrough}, {silence, refusal}, {offline, noRoute, elsewhere}} {
		f.Add([]byte(measured(results...)))
	}
	f.Add([]byte(`{"status": "finished", "results": [{"result": {"status": "finished", "stats": {"total": 1, "rcv": 1, "min": 1e300}}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, done, err := parseMeasurement(body, shop)
		if err != nil || !done {
			return
		}
		p.Port = 8080
		if err := p.check(); err != nil {
			t.Fatalf("%q: %+v: %v", body, p, err)
		}
	})
}
