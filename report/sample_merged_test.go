package report_test

import (
	"time"

	"netcheck/report/result"
)

// joined is one report of three machines: a server in the LAN, one where it
// meets the WAN, and a till that nobody has looked at yet.
func joined() *result.Report {
	m, err := result.Merge(result.Named{Name: "edge", Report: edgeRun()}, result.Named{Name: "server", Report: serverRun()})
	if err != nil {
		panic(err)
	}
	return m.Report
}

// ofRole is a run of the sample profile in a role, that many minutes later.
func ofRole(role string, minutes int, checks ...result.Check) *result.Report {
	r := newSample("connector", checks...)
	r.Profile.Role, r.Machines[0].Role, r.Machines[0].Name = role, role, role+"-1"
	r.Started = r.Started.Add(time.Duration(minutes) * time.Minute)
	r.Profile.Title = result.Text{"en": "ERP connector"}
	r.Profile.Roles = []result.Role{{ID: "server", Title: result.Text{"en": "ERP server"}}, {ID: "edge", Title: result.Text{"en": "Where the LAN meets the WAN"}}, {ID: "till", Title: result.Text{"en": "Till"}}}
	r.Profile.Features = []result.Feature{{ID: "transfer", Title: result.Text{"en": "Data transfer"}}, {ID: "sales", Title: result.Text{"en": "Sales"}}}
	r.Params = map[string]any{"host": "comms.vendor.example"}
	for i := range r.Checks {
		c := &r.Checks[i]
		c.Spec.Line = 10 + i
		if c.Verdict == result.Fail && c.Level == result.Required {
			c.Spec.Consequence = result.Text{"en": "Data do not reach the vendor."}
		}
	}
	return r
}

func silent(local string) *result.Evidence {
	return &result.Evidence{Local: local, Attempts: 3, Waited: ms(3000)}
}

func serverRun() *result.Report {
	r := ofRole(
		"server", 0,
		result.Check{ID: "comms", Title: "Comms server", Features: []string{"transfer"}, Target: "comms.vendor.example:443", Verdict: result.Fail, Results: []result.Result{
			{Host: "comms.vendor.example", Address: "198.51.100.50", Proto: "tcp", Ports: "443", State: result.Filtered, Failure: result.FailConnectTimeout, Evidence: silent("192.168.1.10:40200")},
		}},
		result.Check{ID: "listens", Title: "The sales service listens", Kind: "listen", Features: []string{"sales"}, Target: "this machine, tcp 6767", Verdict: result.Pass, Results: []result.Result{{Proto: "tcp", Ports: "6767", State: result.Open}}},
		result.Check{ID: "printer", Title: "Label printer", Features: []string{"sales"}, Level: result.Recommended, Target: "192.168.1.77:9100", Verdict: result.Fail, Results: []result.Result{
			{Host: "192.168.1.77", Address: "192.168.1.77", Proto: "tcp", Ports: "9100", State: result.Closed, Failure: result.FailRefused, Evidence: &result.Evidence{Errno: "ECONNREFUSED"}},
		}},
		result.Check{ID: "till-sales", Title: "Sales service, from a till", Features: []string{"sales"}, Target: "192.168.1.10:6767", Verdict: result.Elsewhere, Spec: result.Spec{From: []string{"till"}}},
	)
	r.Handover = []result.Handover{{Title: result.Text{"en": "For whoever runs the firewall"}, Text: result.Text{"en": "Outgoing TCP 443 from the server to comms.vendor.example, over the WAN twice."}}}
	return r
}

func edgeRun() *result.Report {
	r := ofRole(
		"edge", 4,
		result.Check{ID: "comms", Title: "Comms server", Features: []string{"transfer"}, Target: "comms.vendor.example:443", Verdict: result.Pass, Results: one("comms.vendor.example", "198.51.100.50", "443", 21)},
		result.Check{ID: "listens", Title: "The sales service listens", Kind: "listen", Features: []string{"sales"}, Verdict: result.Elsewhere, Spec: result.Spec{From: []string{"server"}}},
		result.Check{ID: "printer", Title: "Label printer", Features: []string{"sales"}, Level: result.Recommended, Verdict: result.Elsewhere, Spec: result.Spec{From: []string{"server"}}},
		result.Check{ID: "till-sales", Title: "Sales service, from a till", Features: []string{"sales"}, Target: "192.168.1.10:6767", Verdict: result.Elsewhere, Spec: result.Spec{From: []string{"till"}}},
	)
	r.Machines[0].Addresses, r.Machines[0].Gateway = []string{"10.9.0.2/30"}, "10.9.0.1"
	return r
}
