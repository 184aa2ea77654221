package server

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"netcheck/checks/vantage"
)

func (h *helper) get(path string, change ...func(*http.Request)) (*http.Response, []byte) {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, "http://"+h.at+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, f := range change {
		f(r)
	}
	return h.do(h.client("127.0.0.9"), r)
}

// TestAddress: whoever asks is told whom the helper sees, private or not.
func TestAddress(t *testing.T) {
	h := open(t, Options{})
	res, b := h.get(vantage.Address)
	var r vantage.Reply
	if err := json.Unmarshal(b, &r); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", res.Status, b)
	}
	if r.Caller.Address.String() != "127.0.0.9" || r.Caller.Port == 0 || time.Since(r.Time).Abs() > time.Minute || r.Ports != nil {
		t.Errorf("%+v", r)
	}
	if _, err := http.ParseTime(res.Header.Get("Date")); err != nil {
		t.Errorf("no clock: %v", err)
	}
	if runtime.GOOS == "linux" && (r.Caller.TTL != 64 || r.Caller.MSS < 536) { // the system's own
		t.Errorf("of the SYN: %+v", r.Caller)
	}
}

func TestPortal(t *testing.T) {
	h := open(t, Options{})
	sum := func(s string) string { b := sha256.Sum256([]byte(s)); return hex.EncodeToString(b[:]) }
	for challenge, want := range map[string]string{
		"":                      "",
		"netcheck-1":            sum("netcheck-1"),
		strings.Repeat("a", 64): sum(strings.Repeat("a", 64)),
		strings.Repeat("a", 65): "",
		"<script>":              "",
		"a b":                   "",
		"caf\u00e9":             "",
		"a,b":                   "",
	} {
		res, b := h.get(vantage.Portal, func(r *http.Request) { r.Header.Set(vantage.HeaderChallenge, challenge) })
		if got := res.Header.Get(vantage.HeaderResponse); res.StatusCode != http.StatusNoContent || len(b) > 0 || got != want {
			t.Errorf("%q: %s, %q", challenge, res.Status, got)
		}
	}
}

func TestIndex(t *testing.T) {
	h := open(t, Options{Contact: "abuse@example.com"})
	if _, b := h.get("/"); !bytes.Contains(b, []byte("abuse@example.com")) || !bytes.Contains(b, []byte("netcheck")) {
		t.Errorf("%s", b)
	}
}

// certificate is one that its owner signed.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// TestTLS: over TLS all is the same, the caller too, and there is no HTTP/2,
// over which one connection would be a hundred.
func TestTLS(t *testing.T) {
	t.Parallel()
	c := certificate(t)
	h := open(t, Options{AllowPrivate: true, TLS: &tls.Config{Certificates: []tls.Certificate{c}}})
	roots := x509.NewCertPool()
	roots.AddCert(c.Leaf)
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	defer tr.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+h.at+vantage.Address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, b := h.do(&http.Client{Transport: tr}, r)
	var reply vantage.Reply
	if err := json.Unmarshal(b, &reply); err != nil || res.ProtoMajor != 1 {
		t.Fatalf("%s %s: %s", res.Proto, res.Status, b)
	}
	if reply.Caller.Address.String() != "127.0.0.1" || runtime.GOOS == "linux" && reply.Caller.TTL != 64 {
		t.Errorf("%+v", reply.Caller)
	}
}

// TestStops: requests that are being answered get theirs when the helper stops,
// and slow ones do not keep it.
func TestStops(t *testing.T) {
	t.Parallel()
	h := open(t, Options{AllowPrivate: true})
	came := make(chan struct{}, 1)
	port := target(t, func(c net.Conn) {
		came <- struct{}{}
		_, _ = io.Copy(io.Discard, c)
	})
	slow := h.dialFrom("127.9.9.1")
	_, _ = io.WriteString(slow, "GET / HTTP/1.1\r\n")
	var asking sync.WaitGroup
	asking.Go(func() {
		if res, b := h.post("", `{"ports":[`+itoa(port)+`]}`); res.StatusCode != http.StatusOK || !bytes.Contains(b, []byte(`"open"`)) {
			t.Errorf("%s: %s", res.Status, b)
		}
	})
	<-came
	begun := time.Now()
	h.stop()
	if took := time.Since(begun); took > lastTime+500*time.Millisecond {
		t.Errorf("it took %v", took)
	}
	asking.Wait()
	if c, err := net.DialTimeout("tcp", h.at, time.Second); err == nil {
		c.Close()
		t.Error("it listens still")
	}
}

// TestLog: each request is a line, and nothing that a stranger wrote makes
// another; where they are refused in a flood, some are counted only.
func TestLog(t *testing.T) {
	var log bytes.Buffer
	var mu sync.Mutex
	h := open(t, Options{AllowPrivate: true, Rate: 1e6, Burst: 1e6, Log: slog.New(slog.NewTextHandler(lockedWriter{&mu, &log}, nil))})
	port := closed(t)
	h.post("", `{"ports":[`+itoa(port)+`],"profile":"passcom"}`)
	h.post("", `{"ports":[`+itoa(port)+`],"profile":"\nforged"}`)
	h.get("/%0aforged%1b[31m?x=forged")
	h.stop()
	text := log.String()
	if n := strings.Count(text, "\n"); n != 3 || strings.Contains(text, "forged") || strings.Contains(text, "\x1b") {
		t.Errorf("%d lines: %s", n, text)
	}
	for _, want := range []string{"from=127.0.0.1", "ports=" + itoa(port) + ":closed", "profile=passcom", "refused=request", "from=127.0.0.9"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	log.Reset()
	for range 5 * restBurst {
		h.log.request(&note{peer: new(peer), path: vantage.Reach, code: vantage.RefusedRate})
		h.log.request(&note{peer: new(peer), path: vantage.Portal})
	}
	h.log.request(&note{peer: new(peer), path: vantage.Reach})
	if n := strings.Count(log.String(), "\n"); n < restBurst/2 || n > 2*restBurst || !strings.Contains(log.String(), "others_not_told=") {
		t.Errorf("%d lines for a flood", n)
	}
}

// TestMetrics: what is counted says nothing of who asked for what.
func TestMetrics(t *testing.T) {
	h := open(t, Options{AllowPrivate: true})
	port := closed(t)
	h.post("", `{"ports":[`+itoa(port)+`]}`)
	h.get("/forged")
	h.post("", `{}`)
	h.stop()
	w := httptest.NewRecorder()
	h.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	text := w.Body.String()
	for _, want := range []string{
		`netcheck_vantage_requests_total{outcome="ok",path="/v1/reach"} 1`,
		`netcheck_vantage_requests_total{outcome="request",path="/v1/reach"} 1`,
		`netcheck_vantage_requests_total{outcome="request",path="other"} 1`,
		`netcheck_vantage_calls_total{proto="tcp",state="closed"} 1`,
		`netcheck_vantage_connections 0`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s", want)
		}
	}
	for _, never := range []string{"127.0.0", itoa(port), "forged"} {
		if strings.Contains(text, never) {
			t.Errorf("it tells %s", never)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, o := range []Options{{Rate: -1}, {Burst: -1}, {GlobalRate: -1}, {Concurrency: -1}, {Connections: -1}, {Ports: []uint16{0}}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}
