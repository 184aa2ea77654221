package report_test

import "netcheck/report/result"

// swept is a run that looked at the way of what failed: two faults at two
// places, one of them by both protocols' addresses.
func swept() *result.Report {
	r := newSample("swept",
		result.Check{ID: "start", Title: "Start-live host", Features: []string{"live"}, Target: "start1.live.example:443", Verdict: result.Pass, Results: one("start1.live.example", "198.51.100.30", "443", 11.8)},
		result.Check{
			ID: "live-ports", Title: "Ports of the live service", Features: []string{"live"}, Target: "acme.live.example:9000-9999", Verdict: result.Fail,
			Spec: result.Spec{Act: "customer-network", Consequence: result.Text{"en": "The nightly stock transfer does not start."}, Firewall: &result.Firewall{Hosts: []string{"*.live.example"}}},
			Results: []result.Result{
				{Host: "acme.live.example", Address: "198.51.100.40", Proto: "tcp", Ports: "9000-9499", State: result.Open, RTT: ms(12)},
				{Host: "acme.live.example", Address: "198.51.100.40", Proto: "tcp", Ports: "9500-9999", State: result.Filtered, Failure: result.FailConnectTimeout, Evidence: &result.Evidence{Local: "192.168.1.10", Attempts: 5, Waited: ms(1100)}},
			},
		},
		result.Check{
			ID: "edi", Title: "Order transfer", Features: []string{"orders"}, Target: "edi.vendor.example:22", Verdict: result.Fail,
			Results: []result.Result{
				{
					Host: "edi.vendor.example", Address: "198.51.100.60", Proto: "tcp", Ports: "22", State: result.Rejected, Failure: result.FailProhibited,
					Evidence: &result.Evidence{Errno: "EHOSTUNREACH", Local: "192.168.1.10", ICMP: &result.ICMP{From: "203.0.113.1", Type: 3, Code: 13, Name: "admin-prohibited", TTL: 63}},
				},
				{
					Host: "edi.vendor.example", Address: "2001:db8:beef:60::22", Proto: "tcp", Ports: "22", State: result.Rejected, Failure: result.FailProhibited,
					Evidence: &result.Evidence{Errno: "EACCES", Local: "2001:db8:42:1::10", ICMP: &result.ICMP{From: "2001:db8:ffff::1", V6: true, Type: 1, Code: 1, Name: "admin-prohibited", TTL: 62}},
				},
			},
		},
	)
	r.Profile.Title = result.Text{"en": "Mexal with Live"}
	r.Profile.Features = []result.Feature{{ID: "orders", Title: result.Text{"en": "Orders to the warehouse"}}, {ID: "live", Title: result.Text{"en": "Nightly stock transfer"}}}
	r.Machines[0].Addresses = []string{"192.168.1.10/24", "2001:db8:42:1::10/64", "fe80::1/64"}
	r.Machines[0].Gateways = []string{"192.168.1.1", "fe80::ff"}
	r.Followups = []result.Followup{
		sweptTo("live-ports", "198.51.100.40", 9500, expired("192.168.1.1", "100.64.0.1"), silence(3, 16)),
		sweptTo("live-ports", "198.51.100.40", 9000, expired("192.168.1.1", "100.64.0.1", "203.0.113.1", "", "198.51.100.1"), []result.Hop{{TTL: 6, State: result.Open, RTT: ms(12)}}),
		sweptTo("edi", "198.51.100.60", 22, expired("192.168.1.1", "203.0.113.1"), rejected(3, 4, "203.0.113.1")),
		sweptTo("edi", "2001:db8:beef:60::22", 22, expired("2001:db8:42:1::1", "2001:db8:42::1", "2001:db8:ffff::1"), rejected(4, 5, "2001:db8:ffff::1")),
		{
			Name: "answer", Machine: "m1", Checks: []string{"edi"}, Subject: result.Subject{Address: "198.51.100.60", Port: 22, Proto: "tcp"},
			Steps: []result.Step{{Op: result.OpConnect, Start: ms(3100), Duration: ms(8), Evidence: &result.Evidence{
				AnswerTTL: 62, TCP: &result.TCPInfo{Retransmits: 4, BytesAcked: 1, Sacked: 1, ReceiveMSS: 536, SendMSS: 1448, RTT: ms(12)},
			}}},
		},
	}
	return r
}

func sweptTo(check, address string, port int, hops ...[]result.Hop) result.Followup {
	f := result.Followup{Name: "sweep", Machine: "m1", Checks: []string{check}, Subject: result.Subject{Address: address, Port: port, Proto: "tcp"}}
	e := &result.Evidence{}
	for _, hs := range hops {
		e.Hops = append(e.Hops, hs...)
	}
	f.Steps = []result.Step{{Op: result.OpSweep, Start: ms(3100), Duration: ms(1100), Evidence: e}}
	return f
}

// expired are the first hops of a sweep: the routers, "" for one that is silent.
func expired(routers ...string) []result.Hop {
	var hops []result.Hop
	for i, from := range routers {
		h := result.Hop{TTL: i + 1, State: result.Expired, From: from, RTT: ms(float64(i + 1))}
		if from == "" {
			h = result.Hop{TTL: i + 1, State: result.Filtered}
		}
		hops = append(hops, h)
	}
	return hops
}

func silence(first, last int) []result.Hop {
	var hops []result.Hop
	for ttl := first; ttl <= last; ttl++ {
		hops = append(hops, result.Hop{TTL: ttl, State: result.Filtered})
	}
	return hops
}

func rejected(first, last int, from string) []result.Hop {
	var hops []result.Hop
	for ttl := first; ttl <= last; ttl++ {
		hops = append(hops, result.Hop{TTL: ttl, State: result.Rejected, From: from, ICMP: &result.ICMP{From: from, Type: 3, Code: 13, Name: "admin-prohibited"}})
	}
	return hops
}
