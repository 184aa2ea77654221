// Package diagnosis says why what failed failed, where on the path, and what
// to do: it turns the symptoms that a run recorded into findings, by a table
// of rules. It is pure: it contacts nothing, knows no profile but what the
// report carries of it, and takes every word from report/i18n. A report that
// was saved can be diagnosed again, elsewhere and by a newer netcheck.
//
// What a finding says it must be able to prove: an address is a place only
// where a packet named it, a cause that looks like others names them, and what
// no rule explains is left unexplained.
package diagnosis

import (
	"cmp"
	"slices"
	"strconv"

	"netcheck/report/result"
)

// Diagnose fills in the causes, findings, verdicts and summary of a report, in
// the words of a language. What an earlier diagnosis said is replaced, so that
// it can be repeated.
func Diagnose(r *result.Report, lang string) {
	forget(r)
	r.Lang = lang
	excuse(r)
	vs := views(r)
	var groups []*group
	for _, own := range byMachine(r) { // what one reaches is no control for another
		groups = append(groups, groupsOf(vs[own[0].Machine], own)...)
	}
	groups = lookedElsewhere(r, conclude(r, vs, groups))
	sortByGravity(groups)
	for _, g := range groups {
		g.blame()
	}
	disbelieve(groups)
	soften(r)
	sortByGravity(groups) // by what is left of the verdicts
	for i, g := range groups {
		g.id = "f" + strconv.Itoa(i+1)
		g.mark()
	}
	inherit(r)
	r.Findings = make([]result.Finding, len(groups))
	for i, g := range groups {
		r.Findings[i] = g.finding(r, lang)
	}
	r.Summary, r.Verdict = Judge(r)
}

// byMachine are the checks of each machine, in the report's order of machines.
func byMachine(r *result.Report) [][]*result.Check {
	var ids []string
	of := map[string][]*result.Check{}
	for i := range r.Machines {
		ids = append(ids, r.Machines[i].ID)
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		ids = append(ids, c.Machine)
		of[c.Machine] = append(of[c.Machine], c)
	}
	var all [][]*result.Check
	for _, id := range ids {
		if len(of[id]) > 0 {
			all = append(all, of[id])
			delete(of, id)
		}
	}
	return all
}

// groupsOf are the causes of what went wrong on one machine.
func groupsOf(v *view, checks []*result.Check) []*group {
	table := rules()
	var groups []*group
	byKey := map[string]*group{}
	for _, c := range checks {
		var ds []diagnosed
		for _, s := range slices.Concat(symptoms(v, c), losses(v, c), beside(v, c)) {
			if ru := match(table, s); ru != nil { // else it is a gap, which the report shows as such
				ds = append(ds, diagnosed{symptom: s, rule: ru, cause: ru.cause(s)})
			}
		}
		for _, d := range oneWay(settle(c, ds)) {
			s, ru := d.symptom, d.rule
			key := keyOf(ru, d)
			if s.res != nil && s.res.Inferred {
				d.cause, d.inferred = inferred(d.cause), true
			}
			g := byKey[key]
			if g == nil {
				g = &group{rule: ru}
				byKey[key] = g
				groups = append(groups, g)
			}
			g.members = append(g.members, d)
		}
	}
	return explain(merge(gather(foldBroken(absorb(groups)))))
}

func sortByGravity(groups []*group) {
	slices.SortStableFunc(groups, func(a, b *group) int { return cmp.Compare(b.gravity(), a.gravity()) })
}

func match(table []rule, s *symptom) *rule {
	for i := range table {
		if table[i].fits(s) {
			return &table[i]
		}
	}
	return nil
}

// forget takes back what a diagnosis had filled in.
func forget(r *result.Report) {
	r.Findings = nil
	for i := range r.Checks {
		c := &r.Checks[i]
		c.Cause, c.Findings = nil, nil
		if c.Observed != "" {
			c.Verdict, c.Observed = c.Observed, ""
			if slices.Contains([]result.Reason{result.BecauseDowngrade, result.BecauseTolerate, result.BecauseIllusion, result.BecauseFollowup, result.BecauseProxy, result.BecauseMachine}, c.Reason) {
				c.Reason = ""
			}
		}
		for j := range c.Results {
			c.Results[j].Cause = nil
		}
	}
}

// inherit lets a check that was not run, because one that it needs failed,
// point to the findings that explain it.
func inherit(r *result.Report) {
	at := make(map[string]*result.Check, len(r.Checks))
	for i := range r.Checks {
		at[r.Checks[i].Machine+" "+r.Checks[i].ID] = &r.Checks[i]
	}
	told := make(map[*result.Check]bool, len(r.Checks)) // those that point already, so that a long chain is gone through once
	for i := range r.Checks {
		var chain []*result.Check
		n := &r.Checks[i]
		for n != nil && !told[n] && n.Verdict == result.Skip && n.Reason == result.BecauseNeeds {
			told[n] = true
			chain = append(chain, n)
			n = at[n.Machine+" "+n.Detail]
		}
		if n == nil {
			continue
		}
		for _, c := range chain {
			c.Findings = slices.Clone(n.Findings)
		}
	}
}
