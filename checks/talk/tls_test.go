package talk_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"netcheck/checks/checktest"
	"netcheck/checks/talk"
	"netcheck/report/result"
)

func dialTCP(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestHandshake(t *testing.T) {
	for _, c := range []struct {
		name, world string
		options     talk.HelloOptions
		check       func(t *testing.T, h *talk.Hello)
	}{
		{"tls 1.3", "tls $port good alpn=h2", talk.HelloOptions{ALPN: []string{"h2"}}, func(t *testing.T, h *talk.Hello) {
			if h.Version != tls.VersionTLS13 || h.ALPN != "h2" || len(h.Chain) != 2 || h.Wanted {
				t.Errorf("%+v", h)
			}
		}},
		{"tls 1.0", "tls $port good tls1.0", talk.HelloOptions{}, func(t *testing.T, h *talk.Hello) {
			if h.Version != tls.VersionTLS10 {
				t.Errorf("%+v", h)
			}
		}},
		{"a certificate that nobody would trust", "tls $port self-signed-expired", talk.HelloOptions{ServerName: "other.test"}, func(t *testing.T, h *talk.Hello) {
			if len(h.Chain) != 1 {
				t.Errorf("%+v", h)
			}
		}},
		{"a client certificate is wanted", "tls $port good client-cert-wanted", talk.HelloOptions{}, func(t *testing.T, h *talk.Hello) {
			if !h.Wanted {
				t.Errorf("%+v", h)
			}
			if err := h.AwaitAlert(t.Context(), 50*time.Millisecond); err != nil {
				t.Error(err)
			}
		}},
		{"a client certificate is demanded", "tls $port good client-cert", talk.HelloOptions{}, func(t *testing.T, h *talk.Hello) {
			err := h.AwaitAlert(t.Context(), 5*time.Second)
			if e, ok := errors.AsType[*talk.TLSError](err); !ok || e.Code != result.FailTLSClientCert || e.Alert != 116 {
				t.Errorf("got %v", err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := checktest.NewWorld(t)
			w.Build(c.world)
			conn := dialTCP(t, w.Expand("127.0.0.1:$port"))
			h, err := talk.Handshake(t.Context(), conn, c.options)
			if err != nil {
				t.Fatal(err)
			}
			c.check(t, h)
		})
	}
}

func TestHandshakeFailures(t *testing.T) {
	for _, c := range []struct {
		name, world string
		want        result.Failure
		alert       int
	}{
		{"silence", "silent $port", result.FailTimeout, -1},
		{"reset", "hang-up $port reset", result.FailReset, -1},
		{"closed", "hang-up $port", result.FailEOF, -1},
		{"a greeting", `greet $port "220 ready"`, result.FailNotTLS, -1},
		{"an echo", "echo $port", result.FailTLSFormat, -1},
		{"alert protocol_version", "tls-bytes $port 15030100020246", result.FailTLSVersion, 70},
		{"alert handshake_failure", "tls-bytes $port 15030300020228", result.FailTLSAlert, 40},
		{"alert certificate_required", "tls-bytes $port 15030300020274", result.FailTLSClientCert, 116},
		{"half an alert", "tls-bytes $port 150303", result.FailTimeout, -1},
		{"a client certificate is demanded", "tls $port good client-cert tls1.2", result.FailTLSClientCert, 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := checktest.NewWorld(t)
			w.Build(c.world)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err := talk.Handshake(ctx, dialTCP(t, w.Expand("127.0.0.1:$port")), talk.HelloOptions{ServerName: "shop.test"})
			e, ok := errors.AsType[*talk.TLSError](err)
			if !ok || e.Code != c.want || e.Alert != c.alert {
				t.Errorf("got %v, want %s and alert %d", err, c.want, c.alert)
			}
		})
	}
}

func TestHandshakeStops(t *testing.T) {
	w := checktest.NewWorld(t)
	w.Build("silent $port")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(30*time.Millisecond, cancel)
	start := time.Now()
	_, err := talk.Handshake(ctx, dialTCP(t, w.Expand("127.0.0.1:$port")), talk.HelloOptions{})
	if e, ok := errors.AsType[*talk.TLSError](err); !ok || e.Code != result.FailCanceled || time.Since(start) > 130*time.Millisecond {
		t.Errorf("got %v after %v", err, time.Since(start))
	}
}

// helloOf returns the ClientHello that a handshake sends.
func helloOf(t *testing.T, o talk.HelloOptions) string {
	t.Helper()
	near, far := net.Pipe()
	defer near.Close()
	got := make(chan string, 1)
	go func() {
		var head [5]byte
		_, _ = io.ReadFull(far, head[:])
		body := make([]byte, int(head[3])<<8|int(head[4]))
		_, _ = io.ReadFull(far, body)
		far.Close()
		got <- string(body)
	}()
	_, _ = talk.Handshake(t.Context(), near, o)
	return <-got
}

func TestClientHello(t *testing.T) {
	if h := helloOf(t, talk.HelloOptions{ServerName: "Shop.test."}); !strings.Contains(h, "Shop.test") || strings.Contains(h, "Shop.test.") {
		t.Errorf("the server name is not in %q", h)
	}
	for _, address := range []string{"192.0.2.1", "2001:db8::1"} {
		if h := helloOf(t, talk.HelloOptions{ServerName: address}); strings.Contains(h, address) {
			t.Errorf("an address is in %q", h)
		}
	}
	large, small := helloOf(t, talk.HelloOptions{}), helloOf(t, talk.HelloOptions{Curves: []tls.CurveID{tls.X25519, tls.CurveP256}})
	if len(large) < 1300 || len(small) > 500 {
		t.Errorf("hellos of %d and %d bytes: follow-ups tell two segments from one by them", len(large), len(small))
	}
}
