package vantage

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"netcheck/report/result"
)

var shop = netip.MustParseAddr("203.0.113.9")

// ifconfig speaks as echoip does, of one caller and its open ports.
func ifconfig(caller string, open ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method != http.MethodGet || r.Header.Get(Header) != "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if r.URL.Path == "/json" {
			fmt.Fprintf(w, "{\n  \"ip\": %q,\n  \"ip_decimal\": 3405803785,\n  \"country\": \"Italy\"\n}", caller)
			return
		}
		port := strings.TrimPrefix(r.URL.Path, "/port/")
		reachable := false
		for _, p := range open {
			reachable = reachable || p == port
		}
		fmt.Fprintf(w, "{\n  \"ip\": %q,\n  \"port\": %s,\n  \"reachable\": %v\n}", caller, port, reachable)
	}
}

func TestEchoip(t *testing.T) {
	h := helper(t, service(t, "echoip", ifconfig("::ffff:203.0.113.9", "8080")), Options{})
	where, err := h.Where(t.Context())
	if err != nil || where.Caller.Address != shop || where.Time.IsZero() {
		t.Errorf("where: %+v, %v", where, err)
	}
	reply, err := h.Call(t.Context(), Request{Ports: []uint16{8080, 443}, Prove: true, Path: true})
	if err != nil {
		t.Fatal(err)
	}
	if reply.Caller.Address != shop || len(reply.Ports) != 2 || reply.Ports[0].State != result.Open || reply.Ports[1].State != result.Unknown || !reply.Ports[1].Unreached || reply.Ports[0].Unreached {
		t.Errorf("%+v, want 8080 open, and 443 not reached in an unknown way", reply)
	}
}

// It called another address than it says it did before: a line that changed, or
// two of them. Nobody knows what was found out about which.
func TestEchoipChangesItsMind(t *testing.T) {
	h := helper(t, service(t, "echoip", func(w http.ResponseWriter, r *http.Request) {
		ifconfig("203.0.113."+strings.TrimPrefix(r.URL.Path, "/port/80"))(w, r)
	}), Options{})
	if reply, err := h.Call(t.Context(), Request{Ports: []uint16{8081, 8082}}); err == nil {
		t.Errorf("%+v is believed", reply)
	}
}

// One that was started without -p has no such page.
func TestEchoipWithoutPorts(t *testing.T) {
	h := helper(t, service(t, "echoip", says(404, `{"status": 404, "error": "404 page not found"}`)), Options{})
	_, err := h.Call(t.Context(), Request{Ports: []uint16{8080}})
	if err == nil || !strings.Contains(err.Error(), "tests no ports") {
		t.Error(err)
	}
}

func FuzzEchoip(f *testing.F) {
	f.Add([]byte(`{"ip": "203.0.113.9", "port": 8080, "reachable": true}`))
	f.Add([]byte(`{"ip": "fe80::1%eth0", "port": 8080, "reachable": false}`))
	f.Add([]byte(`{"ip": "", "port": 22}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		caller, state, err := parseEchoip(body, 8080)
		if err != nil {
			return
		}
		if !plain(caller) || state != result.Open && state != result.Unknown {
			t.Fatalf("%q: %v, %q", body, caller, state)
		}
		var said struct{ Reachable bool }
		if err := json.Unmarshal(body, &said); err != nil || said.Reachable != (state == result.Open) {
			t.Fatalf("%q is %s", body, state)
		}
	})
}
