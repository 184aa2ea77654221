package report_test

import (
	"bytes"
	"strings"
	"testing"

	"netcheck/report"
	"netcheck/report/result"
)

// A call that somebody took, who is not this machine's service, has a word in
// the list of checks.
func TestCallTakenByAnother(t *testing.T) {
	for _, c := range []struct {
		cause result.Cause
		state result.State
		want  string
	}{
		{result.Cause{Code: result.InboundWrongHost, Confidence: result.Likely}, result.Open, "answered, it seems by another; see 1"},
		{result.Cause{Code: result.InboundWrongHost, Confidence: result.Hint}, result.Open, "answered, by whom is not known; see 1"},
		{result.Cause{Code: result.InboundRouterAnswers, Confidence: result.Likely}, result.Open, "answered, it seems by the router; see 1"},
		{result.Cause{Code: result.InboundAddressChanged, Confidence: result.Likely}, result.Open, "leads to another address than this line's; see 1"},
		{result.Cause{Code: result.InboundWrongHost, Confidence: result.Likely}, result.Closed, "closed; see 1"},
		{result.Cause{Code: result.InboundVantageUnreachable, Confidence: result.Certain}, result.Unknown, "no helper outside could be asked; see 1"},
		{result.Cause{Code: result.DNSMismatch, Confidence: result.Likely}, result.Open, "from outside  see 1"},
	} {
		r := &result.Report{
			Machines: []result.Machine{{ID: "m1"}},
			Checks: []result.Check{{
				ID: "c", Machine: "m1", Kind: "inbound", Target: "shop.example:8080 from outside", Verdict: result.Fail, Level: result.Required, Cause: &c.cause, Findings: []string{"f1"},
				Steps: []result.Step{{Op: result.OpReach, Facts: result.Facts{"reach.state": string(c.state)}}},
			}},
			Findings: []result.Finding{{ID: "f1", Code: c.cause.Code, Summary: "s", Checks: []string{"c"}}},
			Verdict:  result.Fail,
		}
		if got := shownAt(t, r, 120); !strings.Contains(got, c.want) {
			t.Errorf("%s %s %s: no %q in\n%s", c.cause.Code, c.cause.Confidence, c.state, c.want, got)
		}
	}
}

// A page that a firewall rule points to is never broken, and stands under no
// rule that it says nothing of.
func TestPageOfRequest(t *testing.T) {
	const page = "https://developers.example.com/docs/point-of-sale/onboarding/networks/ip-whitelisting"
	for _, width := range []int{40, 80, 160} {
		for _, code := range []result.Code{result.InboundFiltered, result.InboundVantageUnreachable} {
			r := &result.Report{
				Machines: []result.Machine{{ID: "m1"}},
				Checks: []result.Check{{
					ID: "c", Machine: "m1", Kind: "inbound", Verdict: result.Fail, Level: result.Required, Findings: []string{"f1"},
					Spec: result.Spec{Firewall: &result.Firewall{See: page}},
				}},
				Findings: []result.Finding{{ID: "f1", Code: code, Summary: "s", Checks: []string{"c"}, Request: &result.Request{Action: "forward", Proto: "tcp", Ports: "8443", To: []string{"192.168.1.10:8080"}}}},
				Verdict:  result.Fail,
			}
			got := shownAt(t, r, width)
			if want := code == result.InboundFiltered; strings.Contains(got, page) != want {
				t.Errorf("%s at %d columns: page shown: %t, want %t\n%s", code, width, !want, want, got)
			}
		}
	}
}

func shownAt(t *testing.T, r *result.Report, width int) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.Terminal(&out, r, report.Options{Width: width}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// In a report of several machines the gateway of one of them is not called the
// reader's.
func TestGatewayOfOneMachine(t *testing.T) {
	r := &result.Report{
		Machines: []result.Machine{{ID: "m1"}, {ID: "m2"}},
		Checks:   []result.Check{{ID: "c", Machine: "m2", Kind: "tcp", Verdict: result.Fail, Level: result.Required, Findings: []string{"f1"}}},
		Findings: []result.Finding{{ID: "f1", Code: result.TCPFiltered, Summary: "s", Checks: []string{"c"}, Machines: []string{"m2"}, At: &result.Place{Between: []string{"198.51.100.1", "unknown"}, Owner: result.Gateway, Hop: 1}}},
		Verdict:  result.Fail,
	}
	if got, want := shownAt(t, r, 120), "between 198.51.100.1 (the gateway of m2, hop 1)"; !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}
