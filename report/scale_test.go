package report_test

import (
	"fmt"
	"io"
	"testing"

	"netcheck/report"
	"netcheck/report/result"
)

// A report of four times as many checks takes four times as long, or little
// more: to diagnose, and to write. Each kind has been quadratic once.
func BenchmarkScale(b *testing.B) {
	for _, n := range []int{1000, 4000} {
		for name, r := range map[string]*result.Report{
			"one silence": many(n, func(i int, c *result.Check) {
				address := fmt.Sprintf("100.%d.%d.%d", i/62500, i/250%250, i%250+1)
				c.Verdict, c.Results = result.Fail, []result.Result{{Host: address, Address: address, Proto: "tcp", Ports: "443", State: result.Filtered, Failure: result.FailConnectTimeout}}
				if i%2 == 0 {
					c.Verdict, c.Results = result.Pass, one(address, address, "8443", 1)
				}
			}),
			"needs in a row": many(n, func(i int, c *result.Check) {
				if c.Verdict = result.Fail; i > 0 {
					c.Verdict, c.Reason, c.Detail = result.Skip, result.BecauseNeeds, fmt.Sprintf("check-%d", i-1)
				}
			}),
			"needs in a circle": many(n, func(i int, c *result.Check) {
				c.Verdict, c.Reason, c.Detail = result.Skip, result.BecauseNeeds, fmt.Sprintf("check-%d", (i+1)%n)
			}),
			"a cause each": many(n, func(i int, c *result.Check) {
				address := fmt.Sprintf("100.%d.%d.%d", i/62500, i/250%250, i%250+1)
				c.Verdict, c.Results = result.Fail, []result.Result{{Host: address, Address: address, Proto: "tcp", Ports: "443", State: result.Closed, Failure: result.FailRefused}}
			}),
		} {
			b.Run(fmt.Sprintf("%s/diagnose/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					diagnosed(r)
				}
			})
			for _, f := range report.Formats() {
				b.Run(fmt.Sprintf("%s/%s/%d", name, f.Name, n), func(b *testing.B) {
					for b.Loop() {
						if err := f.Write(io.Discard, r, report.Options{Unicode: true}); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

func many(n int, change func(i int, c *result.Check)) *result.Report {
	cs := make([]result.Check, n)
	for i := range cs {
		cs[i].ID = fmt.Sprintf("check-%d", i)
		change(i, &cs[i])
	}
	return newSample("many", cs...)
}
