package profiles_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"netcheck/profiles"
)

// bombs are small or plain files that ask for much.
func bombs() map[string]string {
	var levels strings.Builder
	levels.WriteString("a0: &a0 [x]\n")
	for i := 1; i <= 9; i++ {
		levels.WriteString("a" + string(rune('0'+i)) + ": &a" + string(rune('0'+i)) + " [")
		levels.WriteString(strings.Repeat("*a"+string(rune('0'+i-1))+",", 10))
		levels.WriteString("]\n")
	}
	var merges strings.Builder
	merges.WriteString("m0: &m0 {k: v}\n")
	for i := 1; i <= 9; i++ {
		merges.WriteString("m" + string(rune('0'+i)) + ": &m" + string(rune('0'+i)) + "\n  x: {<<: *m" + string(rune('0'+i-1)) + "}\n  y: {<<: *m" + string(rune('0'+i-1)) + "}\n  <<: [")
		merges.WriteString(strings.Repeat("*m"+string(rune('0'+i-1))+",", 10))
		merges.WriteString("]\n")
	}
	var chain, needs, refs, fields strings.Builder
	for i := range 9_999 {
		fmt.Fprintf(&chain, "- {id: c%d, needs: c%d, reach: {host: a}}\n", i, (i+1)%9_999)
		fmt.Fprintf(&needs, "- {id: c%d, needs: [xa%d, xb%d, xc%d], reach: {host: a}}\n", i, i, i, i)
	}
	for i := range 60_000 {
		fmt.Fprintf(&fields, "filed%d: 1\n", i)
	}
	refs.WriteString("netcheck: 1\nid: x\nparams:\n")
	for i := range 20_000 {
		fmt.Fprintf(&refs, "  p%d: {type: port, default: \"${q%d}\"}\n", i, i)
	}
	const head = "netcheck: 1\nid: x\nchecks:\n"
	return map[string]string{
		"long cycle":       head + chain.String(),
		"unknown checks":   head + needs.String(),
		"unknown params":   refs.String(),
		"unknown fields":   fields.String(),
		"aliases":          levels.String(),
		"merges":           merges.String(),
		"alias of itself":  "a: &a [*a]\n",
		"merge of itself":  "a: &a {<<: *a}\n",
		"flow depth":       strings.Repeat("[", 200_000),
		"block depth":      strings.Repeat("- ", 100_000) + "x\n",
		"question depth":   strings.Repeat("? ", 50_000) + "x\n",
		"mapping depth":    strings.Repeat("{a: ", 100_000),
		"too long":         "a: " + strings.Repeat("x", 1<<20),
		"many keys":        strings.Repeat("? a\n: b\n", 100_000),
		"many values":      "a: [" + strings.Repeat("x,", 300_000) + "]",
		"long key":         strings.Repeat("k", 900_000) + ": 1\n",
		"many expressions": "netcheck: 1\nid: x\nchecks: [{id: a, reach: {payload: \"" + strings.Repeat("${a}", 100_000) + "\"}}]\n",
		"long sum":         "netcheck: 1\nid: x\nchecks: [{id: a, reach: {payload: \"${" + strings.Repeat("a + ", 100_000) + "a}\"}}]\n",
	}
}

func TestBombs(t *testing.T) {
	const most = 256 << 20 // bytes allocated in all: a shop's PC has no more to spare
	for name, data := range bombs() {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := load(data)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Fatal("accepted")
			}
			if n := len(err.Error()); n > 64<<10 {
				t.Errorf("an error of %d bytes", n)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > most {
				t.Errorf("took %d bytes", n)
			}
			if took > time.Minute {
				t.Errorf("took %v", took)
			}
			t.Logf("%v, %d KiB, %.80q", took.Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>10, err)
		})
	}
}

func TestTooManyChecks(t *testing.T) {
	p := loadShop(t, "  - {id: a, for_each: names, reach: {host: \"${item}\"}}\n  - {id: b, for_each: names, reach: {host: \"${item}\"}}\n")
	names := make([]any, 6000)
	for i := range names {
		names[i] = fmt.Sprintf("h%d.example", i)
	}
	_, err := p.Bind(profiles.Values{"names": {Value: names}}, "")
	if err == nil || !strings.Contains(err.Error(), "more than 10000 checks") {
		t.Errorf("got %v", err)
	}
}

// TestValuesThatGrow holds that small files can't become large reports.
func TestValuesThatGrow(t *testing.T) {
	hosts := make([]any, 9000)
	for i := range hosts {
		hosts[i] = fmt.Sprintf("h%d.example", i)
	}
	t.Run("lists", func(t *testing.T) {
		p := loadShop(t, manyChecks(200, "reach: {hosts: \"${names}\"}, when_set: names"))
		_, err := p.Bind(profiles.Values{"names": {Value: hosts}}, "")
		if err == nil || !strings.Contains(err.Error(), "the lists come to more than 1000000 elements") {
			t.Errorf("got %.300v", err)
		}
	})
	t.Run("texts", func(t *testing.T) {
		p := loadShop(t, manyChecks(1, "title: \""+strings.Repeat("${names} ", 100)+"\", reach: {host: a.example}"))
		_, err := p.Bind(profiles.Values{"names": {Value: hosts}}, "")
		if err == nil || !strings.Contains(err.Error(), "with its values the text is longer than 16384 bytes") {
			t.Errorf("got %.300v", err)
		}
	})
	t.Run("defaults", func(t *testing.T) {
		var params strings.Builder
		params.WriteString("netcheck: 1\nid: x\nparams:\n  p0: {type: string, default: \"" + strings.Repeat("x", 4000) + "\"}\n")
		for i := 1; i < 20; i++ {
			fmt.Fprintf(&params, "  p%d: {type: string, default: \"%s\"}\n", i, strings.Repeat(fmt.Sprintf("${p%d}", i-1), 150))
		}
		p, err := load(params.String() + "checks: [{id: one, reach: {host: a.example}}]\n")
		if err != nil {
			t.Fatal(err)
		}
		if _, err = p.Bind(nil, ""); err == nil || !strings.Contains(err.Error(), "p1 (its default): longer than 4096 bytes") {
			t.Errorf("got %.300v", err)
		}
	})
}

func manyChecks(n int, body string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  - {id: c%d, %s}\n", i, body)
	}
	return b.String()
}

// TestConditionsThatBranch holds that a question whose answer depends on two
// others, and so on, is answered once.
func TestConditionsThatBranch(t *testing.T) {
	var b strings.Builder
	b.WriteString("netcheck: 1\nid: x\nparams:\n")
	for i := range 200 {
		fmt.Fprintf(&b, "  p%d: {type: host, required_when: {p%d: a.example, p%d: a.example}, default: \"${p%d}\"}\n", i, i+1, i+2, i+1)
	}
	b.WriteString("  p200: {type: host}\n  p201: {type: host}\n")
	p, err := load(b.String() + "checks: [{id: one, when_set: p0, reach: {host: \"${p0}\"}}]\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Bind(nil, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Bind(flags("p201=a.example", "p200=a.example"), ""); err != nil {
		t.Fatal(err)
	}
}
