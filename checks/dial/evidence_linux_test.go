package dial

import (
	"testing"

	"netcheck/report/result"
)

func wantICMP(t *testing.T, got *result.ICMP, from, name string) {
	t.Helper()
	if got == nil {
		t.Fatalf("no ICMP error, want %s from %s", name, from)
	}
	if got.From != from || got.Name != name || got.TTL == 0 {
		t.Errorf("ICMP error %+v, want %s from %s, with its TTL", got, name, from)
	}
}

func FuzzParseErrors(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x30\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0b\x00\x00\x00\x71\x00\x00\x00\x02\x03\x0d\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x0a\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m := parseErrors(b); m != nil && (m.Name == "" || m.From == "") {
			t.Errorf("an ICMP error without name or sender: %+v", m)
		}
	})
}
