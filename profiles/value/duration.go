package value

import (
	"fmt"
	"strings"
	"time"

	"github.com/invopop/jsonschema"
)

// Duration is 90s, 15m, 36h or 5d.
type Duration time.Duration

// maxDuration is longer than anything a shop waits for, and far from overflow.
const maxDuration = 10 * 365 * 24 * time.Hour

// UnmarshalYAML reads a duration.
func (d *Duration) UnmarshalYAML(n *Node) error {
	s, err := Scalar(n, "a duration, such as 90s, 15m, 36h or 5d")
	if err != nil {
		return err
	}
	v, err := ParseDuration(s)
	if err != nil {
		return At(n, "%s", err)
	}
	*d = Duration(v)
	return nil
}

// ParseDuration reads a duration: parts such as 1h30m or 1.5h, or days.
func ParseDuration(s string) (time.Duration, error) {
	wrong := fmt.Errorf("%s is not a duration: write 90s, 15m, 36h or 5d", Quote(s))
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, ok := Int(days)
		if !ok || n < 0 {
			return 0, wrong
		}
		if n > int64(maxDuration/(24*time.Hour)) {
			return 0, fmt.Errorf("%s is longer than ten years", Quote(s))
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	v, err := time.ParseDuration(s)
	switch {
	case err != nil || v < 0:
		return 0, wrong
	case v > maxDuration:
		return 0, fmt.Errorf("%s is longer than ten years", Quote(s))
	}
	return v, nil
}

// Std is the duration as the standard library has it.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String is the duration as a profile would have it, whole days as days.
func (d Duration) String() string {
	const day = 24 * time.Hour
	v := time.Duration(d)
	if v != 0 && v%day == 0 {
		return fmt.Sprintf("%dd", v/day)
	}
	s := v.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// JSONSchema is the schema of a duration.
func (Duration) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+d|([0-9.]+(h|m|s|ms|us|µs|ns))+)$`, Description: "90s, 15m, 36h or 5d"}
}
