package profiles

import (
	"regexp"
	"strings"
	"testing"
)

// What the schema says of an id is what the loader holds it to.
func TestIDPattern(t *testing.T) {
	check, profile := regexp.MustCompile(idPattern), regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	for _, s := range []string{
		"", "a", "Z", "9", "-", ".", "_", "a-", "a.b_c-9", "A-b", "-a", "a b", "a\n", "é", "aé", "a\x00", "a:b", "a/b", "a@b", "a[b", "a{b", "a`b",
		strings.Repeat("a", 64), strings.Repeat("a", 65), strings.Repeat("é", 40),
	} {
		if got, want := isCheckID(s), check.MatchString(s); got != want {
			t.Errorf("check %q: %v", s, got)
		}
		if got, want := isProfileID(s), profile.MatchString(s); got != want {
			t.Errorf("profile %q: %v", s, got)
		}
	}
}
