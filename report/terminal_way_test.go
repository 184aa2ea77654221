package report_test

import (
	"bytes"
	"strings"
	"testing"

	"netcheck/report"
	"netcheck/report/result"
)

// TestTerminalWays: a line says by which way a check went, and -v all that were
// tried.
func TestTerminalWays(t *testing.T) {
	const proxy = "http://proxy.example:3128"
	way := func(via string, v result.Verdict, used bool) result.Way {
		w := result.Way{Via: via, Verdict: v, Used: used}
		if via == proxy {
			w.Source, w.Personal = "https_proxy in the environment", true
		}
		return w
	}
	exempt := way("direct", result.Fail, true)
	exempt.Exempt, exempt.Source = ".example:443", "no_proxy in the environment"
	const pass, fail = result.Pass, result.Fail
	for _, c := range []struct {
		name    string
		verdict result.Verdict
		ways    []result.Way
		line    string
		more    []string
	}{
		{"nobody spoke of a proxy", pass, nil, "shop.example:443", nil},
		{"both pass", pass, []result.Way{way("direct", pass, true), way(proxy, pass, false)}, "shop.example:443", []string{"directly: passed", "via " + proxy + ", named by https_proxy in the environment"}},
		{"the proxy alone", pass, []result.Way{way("direct", fail, false), way(proxy, pass, true)}, "via " + proxy, []string{"directly: failed", "(this account's own setting)"}},
		{"the direct way alone", pass, []result.Way{way("direct", pass, true), way(proxy, fail, false)}, "directly, not via " + proxy, nil},
		{"neither", fail, []result.Way{way("direct", fail, true), way(proxy, fail, false)}, "neither directly nor via " + proxy, nil},
		{"no other is allowed", fail, []result.Way{way(proxy, fail, true)}, "via " + proxy, nil},
		{"exempt", fail, []result.Way{exempt}, "shop.example:443", []string{"directly, since no_proxy in the environment exempts it by .example:443: failed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &result.Report{Checks: []result.Check{{ID: "c", Group: "c", Kind: "tls", Target: "shop.example:443", Verdict: c.verdict, Ways: c.ways}}}
			for _, verbose := range []bool{false, true} {
				var b bytes.Buffer
				if err := report.Terminal(&b, r, report.Options{Width: 200, Verbose: verbose}); err != nil {
					t.Fatal(err)
				}
				_, tested, _ := strings.Cut(b.String(), "What was tested")
				lines := strings.Split(strings.TrimSpace(tested), "\n")
				if !strings.HasSuffix(lines[0], c.line) {
					t.Errorf("%q, want …%q", lines[0], c.line)
				}
				for _, want := range c.more {
					if strings.Contains(tested, want) != verbose {
						t.Errorf("-v %v: %q in\n%s", verbose, want, tested)
					}
				}
			}
		})
	}
}
