package profiles_test

import (
	"errors"
	"strings"
	"testing"

	"netcheck/checks"
	"netcheck/checks/engine"
	"netcheck/profiles"
)

// TestSkeleton holds that what `netcheck new` writes is a valid profile, that
// its examples are once they are used, and that it asks for one value.
func TestSkeleton(t *testing.T) {
	kinds := engine.ProfileKinds(checks.Kinds())
	p, err := profiles.Load("new.yaml", []byte(profiles.Skeleton()), kinds)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Bind(nil, "")
	if missing, ok := errors.AsType[*profiles.MissingError](err); !ok || len(missing.Params) != 1 {
		t.Errorf("got %v", err)
	}
	var lines []string
	for line := range strings.Lines(profiles.Skeleton()) {
		example := strings.TrimLeft(line, " ")
		if code, ok := strings.CutPrefix(example, "# "); ok && isCode(code) {
			line = line[:len(line)-len(example)] + code
		}
		lines = append(lines, line)
	}
	all := strings.Join(lines, "")
	p, err = profiles.Load("new.yaml", []byte(all), kinds)
	if err != nil {
		t.Fatalf("with its examples: %v\n%s", err, all)
	}
	if len(p.Declared) < 5 || len(p.Roles) == 0 || len(p.Params) < 4 {
		t.Errorf("the examples were not found in\n%s", all)
	}
	if _, err := p.Bind(flags("domain=a.example"), ""); err != nil {
		t.Error(err)
	}
}

// isCode tells an example from a sentence.
func isCode(s string) bool {
	for _, start := range []string{"source:", "roles:", "  server:", "  till:", "default_role:", "method:", "  type:", "  choices:", "  default:", "  when:", "  tolerate:", "  level:", "  attest:", "tills:", "  item:", "  example:", "- id:", "  title:", "  http:", "  for_each:", "  from:", "  tcp:", "password:", "  ask:", "  ftp:", "  ssh:", "  fresh:", "  key:"} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	return false
}
