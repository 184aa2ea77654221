package checktest

import (
	"fmt"
	"strings"

	"netcheck/checks/engine"
	"netcheck/profiles"
)

// compile puts a check, an item of a profile's list, into a profile of its own
// and takes it through the loader and the engine's planning, as a user's would
// be.
func compile(kinds []engine.Kind, params, item string, values map[string]string) (*engine.Plan, error) {
	p, err := profiles.Load("case.yaml", []byte(profileText(params, item)), engine.ProfileKinds(kinds))
	if err != nil {
		return nil, err
	}
	given := profiles.Values{}
	for name, v := range values {
		given[name] = profiles.Given{Value: v, From: profiles.FromEnvironment}
	}
	b, err := p.Bind(given, "")
	if err != nil {
		return nil, err
	}
	return engine.Compile(b, nil, nil)
}

// itemOf makes an item of a profile's list of the fields of a check.
func itemOf(check string) string {
	return "- id: case\n  title: Case\n" + indent(check, "  ")
}

func profileText(params, item string) string {
	var b strings.Builder
	b.WriteString("netcheck: 1\nid: case\nrevision: 2026-11-21\ntitle: Case\n")
	if params != "" {
		fmt.Fprintf(&b, "params:\n%s", indent(params, "  "))
	}
	fmt.Fprintf(&b, "checks:\n%s", indent(item, "  "))
	return b.String()
}

func indent(text, by string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		b.WriteString(by)
		b.WriteString(line)
	}
	return b.String()
}
