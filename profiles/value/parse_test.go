package value_test

import (
	"strings"
	"testing"

	"netcheck/profiles/value"
)

// A reader that stops at its bound does not know how long the file is.
func TestParseTooLong(t *testing.T) {
	_, ps := value.Parse([]byte("a: " + strings.Repeat("x", 3<<20)))
	if len(ps) != 1 || !strings.Contains(ps[0].Message, "more than 1 MiB") {
		t.Errorf("got %v", ps)
	}
}
