package firewall

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"netcheck/report/result"
)

// fold brings rules together as an admin types them: the ports of one host, then
// the hosts of the same ports.
func (s *Sheet) fold() {
	s.Rules = merge(s.Rules, func(r *Rule) string { return r.key(true, false) }, func(into *Rule, r Rule) { into.Ports = into.Ports.with(r.Ports) })
	s.Rules = covered(s.Rules)
	s.Rules = merge(s.Rules, func(r *Rule) string { return r.key(false, true) }, func(into *Rule, r Rule) {
		into.To.Hosts = union(into.To.Hosts, r.To.Hosts)
		into.Public = union(into.Public, r.Public)
	})
}

// key is what two rules must have in common to become one.
func (r *Rule) key(host, ports bool) string {
	parts := []any{r.Block, r.Direction, r.LAN, r.From, r.To.Roles, r.Proto, r.PublicAt, r.Listed, r.Level, r.Act, r.Policy, r.Proxies, r.IsProxy, r.Data, r.Whole, r.See, r.AsOf, r.Only}
	if host {
		parts = append(parts, r.To.Hosts, r.Public)
	}
	if ports {
		parts = append(parts, r.Ports, r.Apps)
	}
	if r.Direction == Forward { // what is called is not where it ends
		parts = append(parts, r.Ports, r.To.Hosts, r.Public)
	}
	if r.Data && r.Ports.empty() {
		parts = append(parts, "unknown")
	}
	return fmt.Sprintf("%#v", parts)
}

// merge joins the rules that have the same key, where the first of them stands.
func merge(rules []Rule, key func(*Rule) string, join func(*Rule, Rule)) []Rule {
	var out []Rule
	at := map[string]int{}
	for _, r := range rules {
		k := key(&r)
		i, ok := at[k]
		if !ok {
			at[k] = len(out)
			out = append(out, r)
			continue
		}
		join(&out[i], r)
		out[i].absorb(r)
	}
	return out
}

// covered leaves out what a rule of a graver level, or one that is needed in any
// case, lets through already, and data connections on ports that nobody knows
// beside some that are known.
func covered(rules []Rule) []Rule {
	gone := make([]bool, len(rules))
	alike := map[string][]int{} // those between the same ends
	for i := range rules {
		if r := &rules[i]; r.Direction != Forward {
			k := fmt.Sprintf("%#v", []any{r.Block, r.Direction, r.IsProxy, r.Proto, r.From, r.To})
			alike[k] = append(alike[k], i)
		}
	}
	for _, group := range alike {
		cover(rules, group, gone)
	}
	var out []Rule
	for i, r := range rules {
		if !gone[i] {
			out = append(out, r)
		}
	}
	return out
}

// cover marks those of a group that another of it makes needless.
func cover(rules []Rule, group []int, gone []bool) {
	for _, i := range group {
		for _, j := range group {
			a, b := &rules[i], &rules[j]
			if i == j || gone[i] || gone[j] || len(b.Only) > 0 && fmt.Sprint(a.Only) != fmt.Sprint(b.Only) {
				continue
			}
			unknown := a.Data && b.Data && a.Ports.empty() && (!b.Ports.empty() || a.Level.Weight() <= b.Level.Weight())
			inside := !a.Ports.empty() && a.Ports.within(b.Ports) && a.Data == b.Data && a.Policy == b.Policy && a.Level.Weight() <= b.Level.Weight()
			if !unknown && !inside {
				continue
			}
			rules[j].absorb(rules[i])
			gone[i] = true
		}
	}
}

// absorb takes over another rule's reasons.
func (r *Rule) absorb(o Rule) {
	for _, t := range o.Why {
		if !slices.ContainsFunc(r.Why, func(w result.Text) bool { return maps.Equal(w, t) }) {
			r.Why = append(slices.Clip(r.Why), t)
		}
	}
	if o.Level.Weight() > r.Level.Weight() {
		r.Level = o.Level
	}
	r.Features = union(r.Features, o.Features)
	r.Checks = union(r.Checks, o.Checks)
	r.Apps = union(r.Apps, o.Apps)
	r.See = union(r.See, o.See)
	r.Whole = r.Whole || o.Whole
}

func union(a, b []string) []string {
	out := slices.Clip(a)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// everyMachine heads the rules that are not of one machine alone.
const everyMachine = "*"

// machine is the role in whose part of the sheet a rule stands.
func (s *Sheet) machine(r *Rule) string {
	if r.To.DNS && len(r.From.Roles) > 1 {
		return everyMachine
	}
	roles := r.To.Roles
	if r.Direction == Out || len(roles) == 0 || s.Role != "" && !slices.Contains(roles, s.Role) {
		roles = r.From.Roles
	}
	if len(roles) == 0 {
		return ""
	}
	return roles[0]
}

// sort puts the rules in the profile's order of machines, and those of one in the
// order of what can't be done without.
func (s *Sheet) sort() {
	at := func(role string) int {
		for i, r := range s.Profile.Roles {
			if r.ID == role {
				return i
			}
		}
		return len(s.Profile.Roles)
	}
	directions := []Direction{Out, Forward, In}
	slices.SortStableFunc(s.Rules, func(a, b Rule) int {
		return cmp.Or(
			cmp.Compare(at(s.machine(&a)), at(s.machine(&b))),
			cmp.Compare(slices.Index(directions, a.Direction), slices.Index(directions, b.Direction)),
			cmp.Compare(b.Level.Weight(), a.Level.Weight()),
			last(a.Block, b.Block),
		)
	})
}

// last orders what is so behind what is not.
func last(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
