package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
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
