package report_test

import (
	"bytes"
	"strings"
	"testing"

	"netcheck/report"
	"netcheck/report/result"
)

// A call from outside is drawn from the helper to where the service is, as far
// as it got, and by what a call to another port showed of the way.
func TestPathFromOutside(t *testing.T) {
	const core, provider, line = "198.51.100.1", "203.0.113.1", "203.0.113.2"
	hops := func(last result.State, from ...string) []result.Hop {
		var hs []result.Hop
		for i, a := range from {
			hs = append(hs, result.Hop{TTL: i + 1, State: result.Expired, From: a})
		}
		return append(hs, result.Hop{TTL: len(from) + 1, State: last})
	}
	refused := hops(result.Closed, core, provider)
	for _, c := range []struct {
		name          string
		at            result.Place
		inside        string
		call, control []result.Hop
		want          string
	}{
		{
			"the router refuses",
			result.Place{Address: line, Owner: result.Gateway},
			"192.168.1.10:8080", refused, refused,
			"outside -> 198.51.100.1 -> 203.0.113.1 provider -> 203.0.113.2 gateway -x- this machine",
		},
		{
			"it dies behind the router",
			result.Place{Between: []string{line, "192.168.1.10"}, Owner: result.Site},
			"192.168.1.10:8080", hops(result.Filtered, core, provider, line), refused,
			"outside -> 198.51.100.1 -> 203.0.113.1 provider -> 203.0.113.2 gateway -x- this machine",
		},
		{
			"the service is on another machine",
			result.Place{Between: []string{line, "192.168.1.20"}, Owner: result.Site},
			"192.168.1.20:8080", hops(result.Filtered, core, provider, line), refused,
			"outside -> 198.51.100.1 -> 203.0.113.1 provider -> 203.0.113.2 gateway -x- 192.168.1.20",
		},
		{
			"nothing more is known",
			result.Place{Between: []string{provider, line}, Owner: result.UnknownOwner},
			"192.168.1.10:8080", hops(result.Filtered, core, provider), hops(result.Filtered, core, provider),
			"outside -> 198.51.100.1 -> 203.0.113.1 -x- ... -> 203.0.113.2 -> this machine",
		},
		{
			"it dies where another goes on",
			result.Place{Between: []string{core, provider}, Owner: result.Provider},
			"192.168.1.10:8080", hops(result.Filtered, core), refused,
			"outside -> 198.51.100.1 -x- 203.0.113.1 provider -> 203.0.113.2 -> this machine",
		},
		{
			"the answer is lost",
			result.Place{Between: []string{"192.168.1.10", "unknown"}, Owner: result.UnknownOwner},
			"192.168.1.10:8080", hops(result.Filtered, core, provider, line), refused,
			"this machine -x- ... -> outside",
		},
		{
			"a router that is not seen, and an answer behind it",
			result.Place{Owner: result.Site},
			"192.168.1.10:8080",
			[]result.Hop{{TTL: 1, State: result.Expired, From: core}, {TTL: 2, State: result.Expired, From: provider}, {TTL: 3, State: result.Filtered}, {TTL: 4, State: result.Closed}},
			refused,
			"outside -> 198.51.100.1 -> 203.0.113.1 provider -> 203.0.113.2 gateway -x- this machine",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := calledFromOutside(line, c.inside, c.at, c.call, c.control)
			var out bytes.Buffer
			if err := report.Terminal(&out, r, report.Options{Width: 120}); err != nil {
				t.Fatal(err)
			}
			got := ""
			for l := range strings.Lines(out.String()) {
				if rest, ok := strings.CutPrefix(strings.TrimSpace(l), "path "); ok {
					got = strings.TrimSpace(rest)
				}
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			drawnAlike(t, r, got, "-x-")
		})
	}
}

// calledFromOutside is the report of a call from outside to a public address, at
// what it met, and of another that was made to compare it with.
func calledFromOutside(line, inside string, at result.Place, call, control []result.Hop) *result.Report {
	step := func(hops []result.Hop, port int) result.Step {
		return result.Step{
			Op: result.OpReach, Evidence: &result.Evidence{Hops: hops},
			Facts: result.Facts{"reach.address": line, "reach.port": port, "reach.proto": "tcp", "reach.local": inside},
		}
	}
	wanted, compared := step(call, 8080), step(control, 49213)
	compared.Facts["reach.control"] = true
	return &result.Report{
		Machines: []result.Machine{{ID: "m1", Addresses: []string{"192.168.1.10/24"}, Gateway: "192.168.1.1"}},
		Checks:   []result.Check{{ID: "c", Machine: "m1", Kind: "inbound", Verdict: result.Fail, Findings: []string{"f1"}, Steps: []result.Step{wanted, compared}}},
		Findings: []result.Finding{{ID: "f1", Code: result.InboundFiltered, Summary: "s", At: &at, Checks: []string{"c"}}},
		Verdict:  result.Fail,
	}
}
