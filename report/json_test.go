package report_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"netcheck/report/result"
)

// A report of many checks is written in parts: it reads as if it were not.
func TestJSONOfManyChecks(t *testing.T) {
	sample := func(from, to int) (above, checks, below string) {
		var cs []result.Check
		for i := from; i < to; i++ {
			cs = append(cs, result.Check{ID: fmt.Sprintf("port-%d", i), Verdict: result.Pass, Results: one(fmt.Sprintf("h%d.example", i), "198.51.100.20", "443", float64(i))})
		}
		r := newSample("many", cs...)
		r.Params = map[string]any{"checks": []any{}, "text": "\n  \"checks\": []"}
		const begin, end = "\n  \"checks\": [", "\n  ]"
		above, rest, ok := strings.Cut(string(asJSON(t, r)), begin)
		at := strings.LastIndex(rest, end)
		if !ok || at < 0 {
			t.Fatalf("no list of checks in %s", rest)
		}
		return above + begin, rest[:at], rest[at:]
	}
	for _, n := range []int{63, 64, 65, 128, 300} {
		var few []string
		above, _, below := sample(0, 10)
		for i := 0; i < n; i += 10 {
			_, checks, _ := sample(i, min(i+10, n))
			few = append(few, checks)
		}
		gotAbove, got, gotBelow := sample(0, n)
		if diff := cmp.Diff(above+strings.Join(few, ",")+below, gotAbove+got+gotBelow); diff != "" {
			t.Errorf("%d checks: %s", n, diff)
		}
	}
}
