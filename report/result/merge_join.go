package result

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
)

// join makes one report of the parts, which are in their order.
func (m *merge) join() {
	whole := m.parts[0].Report
	r := &whole
	m.into = r
	r.Machines, r.Checks, r.Followups, r.Handover = nil, nil, nil, nil
	r.Findings, r.Verdict, r.Summary = []Finding{}, "", nil
	r.Profile.Role = m.parts[0].role
	r.Duration, r.Complete, r.FollowupsCut, r.Lost = 0, true, true, nil
	r.Params = map[string]any{}
	for i, p := range m.parts {
		p.Machines[0].ID = "m" + strconv.Itoa(i+1)
		if p.Started.Before(r.Started) {
			r.Started = p.Started
		}
		r.Duration += p.Duration
		r.Complete = r.Complete && p.Complete
		r.FollowupsCut = r.FollowupsCut && (p.Complete || p.FollowupsCut)
		for name, v := range p.Params {
			if _, ok := r.Params[name]; !ok {
				r.Params[name] = v
			}
		}
	}
	r.FollowupsCut = r.FollowupsCut && !r.Complete
	if len(r.Params) == 0 {
		r.Params = nil
	}
	for _, p := range m.parts {
		own := p.Machines[0]
		if len(m.parts) > 1 {
			r.Profile.Role = ""
			own.Role = p.role
			own.Run = m.run(p)
		} else {
			r.Handover, r.Lost = p.handover, p.Lost
		}
		if p.Lost != nil && len(m.parts) > 1 {
			if r.Lost == nil {
				r.Lost = &Lost{}
			}
			r.Lost.Unread = append(r.Lost.Unread, fmt.Sprintf("machines[%d].run", len(r.Machines)))
		}
		r.Machines = append(r.Machines, own)
		for _, f := range p.Followups {
			f.Machine = own.ID
			r.Followups = append(r.Followups, f)
		}
	}
	m.checks()
}

// run is what the whole does not say of a part; the part's texts to pass on
// become the whole's.
func (m *merge) run(p *part) *Run {
	run := &Run{
		Tool: p.Tool, Ref: p.Profile.Ref, Args: p.Profile.Args,
		Started: p.Started, Duration: p.Duration, Complete: p.Complete, FollowupsCut: p.FollowupsCut, Lost: p.Lost,
	}
	if len(p.Params) > 0 && !reflect.DeepEqual(p.Params, m.into.Params) {
		run.Params = maps.Clone(p.Params)
	}
	for _, h := range p.handover {
		at := slices.IndexFunc(m.into.Handover, func(o Handover) bool { return reflect.DeepEqual(h, o) })
		if at < 0 {
			at = len(m.into.Handover)
			m.into.Handover = append(m.into.Handover, h)
		}
		run.Handover = append(run.Handover, at)
	}
	return run
}

// checks puts the parts' checks in the profile's order, those of one declaration
// in the order of the machines. One that is another machine's stays only where no
// machine made it.
func (m *merge) checks() {
	byID := map[string][]Check{}
	for _, p := range m.parts {
		for _, c := range p.Checks {
			c.Machine = p.Machines[0].ID
			all := byID[c.ID]
			switch {
			case len(all) == 0:
				byID[c.ID] = []Check{c}
			case c.Verdict == Elsewhere:
			case len(all) == 1 && all[0].Verdict == Elsewhere:
				all[0] = c
			default:
				byID[c.ID] = append(all, c)
			}
		}
	}
	// A declaration's line is the same in all runs of a profile. A merged report
	// names each id, so that its order is the profile's, too.
	ids := slices.SortedFunc(maps.Keys(byID), func(a, b string) int {
		return cmp.Or(cmp.Compare(byID[a][0].Spec.Line, byID[b][0].Spec.Line), cmp.Compare(m.order[a], m.order[b]), cmp.Compare(a, b))
	})
	m.into.Checks = make([]Check, 0, len(ids))
	for _, id := range ids {
		m.into.Checks = append(m.into.Checks, byID[id]...)
	}
}
