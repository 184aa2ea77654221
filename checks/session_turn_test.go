package checks

import (
	"testing"
	"testing/synctest"
	"time"

	"netcheck/checks/engine"
)

// TestTakeTurn: sessions at one server follow each other; one that hangs keeps
// the next for a while only, and another server none.
func TestTakeTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		trace := engine.NewTrace(&engine.Env{}, time.Now())
		begin := time.Now()
		after := func(what string, want time.Duration) {
			t.Helper()
			if got := time.Since(begin); got != want {
				t.Errorf("%s after %v, want %v", what, got, want)
			}
		}
		first := takeTurn(t.Context(), trace, "ftp.test", 21)
		takeTurn(t.Context(), trace, "other.test", 21)()
		after("another server", 0)
		time.AfterFunc(time.Second, first)
		takeTurn(t.Context(), trace, "ftp.test", 21)
		after("the second", time.Second)
		takeTurn(t.Context(), trace, "ftp.test", 21)
		after("the third", time.Second+turnTakes)
	})
}
