package result

import (
	"encoding/json"
	"testing"
)

// A damaged file's time stays on its side of nothing.
func TestDurationTooLong(t *testing.T) {
	for text, long := range map[string]bool{"1e300": true, "9223372036854.775807": true, "-1e300": false} {
		var d Duration
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatal(err)
		}
		if d > 0 != long {
			t.Errorf("%s was read as %v", text, d)
		}
	}
}
