package dial

import (
	"testing"

	"golang.org/x/sys/windows"

	"netcheck/report/result"
)

// wantICMP wants it if the system tells one, which depends on its version.
func wantICMP(t *testing.T, got *result.ICMP, from, name string) {
	t.Helper()
	if got != nil && (got.From != from || got.Name != name) {
		t.Errorf("ICMP error %+v, want %s from %s", got, name, from)
	}
}

func TestParseErrorInfo(t *testing.T) {
	v4 := [icmpErrorInfo]byte{0: windows.AF_INET, 4: 192, 5: 0, 6: 2, 7: 254, 32: 3, 33: 13}
	wantICMP(t, parseErrorInfo(v4), "192.0.2.254", "admin-prohibited")
	v6 := [icmpErrorInfo]byte{0: windows.AF_INET6, 8: 0x20, 9: 1, 10: 0x0d, 11: 0xb8, 23: 1, 32: 3}
	wantICMP(t, parseErrorInfo(v6), "2001:db8::1", "hop-limit-exceeded")
	if m := parseErrorInfo([icmpErrorInfo]byte{}); m != nil {
		t.Errorf("%+v of no family", m)
	}
}
