package servers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Outside is somebody else's service that connects to whoever asks, as echoip
// does, or to whoever is named, as Globalping does.
type Outside struct {
	Dial  func(ctx context.Context, network, address string) (net.Conn, error)
	Limit bool // it has been asked too often

	mu       sync.Mutex
	measured map[string][]byte // Globalping's results by id
}

// callTakes is how long echoip waits for whom it calls.
const callTakes = 2 * time.Second

func (o *Outside) call(ctx context.Context, to netip.AddrPort) error {
	ctx, cancel := context.WithTimeout(ctx, callTakes)
	defer cancel()
	c, err := o.Dial(ctx, "tcp", to.String())
	if err != nil {
		return err
	}
	return c.Close()
}

// limited answers who asks too often.
func (o *Outside) limited(w http.ResponseWriter) bool {
	w.Header().Set("Content-Type", "application/json")
	if o.Limit {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"error": {"type": "rate_limit_exceeded", "message": "API rate limit exceeded."}}`)
	}
	return o.Limit
}

// Echoip speaks as github.com/mpolden/echoip does.
func (o *Outside) Echoip(w http.ResponseWriter, r *http.Request) {
	caller, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || o.limited(w) {
		return
	}
	ip := caller.Addr().Unmap()
	answer := map[string]any{"ip": ip}
	if path, ok := strings.CutPrefix(r.URL.Path, "/port/"); ok {
		port, err := strconv.ParseUint(path, 10, 16)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		answer["port"] = port
		answer["reachable"] = o.call(r.Context(), netip.AddrPortFrom(ip, uint16(port))) == nil
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// Globalping speaks as api.globalping.io does, of TCP pings; what three machines
// would see, one sees.
func (o *Outside) Globalping(w http.ResponseWriter, r *http.Request) {
	if o.limited(w) {
		return
	}
	if id, ok := strings.CutPrefix(r.URL.Path, "/v1/measurements/"); ok {
		o.mu.Lock()
		defer o.mu.Unlock()
		_, _ = w.Write(o.measured[id])
		return
	}
	var m struct {
		Target  netip.Addr `json:"target"`
		Limit   int        `json:"limit"`
		Options struct {
			Port uint16 `json:"port"`
		} `json:"measurementOptions"`
	}
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	result := map[string]any{"status": "finished", "resolvedAddress": m.Target, "stats": map[string]any{"total": 1, "rcv": 1, "min": 5.5}}
	switch err := o.call(r.Context(), netip.AddrPortFrom(m.Target, m.Options.Port)); {
	case errors.Is(err, syscall.ECONNREFUSED):
		result = map[string]any{"status": "failed", "resolvedAddress": m.Target, "rawOutput": fmt.Sprintf("connect ECONNREFUSED %s:%d", m.Target, m.Options.Port)}
	case err != nil:
		result["stats"] = map[string]any{"total": 1, "rcv": 0}
	}
	var results []any
	for range m.Limit {
		results = append(results, map[string]any{"result": result})
	}
	body, err := json.Marshal(map[string]any{"status": "finished", "results": results})
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.measured == nil {
		o.measured = map[string][]byte{}
	}
	id := "m" + strconv.Itoa(len(o.measured))
	o.measured[id] = body
	w.WriteHeader(http.StatusAccepted)
	fmt.Fprintf(w, `{"id": %q, "probesCount": %d}`, id, m.Limit)
}
