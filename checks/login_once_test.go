package checks

import (
	"errors"
	"testing"
	"time"

	"netcheck/checks/engine"
	"netcheck/report/result"
)

// TestLoginOnce: a login that a server refused is not offered to it again by
// another check, and one that broke off for another reason is.
func TestLoginOnce(t *testing.T) {
	trace := engine.NewTrace(&engine.Env{}, time.Now())
	for name, c := range map[string]struct {
		failure result.Failure
		want    int
	}{
		"refused":  {result.FailFTPLogin, 1},
		"cut":      {result.FailReset, 3},
		"accepted": {"", 3},
	} {
		offered := 0
		for range 3 {
			said, err := loginAt[string](t.Context(), trace, "ftp "+name, "shop", "secret").try(t.Context(), result.FailFTPLogin, func() (string, error) {
				offered++
				if c.failure == "" {
					return "230", nil
				}
				return "said", engine.Failed(c.failure, errors.New("no"))
			})
			if engine.Classify(err) != c.failure || said == "" {
				t.Errorf("%s: %q, %v", name, said, err)
			}
		}
		if offered != c.want {
			t.Errorf("%s: offered %d times, wanted %d", name, offered, c.want)
		}
		_, err := loginAt[string](t.Context(), trace, "ftp "+name, "shop", "another").try(t.Context(), result.FailFTPLogin, func() (string, error) { return "", nil })
		if err != nil {
			t.Errorf("%s: another password: %v", name, err)
		}
	}
}
