package dial

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"netcheck/report/result"
)

var (
	nearby  = netip.MustParseAddr("100.64.77.2")  // behind no gateway of ours, as far as the class goes
	faraway = netip.MustParseAddr("203.0.113.77") // public
)

func ports(lo, hi int) []uint16 {
	var out []uint16
	for p := lo; p <= hi; p++ {
		out = append(out, uint16(p))
	}
	return out
}

// simulate scans 9000-9999 of the address in a world, on synctest's clock.
func simulate(ctx context.Context, n *Network, addr netip.Addr, w sockets) ([]Port, time.Duration, error) {
	var out []Port
	for _, p := range ports(9000, 9999) {
		out = append(out, Port{Port: p, State: result.Unknown})
	}
	s := newScan(n, addr, out, w, ScanOptions{})
	err := s.run(ctx)
	s.conclude(err == nil)
	took := time.Since(s.start)
	s.close()
	return out, took, err
}

// TestSilenceIsBelievedOnlyWhenItIsSilence holds the policy against networks
// that lose, delay and limit. A port that would answer must never be filtered.
func TestSilenceIsBelievedOnlyWhenItIsSilence(t *testing.T) {
	const ms = time.Millisecond
	cases := []struct {
		name   string
		is     truth
		wire   func(truth, uint64) wire
		known  time.Duration // round trip to a neighbour
		within time.Duration
		seeds  int
	}{
		{name: "open", is: all(result.Open), within: 60 * ms},
		{name: "closed", is: all(result.Closed), within: 60 * ms},
		{name: "rejected", is: all(result.Rejected), within: 60 * ms},
		{name: "half dropped", is: halves(result.Filtered), within: 1250 * ms},
		{name: "all dropped, round trip known", is: all(result.Filtered), known: ms, within: 1250 * ms},
		{name: "all dropped, nothing known", is: all(result.Filtered), within: 3800 * ms},
		{name: "1 % loss, open", is: all(result.Open), wire: loss(.01, ms), seeds: 20, within: 700 * ms},
		{name: "5 % loss, open", is: all(result.Open), wire: loss(.05, ms), seeds: 20, within: 1250 * ms},
		{name: "5 % loss, half dropped", is: halves(result.Filtered), wire: loss(.05, ms), seeds: 20, within: 1600 * ms},
		{name: "5 % loss, half dropped, 80 ms", is: halves(result.Filtered), wire: loss(.05, 80*ms), seeds: 20, within: 2500 * ms},
		{name: "12 % loss, half dropped", is: halves(result.Filtered), wire: loss(.12, ms), seeds: 20, within: 4 * time.Second},
		{name: "5 % loss, rejected", is: all(result.Rejected), wire: loss(.05, ms), seeds: 20, within: 1250 * ms},
		{name: "a round trip above the gap", is: halves(result.Filtered), wire: after(250 * ms), within: 3500 * ms},
		{name: "satellite", is: halves(result.Filtered), wire: after(700 * ms), within: 12 * time.Second},
		{name: "a round trip above the system's patience", is: halves(result.Filtered), wire: after(1400 * ms), within: 15 * time.Second},
		{name: "an interruption at the start", is: halves(result.Filtered), wire: gap(0, 300*ms), within: 4 * time.Second},
		{name: "an interruption of half a second", is: halves(result.Filtered), wire: gap(5*ms, 600*ms), within: 6 * time.Second},
		{name: "the first SYNs of all are lost", is: halves(result.Filtered), wire: late(200*ms, 200*ms), within: 3500 * ms},
		{name: "a policer", is: halves(result.Filtered), wire: police(200), within: 25 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(max(1, c.seeds)) {
				synctest.Test(t, func(t *testing.T) {
					n := New(Options{Rate: DefaultRate, HalfOpen: DefaultHalfOpen, Descriptors: 10000})
					if c.known > 0 {
						n.paths.learn(nearby.Next(), c.known)
					}
					make := c.wire
					if make == nil {
						make = after(ms)
					}
					out, took, err := simulate(t.Context(), n, nearby, newWorld(make(c.is, seed)))
					if err != nil {
						t.Fatal(err)
					}
					expect(t, out, c.is)
					if took > c.within {
						t.Errorf("seed %d took %v, want at most %v", seed, took, c.within)
					}
				})
			}
		})
	}
}

func after(rtt time.Duration) func(truth, uint64) wire {
	return func(is truth, _ uint64) wire { return direct(is, rtt) }
}

func loss(p float64, rtt time.Duration) func(truth, uint64) wire {
	return func(is truth, seed uint64) wire { return lossy(direct(is, rtt), p, seed) }
}

func gap(from, to time.Duration) func(truth, uint64) wire {
	return func(is truth, _ uint64) wire {
		return interrupted(direct(is, time.Millisecond), from, to, time.Hour)
	}
}

// late loses what is sent before a time, as if the gateway's address were not
// known until then.
func late(until, rtt time.Duration) func(truth, uint64) wire {
	return func(is truth, _ uint64) wire { return interrupted(direct(is, rtt), 0, until, time.Hour) }
}

func police(rate float64) func(truth, uint64) wire {
	return func(is truth, _ uint64) wire { return policed(direct(is, time.Millisecond), rate, 5) }
}

// expect compares what was found with the truth.
func expect(t testing.TB, out []Port, is truth) {
	t.Helper()
	wrong := map[string]int{}
	for _, p := range out {
		if want := is(p.Port); p.State != want {
			wrong[fmt.Sprintf("%s called %s", want, p.State)]++
		}
	}
	if len(wrong) > 0 {
		t.Errorf("wrong: %v", wrong)
	}
}

func TestReluctantRejecter(t *testing.T) {
	rejecting := func(lo, hi uint16, rest result.State) truth {
		return func(p uint16) result.State {
			if p >= lo && p <= hi {
				return result.Rejected
			}
			return rest
		}
	}
	three := func(p uint16) result.State {
		switch {
		case p < 9100:
			return result.Filtered
		case p < 9500:
			return result.Open
		}
		return result.Rejected
	}
	for _, c := range []struct {
		name    string
		is      truth
		left    float64 // what the device's allowance is at the start
		seen    bool    // the run saw the device reject before
		unknown int     // ports of which nothing can be said
		within  time.Duration
	}{
		{name: "all", is: all(result.Rejected), left: 6, within: 5 * time.Second},
		{name: "all, and its allowance is used up", is: all(result.Rejected), seen: true, within: 8 * time.Second},
		{name: "all but what is open", is: rejecting(9100, 9999, result.Open), left: 6, within: 5 * time.Second},
		{name: "dropped, open, rejected", is: three, left: 6, within: 12 * time.Second},
		{name: "half rejected, half dropped", is: rejecting(9500, 9999, result.Filtered), left: 6, unknown: 130, within: 14 * time.Second},
		{name: "none, in a run that saw some", is: all(result.Filtered), seen: true, within: 12 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := New(Options{Descriptors: 10000})
				if c.seen {
					n.paths.sawReject()
				}
				out, took, err := simulate(t.Context(), n, nearby, newWorld(reluctant(direct(c.is, time.Millisecond), c.left)))
				if err != nil {
					t.Fatal(err)
				}
				unknown, answered := 0, 0
				for _, p := range out {
					switch {
					case p.State == result.Unknown:
						unknown++
					case p.State != c.is(p.Port):
						t.Fatalf("port %d is %s, called %s", p.Port, c.is(p.Port), p.State)
					case p.State == result.Rejected && !p.Inferred:
						answered++
					}
					if p.State == result.Rejected && (p.Evidence.ICMP == nil || p.Code != result.FailProhibited) {
						t.Fatalf("port %d is rejected without the device's evidence: %+v", p.Port, p)
					}
				}
				if unknown > c.unknown {
					t.Errorf("%d unknown, want at most %d", unknown, c.unknown)
				}
				if answered > 30 {
					t.Errorf("%d said to have answered themselves: the device answers once a second", answered)
				}
				if took > c.within {
					t.Errorf("took %v, want at most %v", took, c.within)
				}
			})
		})
	}
}
