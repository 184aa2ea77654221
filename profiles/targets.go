package profiles

import (
	"cmp"

	"netcheck/profiles/value"
)

// MaxTargets is how many addresses and ports one run may contact: more is no
// longer a check of one shop but a scan of somebody's network.
const MaxTargets = 300_000

// targets holds what a profile contacts in every run, from one role, to the
// limit: of checks that always apply and that may go without a proxy, with one
// host or port for each ${…}. A run counts again, with the values.
func (l *loader) targets() {
	roles := roleIDs(l.p.Roles)
	if len(roles) == 0 {
		roles = []string{""}
	}
	said := make(map[*check]bool)
	for _, role := range roles {
		var over *check
		sum := int64(0)
		for _, c := range l.p.checks {
			if c.targets == 0 || cmp.Or(c.decl.Proxy.Policy, l.p.Proxy) == "required" || !here(c.decl.From, role) {
				continue
			}
			if sum += int64(c.targets); sum > MaxTargets && over == nil {
				over = c
			}
		}
		if over != nil && !said[over] {
			said[over] = true
			l.fail(over.kindAt, "the checks contact %d addresses and ports, more than %d", sum, MaxTargets)
		}
	}
}

// contacts is how many targets a check has in every run, as far as that is
// known before any values are.
func contacts(c *check, body any) int {
	d := c.decl
	n, ok := body.(interface{ Targets() int })
	if !ok || d.ForEach != "" || len(d.When)+len(d.WhenNot)+len(d.WhenSet) > 0 {
		return 0
	}
	return max(0, n.Targets())
}

// least is contacts for a check with ${…}: of each one value, whatever a
// default says. Without a value that is certain, or with a number, which may be
// anything, it is none.
func (l *loader) least(c *check) int {
	s := substitution{templates: l.p.templates, values: make(map[string]any)}
	certain := true
	l.p.templates.in(c.body, func(_ *value.Node, t template) {
		for _, name := range t.params() {
			p := l.p.find(name)
			certain = certain && p.always && p.Type != "int"
			switch {
			case p.Type == "list" || p.Type == "choices":
				s.values[name] = []any{p.sampleItem()}
			case len(p.Choices) > 0:
				s.values[name] = p.Choices[0].ID
			default:
				s.values[name] = sampleOf(p.Type)
			}
		}
	})
	body := c.kind.New()
	if !certain || c.decl.ForEach != "" || len((value.Decoder{Types: &l.types}).Decode(s.node(c.body), body)) > 0 {
		return 0
	}
	return contacts(c, body)
}
