package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"netcheck/report/result"
)

// offline holds that a report that a run wrote is diagnosed again, without the
// network that it is about, to the same report; and that it can be shown.
func offline(t *testing.T, raw []byte) {
	t.Helper()
	show := func(args ...string) string {
		var out, said bytes.Buffer
		s := newStreams(bytes.NewReader(raw), &out, &said, []string{"LANG=C.UTF-8"}, false)
		s.execute(append([]string{"report", "show", "-"}, args...), func() {})
		if said.Len() > 0 {
			t.Errorf("report show %s says: %s", strings.Join(args, " "), said.Bytes())
		}
		return out.String()
	}
	if diff := cmp.Diff(string(raw), show("--format", "json")); diff != "" {
		t.Errorf("diagnosed again offline it differs:\n%s", diff)
	}
	for _, l := range strings.Split(show(), "\n") {
		if ansi.StringWidth(l) > 80 && !strings.Contains(l, "netcheck run ") {
			t.Errorf("wider than 80 columns: %q", l)
		}
	}
	show("--verbose")
}

// endsSoon holds that a run ends soon after its probes, whatever it looks at once
// more. Who asks for nmap waits for it.
func endsSoon(t *testing.T, r *result.Report, flags string) {
	t.Helper()
	soon := 5 * time.Second
	if strings.Contains(flags, "--nmap") {
		soon += 30 * time.Second
	}
	if len(r.Machines) > 1 {
		return // each of them held it by itself
	}
	var probed time.Duration
	for i := range r.Checks {
		for j := range r.Checks[i].Steps {
			s := &r.Checks[i].Steps[j]
			probed = max(probed, time.Duration(s.Start+s.Duration))
		}
	}
	if after := time.Duration(r.Duration) - probed; after > soon {
		t.Errorf("it ended %s after its probes", after)
	}
}
