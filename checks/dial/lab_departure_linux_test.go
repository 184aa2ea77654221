package dial

import (
	"net/netip"
	"testing"

	"netcheck/report/result"
)

// labDeparture has the till's own firewall and routers on the way drop and
// refuse in turn: only what the till does itself keeps packets from leaving.
func labDeparture(t *testing.T, w *way) {
	if err := w.till.Rules(`table inet departure {
		chain output {
			type filter hook output priority 0;
			tcp dport 7101 drop
			tcp dport 7102 reject with tcp reset
			tcp dport 7103 reject
		}
	}`); err != nil {
		t.Fatal(err)
	}
	if err := w.gateway.Rules(`table inet departure {
		chain early {
			type filter hook prerouting priority -300;
			tcp dport 7104 drop
		}
		chain forward {
			type filter hook forward priority 0;
			tcp dport 7105 reject with tcp reset
		}
	}`); err != nil {
		t.Fatal(err)
	}
	for _, server := range []string{wayServer, wayServer6} {
		for _, c := range []struct {
			name   string
			port   uint16
			leaves bool
		}{
			{"dropped here", 7101, false},
			{"reset here", 7102, false},
			{"rejected here", 7103, false},
			{"dropped by the gateway before it looks at the TTL", 7104, true},
			{"reset by the gateway", 7105, true},
			{"open", wayOpen, true},
			{"closed", 7106, true},
		} {
			t.Run(c.name+", "+server, func(t *testing.T) {
				t.Parallel()
				try(t, func(t *attempt) {
					r := putFrom(t, w.till, question{Op: "departs", Addr: netip.MustParseAddr(server), Port: c.port})
					if r.Code != "" || (r.State == result.Expired) != c.leaves {
						t.Errorf("%s, %s; leaves: want %t", r.Code, r.State, c.leaves)
					}
				})
			})
		}
	}
}
