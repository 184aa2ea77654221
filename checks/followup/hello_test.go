package followup

import (
	"crypto/tls"
	"net"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"netcheck/checks/dial"
	"netcheck/checks/engine"
	"netcheck/report/result"
)

// speaksTLS serves TLS on an address of loopback, by a connection that it may
// spoil first.
func speaksTLS(t *testing.T, on string, spoil func(c net.Conn, hello *tls.ClientHelloInfo) bool) result.Subject {
	t.Helper()
	l, err := net.Listen("tcp", on+":0")
	if err != nil {
		t.Skip("no such address here:", err)
	}
	// A certificate that is at hand: nobody verifies it.
	s := httptest.NewTLSServer(nil)
	certificate := s.TLS.Certificates
	s.Close()
	over := make(chan struct{})
	t.Cleanup(func() { close(over); l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				s := tls.Server(c, &tls.Config{Certificates: certificate, GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
					if spoil != nil && spoil(c, hello) {
						<-over
					}
					return nil, nil
				}})
				if s.Handshake() == nil {
					_, _ = s.Read(make([]byte, 1))
				}
			}()
		}
	}()
	at := netip.MustParseAddrPort(l.Addr().String())
	return result.Subject{Address: at.Addr().String(), Port: int(at.Port()), Proto: "tcp"}
}

func resets(c net.Conn) {
	_ = c.(*net.TCPConn).SetLinger(0)
	c.Close()
}

// shaken is a check whose handshake with a server ended so.
func shaken(id, name string, at result.Subject, f result.Failure) result.Check {
	verdict := result.Pass
	if f != "" {
		verdict = result.Fail
	}
	return result.Check{
		ID: id, Machine: "m1", Kind: "tls", Verdict: verdict,
		Results: []result.Result{{Host: name, Address: at.Address, Proto: "tcp", Ports: "443", State: result.Open, Failure: f}},
		Steps: []result.Step{{Op: result.OpHandshake, Failure: f, Facts: result.Facts{
			"server.address": name, "tls.client.server_name": name, "network.peer.address": at.Address, "network.peer.port": at.Port,
		}}},
	}
}

// seenBy runs some follow-ups and lists what each variant met, "" for success.
func seenBy(t *testing.T, r *result.Report, which ...Followup) map[string]result.Failure {
	t.Helper()
	env := &engine.Env{Timeout: 2 * time.Second, Network: dial.New(dial.Options{})}
	s := see(r, env)
	seen := map[string]result.Failure{}
	for _, f := range which {
		for i := range r.Checks {
			for _, subject := range f.Wants(s, &r.Checks[i]) {
				trace := engine.NewTrace(env, time.Now())
				if err := f.Look(t.Context(), trace, subject); err != nil {
					t.Error(err)
				}
				for _, st := range trace.Steps() {
					name, _ := st.Facts["variant"].(string)
					seen[f.Name+" "+name] = st.Failure
				}
			}
		}
	}
	return seen
}

func TestHelloFindsWhatMakesTheDifference(t *testing.T) {
	const closed = result.FailReset
	tests := map[string]struct {
		spoil func(c net.Conn, hello *tls.ClientHelloInfo) bool
		want  map[string]result.Failure
	}{
		"one name is reset": {
			spoil: func(c net.Conn, hello *tls.ClientHelloInfo) bool {
				if hello.ServerName == "blocked.example" {
					resets(c)
				}
				return false
			},
			want: map[string]result.Failure{"hello repeat": closed, "hello small": closed, "hello segments": closed, "hello no-name": "", "other-name ": "", "other-address ": ""},
		},
		"a large hello is ignored": {
			spoil: func(_ net.Conn, hello *tls.ClientHelloInfo) bool { return len(hello.SupportedCurves) > 2 },
			want:  map[string]result.Failure{"hello repeat": result.FailTimeout, "hello small": "", "hello segments": result.FailTimeout, "other-name ": result.FailTimeout, "other-address ": ""},
		},
		"it was for a moment": {
			want: map[string]result.Failure{"hello repeat": "", "hello small": "", "hello no-name": ""},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad, good := speaksTLS(t, "127.0.0.1", test.spoil), speaksTLS(t, "127.0.0.2", nil)
			r := &result.Report{Checks: []result.Check{
				shaken("bad", "blocked.example", bad, result.FailReset), shaken("good", "good.test", good, ""),
			}}
			seen := seenBy(t, r, hello, otherName, otherAddress)
			for variant, want := range test.want {
				if got, looked := seen[variant]; !looked || got != want {
					t.Errorf("%s: got %q (looked: %v), want %q", variant, got, looked, want)
				}
			}
		})
	}
}

// A server of plain HTTP takes a ClientHello for a request that goes on.
func TestHelloAsText(t *testing.T) {
	s := httptest.NewServer(nil)
	defer s.Close()
	plain := netip.MustParseAddrPort(s.Listener.Addr().String())
	for name, test := range map[string]struct {
		at   result.Subject
		want result.Failure
	}{
		"plain HTTP": {result.Subject{Address: plain.Addr().String(), Port: int(plain.Port())}, result.FailNotTLS},
		"TLS":        {speaksTLS(t, "127.0.0.1", nil), ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := &result.Report{Checks: []result.Check{shaken("bad", "slow.example", test.at, result.FailTimeout)}}
			if got, looked := seenBy(t, r, hello)["hello as-text"]; !looked || got != test.want {
				t.Errorf("got %q (looked: %v), want %q", got, looked, test.want)
			}
		})
	}
}
