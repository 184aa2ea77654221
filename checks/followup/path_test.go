package followup

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"netcheck/report/result"
)

func seenOf(checks ...result.Check) *Seen {
	return see(&result.Report{
		Machines: []result.Machine{{Addresses: []string{"192.168.1.10/24"}, Gateway: "192.168.1.1"}},
		Checks:   checks,
	}, nil)
}

func tcp(address, ports string, state result.State) result.Result {
	r := result.Result{Address: address, Proto: "tcp", Ports: ports, State: state}
	switch state {
	case result.Filtered:
		r.Failure = result.FailConnectTimeout
	case result.Closed:
		r.Failure = result.FailRefused
	}
	return r
}

func checkOf(rs ...result.Result) result.Check {
	return result.Check{Kind: "tcp", Level: result.Required, Verdict: result.Fail, Results: rs}
}

// spelt are subjects as people write them.
func spelt(subjects []result.Subject) []string {
	var all []string
	for _, s := range subjects {
		all = append(all, fmt.Sprintf("%s %s:%d", s.Proto, s.Address, s.Port))
	}
	return all
}

func TestWantsOfThePath(t *testing.T) {
	udp := result.Result{Address: "198.51.100.7", Proto: "udp", Ports: "5060", State: result.Filtered, Failure: result.FailNoReply}
	said := tcp("198.51.100.7", "25", result.Rejected)
	said.Failure, said.Evidence = result.FailNetUnreachable, &result.Evidence{ICMP: &result.ICMP{From: "203.0.113.1", Type: 3}}
	closed := checkOf(tcp("198.51.100.7", "22", result.Closed))
	closed.Spec.Fields = map[string]any{"expect": "closed"}
	lossy := checkOf(tcp("198.51.100.7", "8000-8199", result.Open))
	lossy.Steps = []result.Step{{Op: result.OpScan, Facts: result.Facts{"network.peer.address": "198.51.100.7", "lost": 40, "answered": 200}}}
	well := checkOf(tcp("198.51.100.7", "8000-8199", result.Open))
	well.Steps = []result.Step{{Op: result.OpScan, Facts: result.Facts{"network.peer.address": "198.51.100.7", "lost": 2, "answered": 200}}}
	own := tcp("198.51.100.7", "25", result.Filtered)
	own.Failure = result.FailPermission
	called := checkOf(tcp("203.0.113.2", "8080", result.Filtered))
	called.Kind = "inbound"
	connect := func(address string, port int, fact string) result.Step {
		return result.Step{Op: result.OpConnect, Facts: result.Facts{"network.peer.address": address, "network.peer.port": port, fact: true}}
	}
	called.Steps = []result.Step{connect("192.168.1.20", 8080, "inside"), connect("198.51.100.10", 443, "_"), connect("203.0.113.2", 8080, "hairpin")}
	silent := called
	silent.Steps = called.Steps[:1]
	reached := called
	reached.Verdict, reached.Results = result.Pass, []result.Result{tcp("203.0.113.2", "8080", result.Open)}
	mate, far := checkOf(tcp("198.51.100.9", "443", result.Open)), checkOf(tcp("203.0.113.9", "443", result.Open))
	for _, c := range []struct {
		name     string
		followup Followup
		check    result.Check
		others   []result.Check
		want     []string
	}{
		{"a range beside a port that answers", sweep, checkOf(tcp("198.51.100.7", "9000-9499", result.Open), tcp("198.51.100.7", "9500-9999", result.Filtered)), nil, []string{"tcp 198.51.100.7:9500", "tcp 198.51.100.7:9000"}},
		{"ports that lie apart", sweep, checkOf(tcp("198.51.100.7", "22,25,9500-9599", result.Filtered)), nil, []string{"tcp 198.51.100.7:22", "tcp 198.51.100.7:25", "tcp 198.51.100.7:9500"}},
		{"other hosts, the nearest first", sweep, checkOf(tcp("198.51.100.7", "25", result.Filtered)), []result.Check{far, mate, checkOf(tcp("192.168.1.20", "443", result.Open))}, []string{"tcp 198.51.100.7:25", "tcp 198.51.100.9:443", "tcp 203.0.113.9:443"}},
		{"a datagram beside a connect", sweep, checkOf(udp), []result.Check{checkOf(tcp("198.51.100.7", "443", result.Open))}, []string{"udp 198.51.100.7:5060", "tcp 198.51.100.7:443"}},
		{"what a device said", sweep, checkOf(said), nil, nil},
		{"what a device said of a route", refusal, checkOf(said), nil, []string{"tcp 198.51.100.7:25"}},
		{"what this system said", sweep, checkOf(own), nil, nil},
		{"a port that must be closed", sweep, closed, nil, nil},
		{"a pass", sweep, checkOf(tcp("198.51.100.7", "443", result.Open)), nil, nil},
		{"on this link nobody routes", sweep, checkOf(tcp("192.168.1.20", "9100", result.Filtered)), []result.Check{far}, []string{"tcp 192.168.1.20:9100"}},
		{"a refusal and an answer", answer, checkOf(tcp("198.51.100.7", "22", result.Closed), tcp("198.51.100.7", "443", result.Open)), nil, []string{"tcp 198.51.100.7:22", "tcp 198.51.100.7:443"}},
		{"silence has no TTL", answer, checkOf(tcp("198.51.100.7", "22", result.Filtered)), nil, nil},
		{"whether it leaves", departure, checkOf(tcp("198.51.100.7", "22", result.Filtered)), nil, []string{"tcp 198.51.100.7:22"}},
		{"to this machine nothing leaves", departure, checkOf(tcp("192.168.1.10", "22", result.Filtered)), nil, nil},
		{"the neighbour table", neighbour, checkOf(tcp("192.168.1.20", "9100", result.Filtered)), nil, []string{" 192.168.1.20:0"}},
		{"a refusal is an answer on any link", neighbour, checkOf(tcp("192.168.1.20", "9100", result.Closed)), nil, nil},
		{"lost and asked again", loss, lossy, nil, []string{"tcp 198.51.100.7:8000", "tcp 192.168.1.1:53"}},
		{"a call from outside is nobody's from here", sweep, called, nil, nil},
		{"and leaves from elsewhere", departure, called, nil, nil},
		{"the way to whoever called", line, called, nil, []string{"tcp 198.51.100.10:443"}},
		{"the way to whom another check asked", line, silent, []result.Check{called}, []string{"tcp 198.51.100.10:443"}},
		{"a call that arrived", line, reached, nil, nil},
		{"what was reached from outside is no control", sweep, checkOf(tcp("203.0.113.9", "25", result.Filtered)), []result.Check{reached}, []string{"tcp 203.0.113.9:25", "tcp 198.51.100.10:443"}},
		{"hardly anything lost", loss, well, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := seenOf(append([]result.Check{c.check}, c.others...)...)
			if diff := cmp.Diff(c.want, spelt(c.followup.Wants(s, &c.check))); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// One address has its turn before another has its second.
func TestSweptAreDiverse(t *testing.T) {
	crowd := checkOf(tcp("198.51.100.7", "1,3,5,7,9", result.Filtered), tcp("198.51.100.7", "20,22", result.Closed))
	s := seenOf(crowd, checkOf(tcp("203.0.113.9", "25", result.Filtered)))
	got := spelt(swept(s))
	if len(got) != mostSwept || got[0] != "tcp 198.51.100.7:1" || got[1] != "tcp 203.0.113.9:25" {
		t.Errorf("%v", got)
	}
}

func TestLastAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			left, alone time.Duration
			ends        bool
		}{
			{4 * time.Second, again, false},
			{2 * time.Second, 1550 * time.Millisecond, false},
			{time.Second, againAtLeast, true},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), c.left)
			alone, listen := lastAsk(ctx)
			if alone != c.alone || listen <= 0 || alone+listen >= c.left != c.ends {
				t.Errorf("%v left: %v, then %v", c.left, alone, listen)
			}
			cancel()
		}
	})
}

func TestLikeness(t *testing.T) {
	near := likeness(netip.MustParseAddr("198.51.100.7"), "198.51.100.9")
	far := likeness(netip.MustParseAddr("198.51.100.7"), "198.51.0.9")
	if near <= far || likeness(netip.MustParseAddr("198.51.100.7"), "2001:db8::1") >= 0 {
		t.Errorf("%d, %d", near, far)
	}
}
