package report_test

import (
	"fmt"
	"strings"
	"time"

	"netcheck/report/diagnosis"
	"netcheck/report/result"
)

// The sample reports of this package's tests: as a run leaves them, then
// diagnosed.

func ms(n float64) result.Duration { return result.Duration(n * float64(time.Millisecond)) }

func newSample(id string, checks ...result.Check) *result.Report {
	r := &result.Report{
		Schema: result.Schema, Tool: result.Tool{Name: "netcheck", Version: "0.1.0"}, Lang: "en",
		Started: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), Duration: ms(3210), Complete: true,
		Profile: result.Profile{ID: id, Ref: id, SHA256: strings.Repeat("ab", 32), Title: result.Text{"en": "Example till", "fr": "Caisse d’exemple"}},
		Machines: []result.Machine{{
			ID: "m1", OS: "linux", Name: "till-1", Addresses: []string{"192.168.1.10/24", "fe80::1/64"},
			Gateway: "192.168.1.1", Resolvers: []string{"192.168.1.1:53"},
		}},
		Checks: checks,
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		c.Machine = "m1"
		if c.Group == "" {
			c.Group = c.ID
		}
		if c.Level == "" {
			c.Level = result.Required
		}
		if c.Kind == "" {
			c.Kind = "tcp"
		}
		c.Spec.Title = result.Text{"en": c.Title}
		c.Duration = ms(25)
	}
	return r
}

func diagnosed(r *result.Report) *result.Report {
	diagnosis.Diagnose(r, "en")
	return r
}

func one(host, address, port string, rtt float64) []result.Result {
	return []result.Result{{Host: host, Address: address, Proto: "tcp", Ports: port, State: result.Open, RTT: ms(rtt)}}
}

// healthy is a run with nothing to object to, and other roles still to run.
func healthy() *result.Report {
	r := newSample("local-server",
		result.Check{ID: "sync-name", Title: "Name of the synchronisation service", Kind: "dns", Features: []string{"sync"}, Target: "api.shop.example", Verdict: result.Pass},
		result.Check{ID: "sync-api", Title: "Synchronisation service", Kind: "http", Features: []string{"sync"}, Target: "https://api.shop.example/", Verdict: result.Pass, Results: one("api.shop.example", "198.51.100.20", "443", 24.2)},
		result.Check{ID: "media", Title: "Media store", Kind: "http", Features: []string{"media", "sync"}, Target: "https://media.shop.example/", Verdict: result.Pass, Attempts: 2, Results: one("media.shop.example", "198.51.100.21", "443", 26)},
		result.Check{ID: "hosted", Title: "Hosted media", Kind: "http", Features: []string{"media"}, Verdict: result.NotApplicable},
		result.Check{
			ID: "local", Title: "The server listens", Kind: "listen", Verdict: result.Pass, Target: "this machine, tcp 80,8000-8005",
			Results: []result.Result{{Proto: "tcp", Ports: "80,8000-8005", State: result.Open}},
		},
		result.Check{ID: "reserved", Title: "The address is reserved in the router", Kind: "attest", Level: result.Recommended, Verdict: result.Attested},
		result.Check{ID: "lan-web", Title: "The server, from a till", Features: []string{"sync"}, Verdict: result.Elsewhere, Spec: result.Spec{From: []string{"device"}}},
		result.Check{ID: "lan-ports", Title: "The server's service ports, from a till", Features: []string{"sync"}, Verdict: result.Elsewhere, Spec: result.Spec{From: []string{"device"}}},
	)
	r.Profile.Role = "store-server"
	r.Profile.Title = result.Text{"en": "In-store local server", "fr": "Serveur local magasin"}
	r.Profile.Roles = []result.Role{{ID: "store-server", Title: result.Text{"en": "local server"}}, {ID: "device", Title: result.Text{"en": "till or tablet"}}}
	r.Profile.Features = []result.Feature{{ID: "sync", Title: result.Text{"en": "Synchronisation"}}, {ID: "media", Title: result.Text{"en": "Media"}}}
	r.Handover = []result.Handover{{
		Title: result.Text{"en": "For whoever runs the router"},
		Text:  result.Text{"en": "Reserve 192.168.1.10 for this machine.\nOutgoing to allow: api.shop.example, media.shop.example; TCP 443."},
	}}
	return r
}

// halfFiltered is a range of which a firewall lets only half through.
func halfFiltered() *result.Report {
	r := newSample("passcom",
		result.Check{ID: "start", Title: "Start-live host", Kind: "tcp", Features: []string{"live"}, Target: "start1.live.example:443", Verdict: result.Pass, Results: one("start1.live.example", "198.51.100.30", "443", 11.8)},
		result.Check{ID: "start-2", Title: "Second start-live host", Kind: "tcp", Features: []string{"live"}, Target: "start2.live.example:443", Verdict: result.Pass, Results: one("start2.live.example", "198.51.100.31", "443", 12.1)},
		result.Check{
			ID: "live-ports", Title: "Ports of the live service", Kind: "tcp", Features: []string{"live"}, Target: "acme.live.example:9000-9999", Verdict: result.Fail,
			Spec: result.Spec{
				Act: "customer-network", Consequence: result.Text{"en": "The nightly stock transfer does not start."},
				Remedy:   result.Text{"en": "The live service needs the whole range 9000-9999, whatever port is used today."},
				Firewall: &result.Firewall{Hosts: []string{"*.live.example"}},
			},
			Results: []result.Result{
				{Host: "acme.live.example", Address: "198.51.100.40", Proto: "tcp", Ports: "9000-9499", State: result.Open, RTT: ms(12)},
				{Host: "acme.live.example", Address: "198.51.100.40", Proto: "tcp", Ports: "9500-9999", State: result.Filtered, Failure: result.FailConnectTimeout, Evidence: &result.Evidence{Local: "192.168.1.10:40112", Attempts: 5, Waited: ms(1100)}},
			},
		},
		result.Check{ID: "counter", Title: "Sales desk", Kind: "tcp", Features: []string{"sales"}, Target: "192.168.1.20:6767", Verdict: result.Pass, Results: one("192.168.1.20", "192.168.1.20", "6767", 0.4)},
	)
	r.Profile.Title = result.Text{"en": "Mexal with Live"}
	r.Profile.Features = []result.Feature{{ID: "sales", Title: result.Text{"en": "Sales"}}, {ID: "live", Title: result.Text{"en": "Nightly stock transfer"}}}
	return r
}

// mixed has one of most things.
func mixed() *result.Report {
	r := newSample("mixed",
		result.Check{
			ID: "shop-name", Title: "Name of the shop service", Kind: "dns", Features: []string{"sales"}, Target: "shop.vendor.example", Verdict: result.Fail,
			Results: []result.Result{{Address: "192.168.1.1", Proto: "udp", Ports: "53", State: result.Open, Failure: result.FailNXDomain, Note: "dns-nxdomain"}},
			Steps: []result.Step{{Op: result.OpQuery, Duration: ms(4), Failure: result.FailNXDomain, Err: "query shop.vendor.example A at 192.168.1.1:53: no such name", Facts: result.Facts{
				"server.address": "192.168.1.1", "dns.question.name": "shop.vendor.example", "dns.response_code": "NXDOMAIN",
			}}},
		},
		result.Check{ID: "shop", Title: "Shop service", Kind: "http", Features: []string{"sales"}, Target: "https://shop.vendor.example/", Verdict: result.Skip, Reason: result.BecauseNeeds, Detail: "shop-name"},
		result.Check{
			ID: "license", Title: "Licence server", Kind: "tls", Features: []string{"licence"}, Target: "licence.vendor.example:443", Verdict: result.Fail,
			Spec:    result.Spec{Consequence: result.Text{"en": "The till locks itself after 30 days."}, Act: "vendor"},
			Results: one("licence.vendor.example", "198.51.100.50", "443", 18),
			Steps: []result.Step{{Op: result.OpVerify, Failure: result.FailExpired, Err: "certificate expired on 2026-11-01T00:00:00Z", Facts: result.Facts{
				"server.address": "licence.vendor.example", "network.peer.address": "198.51.100.50", "network.peer.port": 443,
				"tls.server.subject": "CN=licence.vendor.example", "tls.server.issuer": "CN=Example CA", "tls.server.not_before": "2025-11-01T00:00:00Z", "tls.server.not_after": "2026-11-01T00:00:00Z",
			}}},
		},
		result.Check{
			ID: "printer", Title: "Kitchen printer", Features: []string{"kitchen"}, Level: result.Recommended, Target: "192.168.1.77:9100", Verdict: result.Fail,
			Results: []result.Result{{
				Host: "192.168.1.77", Address: "192.168.1.77", Proto: "tcp", Ports: "9100", State: result.Rejected, Failure: result.FailHostUnreachable,
				Evidence: &result.Evidence{Errno: "EHOSTUNREACH", Waited: ms(3050), ICMP: &result.ICMP{From: "192.168.1.10", Type: 3, Code: 1, Name: "host-unreachable", TTL: 64}},
			}},
		},
		result.Check{
			ID: "edi", Title: "Order transfer", Features: []string{"orders"}, Target: "edi.vendor.example:22", Verdict: result.Fail,
			Results: []result.Result{{
				Host: "edi.vendor.example", Address: "198.51.100.60", Proto: "tcp", Ports: "22", State: result.Rejected, Failure: result.FailProhibited,
				Evidence: &result.Evidence{Errno: "EHOSTUNREACH", Local: "192.168.1.10:50122", ICMP: &result.ICMP{From: "192.168.1.1", Type: 3, Code: 13, Name: "admin-prohibited", TTL: 64}},
			}},
		},
		result.Check{
			ID: "discovery", Title: "Device discovery", Kind: "udp", Level: result.Optional, Target: "192.168.1.20:57854", Verdict: result.Inconclusive, Detail: "silence says nothing of a UDP port",
			Results: []result.Result{{Host: "192.168.1.20", Address: "192.168.1.20", Proto: "udp", Ports: "57854", State: result.Filtered, Failure: result.FailNoReply, Evidence: &result.Evidence{Attempts: 3, Waited: ms(3000)}}},
		},
		result.Check{
			ID: "call-back", Title: "The vendor calls back", Features: []string{"orders"}, Target: "shop.example:8443", Verdict: result.Fail,
			Spec: result.Spec{Downgrade: []result.Downgrade{{Cause: []result.Code{result.TCPFiltered}, To: result.Inconclusive, Say: result.Text{"en": "An allow list lets only the vendor in: silence is what it should show you."}}}},
			Results: []result.Result{{
				Host: "shop.example", Address: "203.0.113.9", Proto: "tcp", Ports: "8443", State: result.Filtered, Failure: result.FailConnectTimeout, Evidence: &result.Evidence{Attempts: 5, Waited: ms(3500)},
			}},
		},
		result.Check{
			ID: "cdn", Title: "Pictures", Features: []string{"sales"}, Target: "cdn.vendor.example:443", Verdict: result.Pass,
			Results: []result.Result{
				{Host: "cdn.vendor.example", Address: "198.51.100.70", Proto: "tcp", Ports: "443", State: result.Open, RTT: ms(9)},
				{Host: "cdn.vendor.example", Address: "198.51.100.71", Proto: "tcp", Ports: "443", State: result.Filtered, Failure: result.FailConnectTimeout, Evidence: &result.Evidence{Attempts: 5, Waited: ms(1100)}},
			},
		},
		result.Check{ID: "fixed", Title: "Fixed address", Kind: "attest", Level: result.Recommended, Verdict: result.Inconclusive, Code: result.AttestUnanswered, Detail: "nobody answered"},
		result.Check{ID: "broken", Title: "Something netcheck could not do", Verdict: result.Error, Detail: "a bug in netcheck: index out of range"},
		result.Check{ID: "left-out", Title: "Left out", Verdict: result.Skip, Reason: result.BecauseSelection},
	)
	r.Profile.Features = []result.Feature{
		{ID: "sales", Title: result.Text{"en": "Sales"}}, {ID: "licence", Title: result.Text{"en": "Licence"}}, {ID: "kitchen", Title: result.Text{"en": "Kitchen orders"}}, {ID: "orders", Title: result.Text{"en": "Orders to the warehouse"}},
	}
	return r
}

// crowd is a chain's worth of devices, and one host with every port asked.
func crowd() *result.Report {
	var cs []result.Check
	for i := range 1000 {
		c := result.Check{
			ID: fmt.Sprintf("device[till-%d]", i), Group: "device", Title: "Till answers", Features: []string{"tills"}, Target: fmt.Sprintf("10.0.%d.%d:8081", i/250, i%250+1), Verdict: result.Pass,
			Spec: result.Spec{Tolerate: "some"},
		}
		c.Results = one(fmt.Sprintf("10.0.%d.%d", i/250, i%250+1), fmt.Sprintf("10.0.%d.%d", i/250, i%250+1), "8081", 1)
		if i%100 == 7 {
			c.Verdict = result.Fail
			c.Results[0].State, c.Results[0].Failure = result.Filtered, result.FailConnectTimeout
		}
		cs = append(cs, c)
	}
	var odd, even []string
	for p := 2; p < 65536; p += 2 {
		even = append(even, fmt.Sprint(p))
		odd = append(odd, fmt.Sprint(p-1))
	}
	cs = append(cs, result.Check{
		ID: "everything", Title: "Every port", Features: []string{"server"}, Target: "198.51.100.90:1-65535", Verdict: result.Fail, Kind: "tcp",
		Spec: result.Spec{Fields: map[string]any{"expect": "closed"}}, Code: result.TCPOpen,
		Results: []result.Result{
			{Host: "198.51.100.90", Address: "198.51.100.90", Proto: "tcp", Ports: strings.Join(even, ","), State: result.Closed, Failure: result.FailRefused},
			{Host: "198.51.100.90", Address: "198.51.100.90", Proto: "tcp", Ports: strings.Join(odd, ","), State: result.Open},
		},
	})
	return newSample("crowd", cs...)
}

// interrupted was stopped before much was known.
func interrupted() *result.Report {
	r := newSample("short",
		result.Check{ID: "a", Title: "First", Target: "a.example:443", Verdict: result.Pass, Results: one("a.example", "198.51.100.1", "443", 5)},
		result.Check{ID: "b", Title: "Second", Target: "b.example:443", Verdict: result.Skip, Reason: result.BecauseInterrupted},
		result.Check{
			ID: "range", Title: "The ports that were under way", Target: "d.example:9000-9999", Verdict: result.Skip, Reason: result.BecauseInterrupted,
			Results: []result.Result{{Host: "d.example", Address: "198.51.100.4", Proto: "tcp", Ports: "9000-9012,9500", State: result.Open}},
			Steps:   []result.Step{{Op: result.OpScan, Facts: result.Facts{"network.peer.address": "198.51.100.4", "ports": "9000-9999", "asked": 14}, Failure: result.FailCanceled}},
		},
		result.Check{ID: "c", Title: "Third", Level: result.Optional, Target: "c.example:443", Verdict: result.Skip, Reason: result.BecauseInterrupted},
	)
	r.Complete = false
	r.Params = map[string]any{"store": "0042", "password": "<secret>", "devices": []any{"till-1", "till-2"}}
	return r
}

// sampled asked a few of many ports, and found a border among them.
func sampled() *result.Report {
	scan := func(f result.Failure) []result.Step {
		return []result.Step{{Op: result.OpScan, Facts: result.Facts{"network.peer.address": "198.51.100.7", "ports": "9000-9999"}, Failure: f}}
	}
	ports := func(ports string, s result.State, f result.Failure) result.Result {
		return result.Result{Host: "live.example", Address: "198.51.100.7", Proto: "tcp", Ports: ports, State: s, Failure: f}
	}
	r := newSample("sampled",
		result.Check{
			ID: "live", Title: "Live ports", Target: "live.example:9000-9999", Verdict: result.Fail, Detail: "8 of 1000 ports asked", Steps: scan(result.FailConnectTimeout),
			Results: []result.Result{ports("9000,9300,9636", result.Open, ""), ports("9637-9638,9640,9700,9999", result.Filtered, result.FailConnectTimeout)},
		},
		result.Check{
			ID: "more", Title: "More live ports", Target: "live.example:9000-9999", Verdict: result.Pass, Detail: "4 of 1000 ports asked", Steps: scan(""),
			Results: []result.Result{ports("9000,9333,9666,9999", result.Open, "")},
		},
		result.Check{
			ID: "unnamed", Title: "A name that is filtered", Target: "zero.example:443", Verdict: result.Fail,
			Results: []result.Result{{Host: "zero.example", Proto: "tcp", Ports: "443", State: result.Unknown, Failure: result.FailNullAddress}},
			Steps:   []result.Step{{Op: result.OpResolve, Facts: result.Facts{"dns.question.name": "zero.example"}, Failure: result.FailNullAddress}},
		},
		result.Check{
			ID: "odd", Kind: "http", Title: "Odd server", Target: "http://odd.example:6003/", Verdict: result.Fail,
			Results: one("odd.example", "198.51.100.9", "6003", 2),
			Steps:   []result.Step{{Op: result.OpRequest, Facts: result.Facts{"server.address": "odd.example", "network.peer.address": "198.51.100.9", "network.peer.port": 6003}, Failure: result.FailEOF}},
		},
	)
	r.Machines[0].Gateways = []string{"192.168.1.1", "2001:db8:1::1"}
	r.Machines[0].Interfaces = []result.Interface{{Name: "eth0", State: "up", MTU: 1500}, {Name: "wlan0", State: "no-carrier", MTU: 1500}, {Name: "tun0", State: "down"}}
	r.Machines[0].Zone, r.Machines[0].Clock = "CET, UTC+01:00", &result.Clock{Behind: ms(95_000), By: result.ByHTTPDate, From: []string{"live.example"}}
	r.Tool.Commit, r.Tool.Built = "0123456789abcdef0123456789abcdef01234567+", "linux/amd64, source of 2026-11-21T08:00:00Z"
	return r
}

// hostile is what a server, or whoever had the file in hands, may have written.
func hostile(evil string) *result.Report {
	r := mixed()
	way := swept()
	r.Checks = append(r.Checks, way.Checks...)
	for i := range way.Followups {
		f := &way.Followups[i]
		e := f.Steps[0].Evidence
		for j := range e.Hops {
			e.Hops[j].From = evil
			if j%2 > 0 {
				e.Hops[j].State = result.State(evil)
			}
			if e.Hops[j].ICMP != nil {
				e.Hops[j].ICMP.Name = evil
			}
		}
		f.Steps[0].Op, f.Steps[0].Facts = result.Op(evil), result.Facts{evil: evil}
		if f.Host = evil; i > 1 {
			f.Name, f.Address, f.Proto = evil, evil, evil
		}
	}
	r.Followups = way.Followups
	r.Profile.Title = result.Text{"en": evil}
	r.Profile.Ref, r.Profile.Role = evil, evil
	r.Tool.Version = evil
	for i := range r.Checks {
		c := &r.Checks[i]
		c.ID, c.Title, c.Target, c.Detail = c.ID+evil, evil, evil, evil
		c.Spec.Title = result.Text{"en": evil}
		c.Spec.Consequence, c.Spec.Remedy = result.Text{"en": evil}, result.Text{"en": evil}
		c.Spec.From = []string{evil}
		c.Features = append(c.Features, evil)
		c.Spec.Firewall = &result.Firewall{Hosts: []string{evil}, See: evil}
		for j := range c.Results {
			c.Results[j].Host, c.Results[j].Note = evil, evil
		}
		for j := range c.Steps {
			c.Steps[j].Err = evil
			for k := range c.Steps[j].Facts {
				c.Steps[j].Facts[k] = evil
			}
		}
	}
	r.Checks[0].Verdict, r.Checks[0].Reason = result.Elsewhere, ""
	r.Handover = []result.Handover{{Title: result.Text{"en": evil}, Text: result.Text{"en": evil}}}
	return r
}

func samples() map[string]*result.Report {
	return map[string]*result.Report{
		"healthy": healthy(), "half-filtered": halfFiltered(), "mixed": mixed(), "crowd": crowd(), "interrupted": interrupted(),
		"sampled": sampled(), "swept": swept(), "merged": joined(),
	}
}
