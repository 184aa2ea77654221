package checks

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"netcheck/checks/engine"
	"netcheck/internal/servers"
	"netcheck/profiles/value"
)

// A probe that waits for words, before TLS or over a WebSocket, stops at once
// when the run does.
func TestStopsWhileWaitingForWords(t *testing.T) {
	site := servers.NewSite(0)
	if err := site.Page("/ws", "200", "websocket=mute"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		serve func(net.Listener) (stop func())
		check func(at netip.AddrPort) engine.Prober
	}{
		"greeting": {mute("smtp"), afterWords("smtp")},
		"LDAP":     {mute("ldap"), afterWords("ldap")},
		"frames": {
			func(l net.Listener) func() { return site.Serve(t.Context(), l) },
			func(at netip.AddrPort) engine.Prober {
				return &httpCheck{URL: value.OneOrMany[value.URL]{urlOf(t, "ws://"+at.String()+"/ws")}}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer c.serve(l)()
			ctx, cancel := context.WithCancel(t.Context())
			cancelled := make(chan time.Time, 1)
			time.AfterFunc(50*time.Millisecond, func() {
				cancelled <- time.Now()
				cancel()
			})
			_, err = c.check(netip.MustParseAddrPort(l.Addr().String())).Probe(ctx, trace(&engine.Env{Timeout: time.Minute}))
			if late := time.Since(<-cancelled); late > 100*time.Millisecond {
				t.Errorf("went on for %v: %v", late, err)
			}
		})
	}
}

func mute(proto string) func(net.Listener) func() {
	u := &servers.Upgrader{Proto: proto, Mood: "mute"}
	return func(l net.Listener) func() { return servers.Connections(l, u.Serve) }
}

func afterWords(proto string) func(netip.AddrPort) engine.Prober {
	return func(at netip.AddrPort) engine.Prober {
		return &tlsCheck{
			hosts:    hosts{Host: value.OneOrMany[value.Host]{value.Host(at.Addr().String())}},
			ports:    ports{Port: value.Ports{{First: at.Port(), Last: at.Port()}}},
			StartTLS: proto,
		}
	}
}
