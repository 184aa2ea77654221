package result

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// checkKey is what a check is known by in both reports: machines are numbered
// by each report for itself.
type checkKey struct{ role, id string }

// testedChecks are the checks of a report of which something is known.
type testedChecks struct {
	roles  []string // of the report's machines
	keys   []checkKey
	checks map[checkKey]*Check
}

// tested finds them. Of two checks that are known by the same none may count for
// both: the one that fails would be lost behind the other.
func tested(n Named) (*testedChecks, error) {
	r := n.Report
	t := &testedChecks{checks: map[checkKey]*Check{}}
	of := map[string]string{}
	for i := range r.Machines {
		role := roleOf(r, i)
		of[r.Machines[i].ID] = role
		if !slices.Contains(t.roles, role) {
			t.roles = append(t.roles, role)
		}
	}
	if len(t.roles) == 0 { // a report whose machines were lost
		t.roles = []string{r.Profile.Role}
	}
	seen := map[checkKey]bool{}
	for i := range r.Checks {
		c := &r.Checks[i]
		role, ok := of[c.Machine]
		if !ok {
			role = t.roles[0]
		}
		key := checkKey{role, c.ID}
		if seen[key] {
			return nil, fmt.Errorf("%s: the report is damaged: two checks of one machine are called %q", n.Name, c.ID)
		}
		seen[key] = true
		if !untested(c) {
			t.checks[key] = c
			t.keys = append(t.keys, key)
		}
	}
	return t, nil
}

// roleOf is a machine's part in the product: that of the whole run, where there
// is only the one.
func roleOf(r *Report, i int) string {
	if role := r.Machines[i].Role; role != "" || len(r.Machines) > 1 {
		return role
	}
	return r.Profile.Role
}

// untested tells a check that nobody meant to run there.
func untested(c *Check) bool {
	switch c.Verdict {
	case Elsewhere, NotApplicable:
		return true
	case Skip:
		return c.Reason == BecauseSelection
	}
	return false
}

// caused are a report's causes, of the machines that both reports are of.
func caused(r *Report, shared map[string]bool) []Caused {
	of := map[string]string{}
	for i := range r.Machines {
		of[r.Machines[i].ID] = roleOf(r, i)
	}
	var all []Caused
	for i := range r.Findings {
		f := &r.Findings[i]
		role := r.Profile.Role
		if len(f.Machines) > 0 {
			role = of[f.Machines[0]]
		}
		if shared[role] || len(r.Machines) == 0 {
			all = append(all, Caused{Role: role, Finding: f})
		}
	}
	return all
}

// settles tells whether the report can say that a cause is gone: one of the checks
// that failed for it has a clear result.
func (t *testedChecks) settles(gone Caused) bool {
	return slices.ContainsFunc(gone.Finding.Checks, func(id string) bool {
		c := t.checks[checkKey{gone.Role, id}]
		return c != nil && standing(c.Verdict) != unknownStanding
	})
}

// unmatched are the causes that have no like among the others.
func unmatched(all, others []Caused) []Caused {
	var left []Caused
	for _, c := range all {
		alike := func(o Caused) bool {
			return o.Role == c.Role && o.Finding.Code == c.Finding.Code && agree(o.Finding.At, c.Finding.At)
		}
		if !slices.ContainsFunc(others, alike) && !slices.ContainsFunc(left, alike) {
			left = append(left, c)
		}
	}
	return left
}

// facts are what a machine's side of the network was like, by the names that the
// report has for it.
func facts(r *Report, role string) map[string]any {
	for i := range r.Machines {
		if roleOf(r, i) != role {
			continue
		}
		m := &r.Machines[i]
		all := map[string]any{}
		for name, v := range map[string]string{"name": m.Name, "os": m.OS, "gateway": m.Gateway, "proxy": m.Proxy, "proxy_script": m.ProxyScript, "zone": m.Zone} {
			if v != "" {
				all[name] = v
			}
		}
		for name, v := range map[string][]string{"addresses": m.Addresses, "gateways": m.Gateways, "resolvers": m.Resolvers} {
			if len(v) > 0 {
				all[name] = slices.Sorted(slices.Values(v))
			}
		}
		var links []string
		for _, l := range m.Interfaces {
			links = append(links, strings.TrimSpace(l.Name+" "+l.State+" "+strconv.Itoa(l.MTU)))
		}
		if len(links) > 0 {
			all["interfaces"] = links
		}
		return all
	}
	return nil
}
