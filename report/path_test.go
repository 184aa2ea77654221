package report_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"netcheck/report"
	"netcheck/report/result"
)

// The picture of a path shows how far packets got, by what the finding and the
// sweeps say, and no more than that.
func TestPicture(t *testing.T) {
	const target, other = "198.51.100.40", "198.51.100.30"
	failed := func(hops ...[]result.Hop) result.Followup { return sweptTo("c", target, 9500, hops...) }
	control := sweptTo("c", target, 443, expired("192.168.1.1", "100.64.0.1", "203.0.113.1"), answered(4, result.Open))
	for _, c := range []struct {
		name  string
		at    *result.Place
		wide  int
		sweep []result.Followup
		want  string // without any: no picture
	}{
		{"no sweep", &result.Place{Between: []string{"192.168.1.10", "unknown"}}, 110, nil, ""},
		{
			"silent behind the gateway, with a control",
			&result.Place{Between: []string{"192.168.1.1", "100.64.0.1"}, Hop: 1, Owner: result.Gateway}, 110,
			[]result.Followup{failed(expired("192.168.1.1"), silence(2, 16)), control},
			"this machine → 192.168.1.1 gateway ✗ 100.64.0.1 provider → 203.0.113.1 → live.example",
		},
		{
			"silent behind the provider, without a control",
			&result.Place{Between: []string{"100.64.0.1", "unknown"}, Hop: 2, Owner: result.Provider}, 110,
			[]result.Followup{failed(expired("192.168.1.1", "100.64.0.1"), silence(3, 16))},
			"this machine → 192.168.1.1 gateway → 100.64.0.1 provider ✗ … → live.example",
		},
		{
			"silent from the start",
			&result.Place{Between: []string{"this-machine", "192.168.1.1"}}, 110,
			[]result.Followup{failed(silence(1, 16)), control},
			"this machine ✗ 192.168.1.1 gateway → 100.64.0.1 provider → 203.0.113.1 → live.example",
		},
		{
			"silent from the start, and nothing else known",
			&result.Place{Between: []string{"this-machine", "unknown"}}, 110,
			[]result.Followup{failed(silence(1, 16))},
			"",
		},
		{
			"silent at the destination",
			&result.Place{Between: []string{"203.0.113.1", target}, Hop: 3, Owner: result.Destination}, 110,
			[]result.Followup{failed(expired("192.168.1.1", "100.64.0.1", "203.0.113.1"), silence(4, 16)), control},
			"this machine → 192.168.1.1 gateway → 100.64.0.1 provider → 203.0.113.1 ✗ live.example",
		},
		{
			"rejected by a device that a sweep does not name",
			&result.Place{Address: "203.0.113.99", Owner: result.Provider}, 110,
			[]result.Followup{failed(expired("192.168.1.1", "100.64.0.1"), silence(3, 16))},
			"this machine → 192.168.1.1 gateway → 100.64.0.1 provider → … → 203.0.113.99 ✗ … → live.example",
		},
		{
			"closed by the destination",
			&result.Place{Address: target, Hop: 4, Owner: result.Destination}, 110,
			[]result.Followup{failed(expired("192.168.1.1", "100.64.0.1", "203.0.113.1"), answered(4, result.Closed)), control},
			"this machine → 192.168.1.1 gateway → 100.64.0.1 provider → 203.0.113.1 → live.example ✗",
		},
		{
			"silent behind the last router, of which the sweep heard nothing",
			&result.Place{Between: []string{"203.0.113.1", target}, Hop: 3, Owner: result.Destination}, 110,
			[]result.Followup{failed(silence(1, 16))},
			"this machine → … → 203.0.113.1 provider ✗ live.example",
		},
		{
			"closed by the destination, and nothing known of the way",
			&result.Place{Address: target, Owner: result.Destination}, 110,
			[]result.Followup{failed(silence(1, 3), answered(4, result.Closed))},
			"",
		},
		{
			"refused on the own network",
			&result.Place{Address: target, Owner: result.Destination}, 110,
			[]result.Followup{failed(answered(1, result.Closed))},
			"this machine → live.example ✗",
		},
		{
			"answered by somebody nearer than the target",
			&result.Place{Address: "192.168.1.1", Hop: 1, Owner: result.Gateway}, 110,
			[]result.Followup{failed(expired("192.168.1.1"), silence(2, 16)), sweptTo("c", target, 443, answered(1, result.Open))},
			"this machine → 192.168.1.1 gateway ✗ … → live.example",
		},
		{
			"reset at a hop that has no name",
			&result.Place{Between: []string{"192.168.1.1", "100.64.0.1"}, Hop: 1}, 110,
			[]result.Followup{failed(expired("192.168.1.1"), answered(2, result.Closed)), control},
			"this machine → 192.168.1.1 gateway ✗ 100.64.0.1 provider → 203.0.113.1 → live.example",
		},
		{
			"a system that does not tell which router it was",
			&result.Place{Between: []string{"unknown", "unknown"}, Hop: 2}, 110,
			[]result.Followup{failed([]result.Hop{{TTL: 1, State: result.Expired}, {TTL: 2, State: result.Expired}}, silence(3, 16))},
			"this machine → hop 1 → hop 2 ✗ … → live.example",
		},
		{
			"the way to another host is another way",
			&result.Place{Between: []string{"192.168.1.1", "unknown"}, Hop: 1}, 110,
			[]result.Followup{failed(expired("192.168.1.1"), silence(2, 16)), sweptTo("c", other, 443, expired("192.168.1.1", "100.64.0.7"), answered(3, result.Open))},
			"this machine → 192.168.1.1 gateway ✗ … → live.example",
		},
		{
			"the middle gives way",
			&result.Place{Between: []string{"203.0.113.1", "unknown"}, Hop: 3}, 76,
			[]result.Followup{failed(expired("192.168.1.1", "100.64.0.1", "203.0.113.1"), silence(4, 16))},
			"this machine → gateway → … → 203.0.113.1 ✗ … → live.example",
		},
		{
			"a sweep that a report has from anybody",
			&result.Place{Between: []string{"nowhere", "x"}, Hop: -7}, 110,
			[]result.Followup{failed([]result.Hop{{TTL: 1 << 30, State: result.Expired, From: "y"}, {TTL: -1, State: "odd"}})},
			"this machine → hop 1 → ",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newSample("picture", result.Check{
				ID: "c", Verdict: result.Fail, Findings: []string{"f1"}, Results: []result.Result{
					{Host: "live.example", Address: target, Proto: "tcp", Ports: "9000-9999", State: result.Filtered, Cause: &result.Cause{Code: result.TCPFiltered, At: c.at}},
					{Host: "live.example", Address: target, Proto: "tcp", Ports: "443", State: result.Open},
				},
			})
			r.Followups = c.sweep
			r.Findings = []result.Finding{{ID: "f1", Code: result.TCPFiltered, At: c.at, Checks: []string{"c"}, Summary: "It fails"}}
			var b bytes.Buffer
			if err := report.Terminal(&b, r, report.Options{Width: c.wide, Unicode: true, Verbose: true}); err != nil {
				t.Fatal(err)
			}
			at := slices.IndexFunc(strings.Split(b.String(), "\n"), func(l string) bool { return strings.HasPrefix(l, "    path    ") })
			switch {
			case at < 0 && c.want != "":
				t.Fatalf("no picture in\n%s", b.String())
			case at < 0:
			default:
				got := strings.TrimPrefix(strings.Split(b.String(), "\n")[at], "    path    ")
				if c.want == "" || got != c.want && !(strings.HasSuffix(c.want, " → ") && strings.HasPrefix(got, c.want)) {
					t.Errorf("%s\nwant %s", got, c.want)
				}
				if c.wide == 110 && !strings.HasSuffix(c.want, " → ") {
					drawnAlike(t, r, got, "✗")
				}
			}
		})
	}
}

// answered is a sweep's end: from a distance on, somebody answers.
func answered(first int, s result.State) []result.Hop {
	return []result.Hop{{TTL: first, State: s, RTT: ms(12)}, {TTL: first + 1, State: s, RTT: ms(12)}}
}

// A required check of which nobody can say how it went, since somebody else
// answered, is what is wrong and not a note.
func TestIllusionIsNoNote(t *testing.T) {
	r := newSample("illusion", result.Check{ID: "c", Verdict: result.Inconclusive, Observed: result.Pass, Reason: result.BecauseIllusion, Findings: []string{"f1"}})
	r.Findings = []result.Finding{{ID: "f1", Code: result.TCPTransparentProxy, Confidence: result.Certain, Checks: []string{"c"}, Summary: "Somebody else answers"}}
	var b bytes.Buffer
	if err := report.Terminal(&b, r, report.Options{Width: 80}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "What is wrong\n\n 1. Somebody else answers\n") {
		t.Errorf("it is not what is wrong:\n%s", b.String())
	}
}
