package report_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"netcheck/report"
	"netcheck/report/result"
)

// A rule goes to whoever can make it, and its direction is that device's: what
// goes out of the shop comes in at the vendor.
func TestHTMLRulesByAddressee(t *testing.T) {
	r := calledIn()
	r.Findings[0] = result.Finding{
		ID: "f1", Code: result.HostFirewall, Confidence: result.Strong, Level: result.Required, Act: "vendor", Checks: r.Findings[0].Checks, Summary: "It refuses",
		At: &result.Place{Address: "192.0.2.8", Owner: result.Destination}, Request: &result.Request{Action: "allow", Proto: "tcp", From: result.OwnPublicIP, To: []string{"192.0.2.8"}, Ports: "443"},
	}
	second := r.Findings[0]
	second.ID, second.Code, second.Act, second.At = "f2", result.TCPFiltered, "customer-network", &result.Place{Between: []string{"10.0.0.2", "unknown"}, Owner: result.UnknownOwner}
	second.Request = &result.Request{Action: "allow", Proto: "tcp", From: "10.0.0.2", To: []string{"192.0.2.7"}, Ports: "9000"}
	r.Findings = append(r.Findings, second)
	r.Checks[0].Findings = []string{"f1", "f2"}
	page := parsed(t, htmlOf(t, r, report.Options{}))
	var sheets [][2]string // to whom, and the rows
	for n := range page.Descendants() {
		if n.Type != html.ElementNode || n.Data != "section" || attr(n, "class") != "rules" {
			continue
		}
		for c := range n.Descendants() {
			switch c.Data {
			case "p":
				sheets = append(sheets, [2]string{textOf(c), ""})
			case "tbody":
				sheets[len(sheets)-1][1] += textOf(c)
			}
		}
	}
	if len(sheets) != 2 {
		t.Fatalf("%d tables: %q", len(sheets), sheets)
	}
	for i, want := range []struct{ to, not, row, direction string }{
		{"the vendor", "as it stands", "the shop's public address: <fill in>", "incoming"},
		{"the shop's network", "filled in", "10.0.0.2", "outgoing"},
	} {
		to, rows := sheets[i][0], sheets[i][1]
		if !strings.Contains(to, want.to) || strings.Contains(to, want.not) || !strings.Contains(rows, want.row) || !strings.Contains(rows, want.direction) {
			t.Errorf("%q: %q", to, rows)
		}
	}
}

// Whoever passes a rule on is told to say the address that netcheck does not know.
func TestRuleToBeFilledIn(t *testing.T) {
	r := samples()["swept"]
	for _, name := range []string{"text", "markdown", "html"} {
		got := string(write(t, format(t, name), diagnosed(r), report.Options{}))
		if !strings.Contains(strings.ReplaceAll(got, "&lt;fill in&gt;", "<fill in>"), "address: <fill in>") {
			t.Errorf("%s does not say that the address is to be filled in", name)
		}
	}
}
