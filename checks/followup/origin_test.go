package followup

import (
	"testing"

	"netcheck/report/result"
)

// TestOriginWants: whether a host itself answers is asked once more only where
// a control beside some check was odd, and then of every port that passed
// without a word.
func TestOriginWants(t *testing.T) {
	const addr, other = "198.51.100.10", "198.51.100.20"
	sweep := func(address string, port int, control string, seen result.State, hops ...result.Hop) result.Step {
		s := result.Step{Op: result.OpSweep, Facts: result.Facts{"control": control, "network.peer.address": address, "network.peer.port": port}}
		if seen != "" {
			s.Facts["seen"] = string(seen)
		}
		if len(hops) > 0 {
			s.Evidence = &result.Evidence{Hops: hops}
		}
		return s
	}
	hop := func(ttl int, s result.State) result.Hop { return result.Hop{TTL: ttl, State: s} }
	const e, o, c = result.Expired, result.Open, result.Closed
	both := []int{8080, 9000, 9009}
	for _, k := range []struct {
		name  string
		steps []result.Step // beside the first check
		want  []int         // ports
	}{
		{"no control", nil, nil},
		{"a host far away", []result.Step{
			sweep(addr, 8080, "near", "", hop(1, e), hop(3, e)), sweep(addr, 50000, "random-port", c, hop(3, e)),
		}, nil},
		{"a host beyond the first router", []result.Step{
			sweep(addr, 8080, "near", "", hop(1, e), hop(3, o)), sweep(addr, 50000, "random-port", c, hop(3, c)),
		}, nil},
		{"one that drops what it does not serve", []result.Step{
			sweep(addr, 8080, "near", "", hop(1, e), hop(3, o)),
		}, nil},
		{"another address of the gateway", []result.Step{
			sweep(addr, 8080, "near", "", hop(1, o), hop(3, o)), sweep(addr, 50000, "random-port", c, hop(1, c), hop(3, c)),
		}, nil},
		{"the first device accepts, others go on", []result.Step{
			sweep(addr, 8080, "near", "", hop(1, o), hop(3, o)), sweep(addr, 50000, "random-port", c, hop(1, e), hop(3, c)),
		}, both},
		{"one of the nearest accepts, others go on", []result.Step{
			sweep(addr, 8080, "near", "", hop(1, e), hop(3, o)), sweep(addr, 50000, "random-port", "", hop(3, e)),
		}, both},
		{"the first device accepts, and is mute otherwise", []result.Step{
			sweep(addr, 8080, "near", "", hop(1, o)), sweep(addr, 50000, "random-port", c),
		}, both},
		{"a random port is open", []result.Step{sweep(addr, 50000, "random-port", o)}, both},
		{"a random port is open to the first hops", []result.Step{sweep(addr, 50000, "random-port", "", hop(3, o))}, both},
		{"what is known to come from afar needs no second look", []result.Step{
			sweep(addr, 8080, "near", "", hop(1, e), hop(3, e)), sweep(other, 50000, "random-port", o),
		}, []int{9000, 9009}},
	} {
		t.Run(k.name, func(t *testing.T) {
			passed := func(address, ports string, steps ...result.Step) result.Check {
				return result.Check{
					Kind: "tcp", Via: "direct", Verdict: result.Pass, Steps: steps,
					Results: []result.Result{{Address: address, Proto: "tcp", Ports: ports, State: result.Open}},
				}
			}
			r := &result.Report{
				Machines: []result.Machine{{Addresses: []string{"192.168.1.10/24"}}},
				Checks:   []result.Check{passed(addr, "8080", k.steps...), passed(other, "9000-9009"), passed("192.168.1.20", "80")},
			}
			r.Checks = append(r.Checks, r.Checks[1])
			r.Checks[3].Spec.Fields = map[string]any{"identify": true} // who answers has said so
			s := see(r, nil)
			var got []int
			for i := range r.Checks {
				for _, subject := range originOf.Wants(s, &r.Checks[i]) {
					got = append(got, subject.Port)
				}
			}
			if len(got) != len(k.want) {
				t.Fatalf("ports %v, want %v", got, k.want)
			}
			for i := range got {
				if got[i] != k.want[i] {
					t.Errorf("ports %v, want %v", got, k.want)
				}
			}
		})
	}
}
