package checks

import (
	"net/netip"
	"testing"

	"netcheck/checks/machine"
)

// An end that was used twice is told by the port that was called, or not at all.
func TestElsewhere(t *testing.T) {
	at := netip.MustParseAddrPort
	from := at("203.0.113.9:40000")
	came := func(locals ...string) *sighting {
		w := &sighting{beside: map[machine.Connection]bool{{Local: at("192.168.1.10:7"), Remote: at("203.0.113.9:5")}: false}}
		for _, l := range locals {
			w.pass(machine.Connection{Local: at(l), Remote: from}, false)
		}
		return w
	}
	for _, c := range []struct {
		name   string
		locals []string
		want   string
	}{
		{"nobody", nil, ""},
		{"one", []string{"192.168.1.10:81"}, "192.168.1.10:81"},
		{"one of them at the port that was called", []string{"192.168.1.10:60658", "192.168.1.10:8080"}, "192.168.1.10:8080"},
		{"several", []string{"192.168.1.10:60658", "192.168.1.10:60659", "192.168.1.10:60660"}, ""},
	} {
		got := came(c.locals...).elsewhere(from, 8080)
		if c.want == "" && got.IsValid() || c.want != "" && got != at(c.want) {
			t.Errorf("%s: %s, want %q", c.name, got, c.want)
		}
	}
}
