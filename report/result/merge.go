package result

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Named is a report with a name by which people know it: its file's.
type Named struct {
	Name   string
	Report *Report
}

// Merging is what happened to the reports that were merged.
type Merging struct {
	Report   *Report
	Replaced []Replaced
	Differs  []Difference
}

// Replaced is a run that a later one of the same machine took the place of.
type Replaced struct{ Older, Newer, Role string }

// Difference is a parameter that the runs had different values of.
type Difference struct {
	Param  string
	Values []Valued // in the order of the machines
}

// Valued is a value, and the role of the machine whose run had it.
type Valued struct {
	Role  string
	Value any
}

// Merge joins the runs of one profile in several roles into one report, in
// which each check has the result of every machine that made it. A merged report
// can be merged again; the order of the reports does not matter. The machines
// are m1, m2, and so on, in the order of the profile's roles.
//
// What a diagnosis had said is left out: the whole must be diagnosed anew.
func Merge(named ...Named) (*Merging, error) {
	if len(named) == 0 {
		return nil, errors.New("there is no report to merge")
	}
	m := &merge{place: map[string]int{}, order: map[string]int{}}
	for _, n := range named {
		if err := m.agrees(n); err != nil {
			return nil, err
		}
		if err := m.take(n); err != nil {
			return nil, err
		}
	}
	if err := m.replace(); err != nil {
		return nil, err
	}
	m.join()
	return &Merging{Report: m.into, Replaced: m.replaced, Differs: m.differences()}, nil
}

// merge is a merging under way.
type merge struct {
	first    Named          // to which the others must fit
	place    map[string]int // of a role on the path
	order    map[string]int // of a check in the profile, as far as a report's order tells
	parts    []*part
	replaced []Replaced
	into     *Report
}

// part is one machine's run, as if it had a report to itself.
type part struct {
	name string // of the report that it was found in
	role string
	Report
	handover []Handover
}

// agrees holds that a report is of the same profile as the first.
func (m *merge) agrees(n Named) error {
	if m.first.Report == nil {
		m.first = n
		for i, r := range n.Report.Profile.Roles {
			m.place[r.ID] = i
		}
		return nil
	}
	a, b := &m.first.Report.Profile, &n.Report.Profile
	switch {
	case !alikeRedacted(m.first.Report, n.Report):
		return fmt.Errorf("%s and %s have not the same pseudonyms for the same things\n%s", m.first.Name, n.Name, redactAlike)
	case a.ID != b.ID:
		return fmt.Errorf("%s is of the profile %q, and %s of %q: only runs of one profile can be merged", m.first.Name, a.ID, n.Name, b.ID)
	case a.SHA256 != b.SHA256, !slices.EqualFunc(a.Roles, b.Roles, func(x, y Role) bool { return x.ID == y.ID }):
		return fmt.Errorf("%s and %s are of different versions of the profile %q: %s and %s\nrun it on both machines from the same file, or with the same version of netcheck", m.first.Name, n.Name, a.ID, versionOf(a), versionOf(b))
	}
	return nil
}

// alikeRedacted tells whether two reports call the same by the same name.
func alikeRedacted(a, b *Report) bool { return reflect.DeepEqual(a.Redacted, b.Redacted) }

const redactAlike = "redact both by one key (--redact-key), or what comes of both"

// versionOf tells versions of a profile apart: its revision, and what its file
// holds.
func versionOf(p *Profile) string {
	const enough = 12
	sum := strconv.Quote(p.SHA256[:min(enough, len(p.SHA256))])
	if p.Revision == "" {
		return "sha256 " + sum
	}
	return fmt.Sprintf("revision %q, sha256 %s", p.Revision, sum)
}

// take takes a report apart into the runs of its machines.
func (m *merge) take(n Named) error {
	r := n.Report
	if len(r.Machines) == 0 {
		return fmt.Errorf("%s: the report is damaged: it names no machine", n.Name)
	}
	of := map[string]*part{}
	for i := range r.Machines {
		own := r.Machines[i]
		if of[own.ID] != nil {
			return fmt.Errorf("%s: the report is damaged: two of its machines are called %q", n.Name, own.ID)
		}
		p := newPart(n, own)
		of[own.ID] = p
		m.parts = append(m.parts, p)
	}
	seen, distinct := map[[2]string]bool{}, map[string]bool{}
	for i := range r.Checks {
		c := r.Checks[i]
		p := of[c.Machine]
		switch {
		case p == nil:
			return fmt.Errorf("%s: the report is damaged: the check %q is of a machine %q that it does not name", n.Name, c.ID, c.Machine)
		case seen[[2]string{c.Machine, c.ID}]:
			return fmt.Errorf("%s: the report is damaged: two checks of one machine are called %q", n.Name, c.ID)
		}
		seen[[2]string{c.Machine, c.ID}] = true
		if !distinct[c.ID] {
			m.order[c.ID] = max(m.order[c.ID], len(distinct))
			distinct[c.ID] = true
		}
		c.Cause, c.Findings = nil, nil
		p.Checks = append(p.Checks, c)
	}
	for _, f := range r.Followups {
		p := of[f.Machine]
		if p == nil {
			return fmt.Errorf("%s: the report is damaged: a follow-up is of a machine %q that it does not name", n.Name, f.Machine)
		}
		p.Followups = append(p.Followups, f)
	}
	return nil
}

// newPart is a machine's run without its checks.
func newPart(n Named, own Machine) *part {
	r := n.Report
	p := &part{name: n.Name, role: own.Role, Report: *r, handover: r.Handover}
	if p.role == "" && len(r.Machines) == 1 {
		p.role = r.Profile.Role
	}
	if run := own.Run; run != nil {
		p.Tool, p.Started, p.Duration, p.Complete, p.FollowupsCut = run.Tool, run.Started, run.Duration, run.Complete, run.FollowupsCut
		p.Profile.Ref, p.Profile.Args = run.Ref, run.Args
		if whole := r.Lost; whole == nil || run.Lost != nil || whole.Cut == 0 && whole.Schema == 0 && whole.Checks == 0 {
			p.Lost = run.Lost // else the loss may be of any machine
		}
		if run.Params != nil {
			p.Params = run.Params
		}
		p.handover = nil
		for _, i := range run.Handover {
			if i >= 0 && i < len(r.Handover) {
				p.handover = append(p.handover, r.Handover[i])
			}
		}
	}
	own.Run = nil
	p.Machines, p.Checks, p.Followups, p.Findings = []Machine{own}, nil, nil, nil
	return p
}

// replace puts the parts in the order of the path, and leaves one of each role.
// A machine that was looked at again has its later run counted; of two machines
// in one role nobody can tell which the product will use.
func (m *merge) replace() error {
	slices.SortStableFunc(m.parts, func(a, b *part) int {
		return cmp.Or(cmp.Compare(m.at(a.role), m.at(b.role)), cmp.Compare(a.role, b.role), b.Started.Compare(a.Started), cmp.Compare(a.text(), b.text()))
	})
	for i := 1; i < len(m.parts); {
		a, b := m.parts[i-1], m.parts[i]
		if a.role != b.role {
			i++
			continue
		}
		if !sameMachine(&a.Machines[0], &b.Machines[0]) {
			names := []string{a.name, b.name}
			slices.Sort(names)
			which := fmt.Sprintf("both have the role %q", a.role)
			if a.role == "" {
				which = "the profile has no roles"
			}
			return fmt.Errorf("%s and %s are of two machines, and %s: a merged report has one machine to a role\nmerge one of them at a time", names[0], names[1], which)
		}
		if a.text() != b.text() { // else it is the same run, given twice
			m.replaced = append(m.replaced, Replaced{Older: b.name, Newer: a.name, Role: a.role})
		}
		m.parts = slices.Delete(m.parts, i, i+1)
	}
	return nil
}

// at is a role's place on the path; one that the profile does not name is beyond
// it.
func (m *merge) at(role string) int {
	if i, ok := m.place[role]; ok {
		return i
	}
	return len(m.place)
}

// text is a part as text, so that two of them can be told apart.
func (p *part) text() string {
	r := p.Report
	r.Machines = []Machine{r.Machines[0]}
	r.Machines[0].ID = ""
	r.Verdict, r.Summary, r.Handover, r.Lang, r.Profile.Role = "", nil, p.handover, "", ""
	r.Checks = slices.DeleteFunc(slices.Clone(r.Checks), func(c Check) bool { return c.Verdict == Elsewhere })
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Machine = ""; c.Observed != "" {
			c.Verdict, c.Observed, c.Reason = c.Observed, "", ""
		}
		c.Results = slices.Clone(c.Results)
		for j := range c.Results {
			c.Results[j].Cause = nil // diagnosis said so
		}
	}
	r.Followups = slices.Clone(r.Followups)
	for i := range r.Followups {
		r.Followups[i].Machine = ""
	}
	b, err := json.Marshal(&r)
	if err != nil {
		return "" // nothing of a report that was read can't be written
	}
	return string(b)
}

// sameMachine tells whether two runs were made on one machine: by its name and
// an address, since tills that were made from one image share their name.
func sameMachine(a, b *Machine) bool {
	if !strings.EqualFold(a.Name, b.Name) || a.OS != b.OS {
		return false
	}
	return reflect.DeepEqual(a.Addresses, b.Addresses) || slices.ContainsFunc(a.Addresses, func(s string) bool { return slices.Contains(b.Addresses, s) })
}

// differences are the parameters that were not the same everywhere.
func (m *merge) differences() []Difference {
	var all []Difference
	for _, name := range m.paramNames() {
		d := Difference{Param: name}
		same := true
		for _, p := range m.parts {
			v, ok := p.Params[name]
			if !ok {
				continue // it was not asked there
			}
			d.Values = append(d.Values, Valued{Role: p.role, Value: v})
			same = same && reflect.DeepEqual(v, d.Values[0].Value)
		}
		if !same {
			all = append(all, d)
		}
	}
	return all
}

func (m *merge) paramNames() []string {
	var names []string
	for _, p := range m.parts {
		for name := range p.Params {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
