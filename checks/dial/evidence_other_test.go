//go:build !linux && !windows

package dial

import (
	"testing"

	"netcheck/report/result"
)

// wantICMP wants nothing: here the system keeps ICMP errors to itself.
func wantICMP(t *testing.T, got *result.ICMP, _, _ string) {
	t.Helper()
	if got != nil {
		t.Errorf("ICMP error %+v from a system that tells none", got)
	}
}
